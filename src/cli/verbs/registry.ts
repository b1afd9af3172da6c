/** `strata registry …`, `gate`, `promote`, `rollback`. */

import { type GateAnswer } from '../../engine/verbs/registry';
import { UsageError } from '../args';
import { boxLines } from './box';
import { type Printer, type View } from './printer';

/** A version as far as the table shows it. */
interface VersionLine {
  readonly artifact: string;
  readonly version: string;
  readonly created_at: string;
  readonly ref: string;
  readonly stages: readonly { readonly stage: string }[];
  readonly registrations: readonly unknown[];
}

/** A model as far as the table shows it. */
interface ModelLine {
  readonly version: string | null;
  readonly stage: Readonly<Record<string, string | null>>;
  readonly registered: boolean;
}

export const registryShow: Printer<'registry.show'> = {
  print: (answer, { output, text }) => {
    const rows = Array.isArray(answer)
      ? versionRows(answer as VersionLine[])
      : modelRows(answer as Record<string, ModelLine>);
    if (rows.length > 1) boxLines(rows).forEach((line) => output.line(line));
    else output.line(text.t('cli.registry.nothing'));
  },
};

/** A name with a star: nothing of the model is registered, a file declares it. */
function modelRows(models: Record<string, ModelLine>): string[][] {
  const entries = Object.entries(models);
  const stages = [...new Set(entries.flatMap(([, model]) => Object.keys(model.stage)))];
  const rows = entries.map(([name, model]) => [
    model.registered ? name : `*${name}`,
    short(model.version ?? '-'),
    ...stages.map((stage) => short(model.stage[stage] ?? '-')),
  ]);
  return [['name', 'latest', ...stages.map((stage) => `#${stage}`)], ...rows];
}

function versionRows(versions: readonly VersionLine[]): string[][] {
  const isRegistered = versions.some((one) => one.registrations.length > 0 || one.stages.length > 0);
  const rows = versions.map((one) => [
    isRegistered ? one.artifact : `*${one.artifact}`,
    short(one.version),
    one.stages.map((stage) => stage.stage).join(', '),
    one.created_at.replace('T', ' '),
    short(one.ref),
  ]);
  return [['artifact', 'version', 'stage', 'created_at', 'ref'], ...rows];
}

/** Ids of commits by their first seven digits. */
function short(name: string): string {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name) ? name.slice(0, 7) : name;
}

export const registryTags: Printer<
  'registry.register' | 'registry.assign' | 'registry.unassign' | 'registry.deprecate'
> = {
  print: ({ tags }, { output, text }) => {
    for (const tag of tags) output.line(text.t('cli.registry.made', { tag }));
    output.note(text.t('cli.registry.push', { tags: tags.map((tag) => `'${tag}'`).join(' ') }));
  },
};

export const gate: Printer<'gate'> = {
  print: (answer, view) => printGate(answer, view),
  exit: (answer) => (answer.rules.length === 0 ? 4 : answer.pass ? 0 : 3),
};

export const promote: Printer<'promote'> = {
  prepare: (args, { spec }) => {
    if (args.stage === undefined) throw new UsageError('missingOption', { option: '--stage' }, spec);
    return Promise.resolve(args);
  },
  print: ({ tag, version, gate: judged }, view) => {
    const { output, text } = view;
    if (judged) printGate(judged, view);
    if (tag === null) output.note(text.t('cli.promote.refused', { version }));
    else output.line(text.t('cli.promote.done', { tag, version }));
  },
  exit: (answer) => (answer.tag === null ? 3 : 0),
};

export const rollback: Printer<'rollback'> = {
  print: ({ tag, from, to, restorable }, { output, text, args }) => {
    output.line(text.t(args.dry === true ? 'cli.rollback.plan' : 'cli.rollback.done', { tag, from, to }));
    if (!restorable) output.note(text.t('cli.rollback.notRestorable', { to }));
  },
};

function printGate(answer: GateAnswer, { output, text }: Pick<View<'gate'>, 'output' | 'text'>): void {
  if (answer.verdict) output.line(text.t(answer.verdict.sentence.code, answer.verdict.sentence.data));
  for (const rule of answer.rules) {
    const sign = { pass: '✓', fail: '✗', unknown: '?' }[rule.result];
    output.line(`${sign} ${text.t(rule.evidence.code, rule.evidence.data)}`);
  }
  if (answer.rules.length > 0)
    output.line(text.t(answer.pass ? 'cli.gate.pass' : 'cli.gate.fail', { model: answer.model }));
  else output.note(text.t(answer.model === '' ? 'cli.gate.noRulesAtAll' : 'cli.gate.noRules', { model: answer.model }));
}
