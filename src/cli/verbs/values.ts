/** `strata params`, `metrics`, their diffs, `runs` and `series`. */

import { type PlainValue } from '../../engine/verbs/pipeline';
import { type ShowAnswer, type ValueDiffAnswer } from '../../engine/verbs/runs';
import { toJsonText } from '../../engine/formats/json';
import { type Text } from '../../base/text';
import { tableLines, type Printer } from './printer';

export const show: Printer<'params' | 'metrics'> = {
  print: (answer, { output, text, parsed }) => {
    const lines = showLines(answer);
    if (lines.length > 1) lines.forEach((line) => output.line(line));
    else output.note(text.t(parsed.verb === 'params' ? 'cli.params.none' : 'cli.metrics.none'));
  },
};

function showLines(answer: ShowAnswer): string[] {
  const rows: string[][] = [['', 'file', 'key', 'value']];
  for (const [rev, { data, error }] of Object.entries(answer)) {
    if (error) rows.push([rev, '', '', `${error.type}: ${error.msg}`]);
    for (const [file, entry] of Object.entries(data ?? {})) {
      if ('error' in entry) rows.push([rev, file, '', `${entry.error.type}: ${entry.error.msg}`]);
      else for (const [key, value] of flatten(entry.data)) rows.push([rev, file, key, value]);
    }
  }
  return tableLines(rows);
}

function flatten(value: PlainValue, prefix = ''): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[prefix, plain(value)]];
  return Object.entries(value).flatMap(([key, item]) => flatten(item, prefix === '' ? key : `${prefix}.${key}`));
}

function plain(value: PlainValue): string {
  return typeof value === 'string' ? value : toJsonText(value);
}

export const valueDiff: Printer<'params.diff' | 'metrics.diff'> = {
  print: (answer, { output, text }) => diffLines(answer, text).forEach((line) => output.line(line)),
};

function diffLines(answer: ValueDiffAnswer, text: Text): string[] {
  const rows = Object.entries(answer).flatMap(([file, keys]) =>
    Object.entries(keys).map(([key, { old, new: now, diff }]) => [
      file,
      key,
      plain(old),
      plain(now),
      diff === undefined ? '' : text.number(diff, 6),
    ]),
  );
  return rows.length === 0 ? [] : tableLines([['file', 'key', 'A', 'B', 'B - A'], ...rows]);
}

export const runs: Printer<'runs'> = {
  print: (answer, { output, text }) => {
    if (answer.length === 0) return;
    const metrics = [...new Set(answer.flatMap((run) => Object.keys(run.last)))];
    const rows = answer.map((run) => [
      run.name,
      text.t(`run.${run.state}`),
      run.start === undefined ? '' : text.date(run.start),
      ...metrics.map((name) => (run.last[name] === undefined ? '' : plain(run.last[name] ?? null))),
      run.labels.join(' '),
    ]);
    tableLines([
      [text.t('cli.runs.name'), text.t('cli.runs.state'), text.t('cli.runs.start'), ...metrics, ''],
      ...rows,
    ]).forEach((line) => output.line(line));
  },
  problems: (answer, { text }) => (answer.length === 0 ? [text.t('cli.runs.none')] : []),
  exit: (answer) => (answer.length === 0 ? 4 : 0),
};

export const series: Printer<'series'> = {
  print: (answer, { output }) => {
    const rows = Object.entries(answer.series).map(([key, s]) => [
      key,
      String(s.n),
      String(s.last[0]),
      String(s.last[1]),
    ]);
    if (rows.length > 0) tableLines([['series', 'n', 'x', 'last'], ...rows]).forEach((line) => output.line(line));
    for (const note of answer.notes) output.note(note);
  },
  problems: (answer, { text, args }) =>
    Object.keys(answer.series).length === 0 ? [text.t('cli.series.none', { path: args.targets.join(', ') })] : [],
  exit: (answer) => (Object.keys(answer.series).length === 0 ? 4 : 0),
};
