/** `promote`: the gate, then one annotated tag that tells its result and the reason. */

import { type Call } from '../../base/cancel';
import { type Repo } from '../data/repo';
import { StrataError } from '../errors';
import { type GateAnswer, type PromoteAnswer, type PromoteArgs } from '../verbs/registry';
import { confirm } from './confirm';
import { makeTag } from './makeTag';
import { pushTag } from './pushTag';
import { readRegistry, type Registry } from './readRegistry';
import { judgeGate } from './runGate';
import { activeVersions, holders, type Version } from './state';
import { parseLabel } from './tags';
import { checkModel, checkStage, needVersion, unknownModel } from './write';

/**
 * Promotes a version, the highest one unless named. A red gate makes no tag (`tag` is null) unless `override` is given with a reason. Fails with
 * `registry.inStage`, `gate.needsReason`, `registry.unknownModel`, `registry.unknownVersion`, `git.noIdentity`, `cli.cannotAsk`.
 */
export async function promote(repo: Repo, args: PromoteArgs, call: Call): Promise<PromoteAnswer> {
  const registry = await readRegistry(repo);
  const stage = checkStage(registry, args.stage);
  const version = namedVersion(registry, args.targets[0] ?? '');
  const { model, name } = version;
  const reason = args.reason?.trim() ?? '';
  if (args.override === true && reason === '') throw new StrataError('gate.needsReason', {});
  if (holders(registry.models.get(model)).get(stage) === version)
    throw new StrataError('registry.inStage', { model, version: name, stage });
  if ((await registry.git.identity()) === undefined) throw new StrataError('git.noIdentity', {});
  const judged = await judgeGate(repo, registry, { model, run: version.commit, stage }, call);
  const gate = judged.rules.length === 0 ? null : judged;
  if (gate && !gate.pass && args.override !== true) return { tag: null, version: name, gate };
  await confirm(call, args, { code: 'promote', data: { model, version: name, stage } });
  const message = promotionMessage(version, stage, { reason, gate });
  const tag = await makeTag(repo, registry, { model, kind: 'assign', stage }, { commit: version.commit, message });
  if (args.push === true) await pushTag(registry.git, tag);
  return { tag, version: name, gate };
}

function namedVersion(registry: Registry, text: string): Version {
  const label = parseLabel(text);
  checkModel(label.model);
  if (label.version !== undefined) return needVersion(registry, label.model, label.version);
  const model = registry.models.get(label.model);
  if (!model) throw unknownModel(registry, label.model);
  const version = label.stage === undefined ? activeVersions(model)[0] : holders(model).get(label.stage);
  if (!version) throw new StrataError('registry.noVersions', { model: label.model });
  return version;
}

/** First GTO's sentence, then what a reader of the tag wants to know. English, as the words of tags are. */
function promotionMessage(
  { model, name }: Version,
  stage: string,
  { reason, gate }: { readonly reason: string; readonly gate: GateAnswer | null },
): string {
  const lines = [`Assigning stage ${stage} to artifact ${model} version ${name}`, ''];
  if (reason !== '') lines.push(`Reason: ${reason}`);
  if (!gate) return [...lines, 'Gate: no rules'].join('\n');
  const against = gate.against === undefined ? '' : `, against ${gate.against}`;
  lines.push(`Gate: ${gate.pass ? 'pass' : 'fail, overridden'}${against}`);
  for (const { rule, result, value, limit, reason: why } of gate.rules) {
    const facts = why === undefined ? ` (${String(value)}, limit ${String(limit)})` : ` (${why})`;
    lines.push(`- ${rule}: ${result}${facts}`);
  }
  return lines.join('\n');
}
