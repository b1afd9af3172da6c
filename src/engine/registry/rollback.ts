/** `rollback`: the version that was in a stage before comes back, by the next tag. Nothing in the workspace changes. */

import { type Call } from '../../base/cancel';
import { type Repo } from '../data/repo';
import { StrataError } from '../errors';
import { type RollbackAnswer, type RollbackArgs } from '../verbs/registry';
import { confirm } from './confirm';
import { makeTag, nextTag } from './makeTag';
import { pushTag } from './pushTag';
import { readRegistry, type Registry } from './readRegistry';
import { isRestorable } from './restorable';
import { holders, isActive, isRegistered, stageVersions, type Version } from './state';
import { checkModel, checkStage, needVersion, unknownModel } from './write';

/**
 * Rolls back. Fails with `registry.emptyStage` {model, stage}, `registry.noEarlier` {model, stage, version}, `registry.inStage`,
 * `registry.unknownVersion`, `git.noIdentity`, `cli.cannotAsk`.
 */
export async function rollback(repo: Repo, args: RollbackArgs, call: Call): Promise<RollbackAnswer> {
  const registry = await readRegistry(repo);
  const stage = checkStage(registry, args.stage);
  const { from, to } = chooseVersions(registry, { model: args.targets[0] ?? '', stage, to: args.to });
  const { model } = to;
  const restorable = await isRestorable(repo, to.commit, call);
  const act = { model, kind: 'assign', stage } as const;
  const plan = { tag: nextTag(registry, act), from: from.name, to: to.name, restorable };
  if (args.dry === true) return plan;
  await confirm(call, args, { code: 'rollback', data: { model, stage, from: from.name, to: to.name } });
  const message = rollbackMessage({ model, stage, from, to }, args.reason?.trim() ?? '');
  const tag = await makeTag(repo, registry, act, { commit: to.commit, message });
  if (args.push === true) await pushTag(registry.git, tag);
  return { ...plan, tag };
}

function chooseVersions(
  registry: Registry,
  { model: name, stage, to }: { readonly model: string; readonly stage: string; readonly to: string | undefined },
): { readonly from: Version; readonly to: Version } {
  checkModel(name);
  const model = registry.models.get(name);
  if (!model) throw unknownModel(registry, name);
  const from = holders(model).get(stage);
  if (!from) throw new StrataError('registry.emptyStage', { model: name, stage });
  if (to !== undefined) {
    const wanted = needVersion(registry, name, to);
    if (wanted === from) throw new StrataError('registry.inStage', { model: name, version: to, stage });
    return { from, to: wanted };
  }
  const before = stageVersions(model, stage).find((one) => one !== from && isRegistered(one) && isActive(one));
  if (!before) throw new StrataError('registry.noEarlier', { model: name, stage, version: from.name });
  return { from, to: before };
}

function rollbackMessage(
  {
    model,
    stage,
    from,
    to,
  }: { readonly model: string; readonly stage: string; readonly from: Version; readonly to: Version },
  reason: string,
): string {
  const first = `Assigning stage ${stage} to artifact ${model} version ${to.name}`;
  const second = `Rollback from ${from.name} to ${to.name}`;
  return [first, '', second, ...(reason === '' ? [] : [`Reason: ${reason}`])].join('\n');
}
