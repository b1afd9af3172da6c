/** `strata stages`, `dag`, `why` and `resolve`. */

import { toJsonText } from '../../engine/formats/json';
import { type PlainValue, type Reason } from '../../engine/verbs/pipeline';
import { type Text } from '../../base/text';
import { type Printer } from './printer';

export const stages: Printer<'stages'> = {
  print: (answer, { output, text }) => {
    for (const stage of answer.stages) output.line(stage.name);
    if (answer.stages.length + answer.errors.length === 0) output.note(text.t('cli.stages.none'));
  },
  problems: (answer) => answer.errors.map((error) => error.message),
};

export const dag: Printer<'dag'> = {
  print: (answer, { output, args }) => {
    const quote = (name: string): string => JSON.stringify(name);
    if (args.dot) ['strict digraph {', ...answer.nodes.map((n) => `${quote(n)};`)].forEach((line) => output.line(line));
    else if (args.mermaid) output.line('flowchart TD');
    const id = new Map(answer.nodes.map((name, i) => [name, `node${i + 1}`]));
    if (args.mermaid) for (const [name, key] of id) output.line(`\t${key}[${quote(name)}]`);
    for (const [from, to] of answer.edges) {
      if (args.dot) output.line(`${quote(from)} -> ${quote(to)};`);
      else if (args.mermaid) output.line(`\t${id.get(from) ?? ''}-->${id.get(to) ?? ''}`);
      else output.line(`${from} -> ${to}`);
    }
    if (args.dot) output.line('}');
    if (!args.dot && !args.mermaid) {
      const linked = new Set(answer.edges.flat());
      for (const node of answer.nodes.filter((n) => !linked.has(n))) output.line(node);
    }
  },
};

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
