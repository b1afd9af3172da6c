/** `strata stages`, `dag`, `why` and `resolve`. */

import { toJsonText } from '../../engine/formats/json';
import { type DagAnswer, type PlainValue, type Reason } from '../../engine/verbs/pipeline';
import { type Text } from '../../base/text';
import { UsageError } from '../args';
import { type Printer } from './printer';

export const stages: Printer<'stages'> = {
  print: (answer, { output, text }) => {
    for (const stage of answer.stages) output.line(stage.name);
    if (answer.stages.length + answer.errors.length === 0) output.note(text.t('cli.stages.none'));
  },
  problems: (answer) => answer.errors.map((error) => error.message),
};

export const dag: Printer<'dag'> = {
  prepare: (args, { spec }) => {
    if (args.outs && args.collapseForeachMatrix)
      throw new UsageError('notTogether', { one: '--outs', other: '--collapse-foreach-matrix' }, spec);
    return Promise.resolve(args);
  },
  print: (answer, { output, args }) => {
    const lines = args.dot
      ? dotLines(answer)
      : args.md
        ? ['```mermaid', ...mermaidLines(answer), '```']
        : args.mermaid
          ? mermaidLines(answer)
          : plainLines(answer);
    for (const line of lines) output.line(line);
  },
};

function dotLines({ nodes, edges }: DagAnswer): string[] {
  const quote = (name: string): string => JSON.stringify(name);
  const arrows = edges.map(([from, to]) => `${quote(from)} -> ${quote(to)};`);
  return ['strict digraph {', ...nodes.map((name) => `${quote(name)};`), ...arrows, '}'];
}

function mermaidLines({ nodes, edges }: DagAnswer): string[] {
  const id = new Map(nodes.map((name, i) => [name, `node${i + 1}`]));
  return [
    'flowchart TD',
    ...[...id].map(([name, key]) => `\t${key}[${JSON.stringify(name)}]`),
    ...edges.map(([from, to]) => `\t${id.get(from) ?? ''}-->${id.get(to) ?? ''}`),
  ];
}

/** One edge a line, then what has none. */
function plainLines({ nodes, edges }: DagAnswer): string[] {
  const linked = new Set(edges.flat());
  return [...edges.map(([from, to]) => `${from} -> ${to}`), ...nodes.filter((name) => !linked.has(name))];
}

export const why: Printer<'why'> = {
  print: (answer, { output, text }) => {
    output.line(text.t(answer.stale ? 'cli.why.stale' : 'cli.why.fresh', { stage: answer.stage }));
    for (const reason of answer.reasons) output.line(`  ${reasonText(reason, text)}`);
    if (answer.cached) output.line(text.t('cli.why.cached'));
  },
};

export const resolve: Printer<'resolve'> = {
  print: (answer, { output }) => {
    for (const [name, definition] of answer) {
      output.line(name);
      for (const [key, value] of Object.entries(definition as Record<string, PlainValue>))
        output.line(`  ${key}: ${typeof value === 'string' ? value : toJsonText(value)}`);
    }
  },
};

/** A reason in words, as in the editor: `lr 0.01 → 0.1`. */
export function reasonText(reason: Reason, text: Text): string {
  const show = (value: unknown): string =>
    typeof value === 'string' ? value : value === undefined ? '∅' : JSON.stringify(value, bigintText);
  if (reason.kind === 'param') return `${reason.key ?? ''} ${show(reason.old)} → ${show(reason.new)}`;
  const key = `reason.state.${reason.state?.replaceAll(' ', '') ?? ''}`;
  const state = text.has(key) ? text.t(key) : (reason.state ?? '');
  const data = { path: reason.path ?? '', state, stage: reason.stage ?? '' };
  return text.t(`reason.${reason.kind}`, data);
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
