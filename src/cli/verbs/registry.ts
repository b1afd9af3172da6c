/** `strata registry …`, `gate`, `promote`, `rollback`. */

import { toJsonText } from '../../engine/formats/json';
import { type GateAnswer } from '../../engine/verbs/registry';
import { tableLines, type Printer, type View } from './printer';

export const registryShow: Printer<'registry.show'> = {
  print: (answer, { output }) => {
    if (Array.isArray(answer)) {
      for (const version of answer as Record<string, unknown>[]) output.line(toJsonText(version));
      return;
    }
    type Row = { version: string | null; stage: Record<string, string | null> };
    const models = Object.entries(answer as Record<string, Row>);
    const stages = [...new Set(models.flatMap(([, row]) => Object.keys(row.stage)))];
    const rows = models.map(([name, row]) => [
      name,
      row.version ?? '-',
      ...stages.map((stage) => row.stage[stage] ?? '-'),
    ]);
    tableLines([['name', 'latest', ...stages.map((stage) => `#${stage}`)], ...rows]).forEach((line) =>
      output.line(line),
    );
  },
};

export const registryTags: Printer<'registry.register' | 'registry.assign' | 'registry.unassign'> = {
  print: (answer, { output }) => answer.lines.forEach((line) => output.line(line)),
};

export const gate: Printer<'gate'> = {
  print: (answer, view) => printGate(answer, view),
  exit: (answer) => (answer.rules.length === 0 ? 4 : answer.pass ? 0 : 3),
};

export const promote: Printer<'promote'> = {
  print: (answer, { output, text, ...view }) => {
    if (answer.gate) printGate(answer.gate, { output, text, ...view });
    output.line(text.t('cli.promote.done', { tag: answer.tag, version: answer.version }));
  },
};

export const rollback: Printer<'rollback'> = {
  print: (answer, { output, text }) => {
    output.line(text.t('cli.rollback.done', { tag: answer.tag, from: answer.from, to: answer.to }));
    if (!answer.restorable) output.note(text.t('cli.rollback.notRestorable', { to: answer.to }));
  },
};

function printGate(answer: GateAnswer, { output, text }: Pick<View<'gate'>, 'output' | 'text'>): void {
  for (const rule of answer.rules) {
    const sign = { pass: '✓', fail: '✗', unknown: '?' }[rule.result];
    output.line(`${sign} ${text.t(rule.evidence.code, rule.evidence.data)}`);
  }
  if (answer.rules.length > 0)
    output.line(text.t(answer.pass ? 'cli.gate.pass' : 'cli.gate.fail', { model: answer.model }));
  else output.line(text.t('cli.gate.noRules', { model: answer.model }));
}
