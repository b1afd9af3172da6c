/** `gate`: which rules bind, which runs are meant, and the answer. */

import { type Call } from '../../base/cancel';
import { judgeRuns, runMetric } from '../compare/compare';
import { absolute, type Repo } from '../data/repo';
import { StrataError, is } from '../errors';
import { type GateAnswer, type GateArgs } from '../verbs/registry';
import { GATES_FILE, parseGates, rulesFor, type Gate } from './gates';
import { judgeRule, type GateEvidence, type Judged } from './judgeGate';
import { readRegistry, type Registry } from './readRegistry';
import { activeVersions, findVersion, holders } from './state';
import { parseLabel } from './tags';

/** What is judged. */
export interface GateQuestion {
  readonly model: string;
  /** `workspace`, a commit's id, or anything that names a run. */
  readonly run: string;
  readonly stage?: string;
  /** Instead of what the file says. */
  readonly against?: string;
}

/**
 * Judges the workspace, or the run that is named. Without a model the file has to have just one. Fails with `gate.whichModel` {known}, as
 * `parseGates` does, and as runs are resolved.
 */
export async function gate(repo: Repo, args: GateArgs, call: Call): Promise<GateAnswer> {
  const registry = await readRegistry(repo);
  const gates = await readGates(repo);
  const [asked] = args.targets;
  const names = [...gates.keys()];
  if (asked === undefined && names.length > 1) throw new StrataError('gate.whichModel', { known: names.join(', ') });
  const model = asked ?? names[0] ?? '';
  const run = args.run === undefined ? 'workspace' : ((await runOf(registry, args.run)) ?? args.run);
  const { stage, against } = args;
  const question = {
    model,
    run,
    ...(stage === undefined ? {} : { stage }),
    ...(against === undefined ? {} : { against }),
  };
  return judgeGate(repo, registry, question, call);
}

async function readGates(repo: Repo): Promise<Map<string, Gate>> {
  const text = await repo.host.fs.readText(absolute(repo, GATES_FILE));
  return text === undefined ? new Map() : parseGates(text);
}

/** Judges a model's gate. Without rules nothing was judged: then `pass` is false and `rules` empty. */
export async function judgeGate(
  repo: Repo,
  registry: Registry,
  question: GateQuestion,
  call: Call,
): Promise<GateAnswer> {
  const { model, stage } = question;
  const found = (await readGates(repo)).get(model);
  const against = question.against ?? found?.against;
  const rules = found ? rulesFor(found, stage) : [];
  const answer = { model, ...(against === undefined ? {} : { against }) };
  if (rules.length === 0) return { ...answer, pass: false, rules: [] };
  const evidence = await gatherEvidence(repo, registry, { ...question, against }, call);
  const judged: Judged[] = [];
  for (const { rule } of rules) judged.push(await judgeRule(rule, evidence));
  const verdict = judged.find((one) => one.verdict)?.verdict;
  return {
    ...answer,
    pass: judged.every(({ rule }) => rule.result === 'pass'),
    rules: judged.map(({ rule }) => rule),
    ...(verdict ? { verdict } : {}),
  };
}

async function gatherEvidence(
  repo: Repo,
  registry: Registry,
  question: { readonly model: string; readonly run: string; readonly against: string | undefined },
  call: Call,
): Promise<GateEvidence> {
  const { model, run, against } = question;
  const other = against === undefined ? undefined : await partnerOf(registry, model, against);
  const pair = other === undefined ? undefined : await judgeRuns(repo, other, run, call);
  return {
    against,
    pair,
    value: (metric) => (pair ? Promise.resolve(pair.value(metric)) : runMetric(repo, run, metric, call)),
  };
}

/** The commit to compare with: a stage of the model, one of its versions, else anything that Git or a tag names. */
async function partnerOf(registry: Registry, name: string, against: string): Promise<string | undefined> {
  if (against === 'workspace') return against;
  const model = registry.models.get(name);
  const own = holders(model).get(against) ?? findVersion(model, against);
  return own?.commit ?? runOf(registry, against);
}

/** The commit behind `MODEL@VERSION`, `MODEL#STAGE`, or a revision; undefined when there is none. */
export async function runOf(registry: Registry, text: string): Promise<string | undefined> {
  const label = parseLabel(text);
  const model = registry.models.get(label.model);
  if (label.stage !== undefined) return holders(model).get(label.stage)?.commit;
  if (label.version !== undefined) return findVersion(model, label.version)?.commit;
  if (label.isLatest) return activeVersions(model)[0]?.commit;
  try {
    return await registry.git.resolve(text);
  } catch (error) {
    if (is(error, 'git.badRevision')) return undefined;
    throw error;
  }
}
