/**
 * A comparison as Markdown for a pull request: the sentence, the interval drawn in text characters, the metrics, what changed, and how we know.
 * What comes from files (names, values, paths) is never read as Markdown; numbers that were worked out are in the reader's locale, values
 * from files stay as they are.
 */

import { visible, type Text } from '../../base/text';
import { figuresOf } from '../stats/sentence';
import { type Interval } from '../stats/verdict';
import { type CompareAnswer, type RunRow, type Verdict } from '../verbs/runs';
import { plainText } from './filter';

/** Renders a comparison in the language of `text`. One part for each run after the first. */
export function renderReport(answer: CompareAnswer, text: Text): string {
  const [a, ...others] = answer.runs;
  if (!a) return '';
  const parts = others.map((b) => {
    const verdicts = answer.verdicts.filter((verdict) => verdict.b_run === b.id);
    const [primary] = verdicts;
    return blocks(
      `## ${text.t('report.title', { a: nameOf(a), b: nameOf(b) })}`,
      runLines(a, b),
      primary ? primaryBlock(primary, text) : text.t('report.nothing'),
      metricsTable(verdicts, text),
      others.length === 1 ? samplesBlock(answer, text) : '',
      others.length === 1 ? changedBlock(answer.changed, text) : '',
      primary ? howBlock(primary, text) : '',
    );
  });
  return `${parts.join('\n\n')}\n`;
}

function blocks(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Text from a file as code, in which nothing is Markdown and nobody is mentioned; bars would end a table's cell. */
function code(value: string): string {
  const clean = visible(value.replace(/\s+/g, ' ').trim()).replaceAll('|', '\\|');
  if (clean === '') return '–';
  const longest = Math.max(0, ...[...clean.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 ? `${fence} ${clean} ${fence}` : `${fence}${clean}${fence}`;
}

/** Text from a file within a sentence. A mention is broken by a space without width. */
function escaped(value: string): string {
  return visible(value.replace(/\s+/g, ' ')).replace(/[\\`*_{}[\]#!|<>~@&]/g, (char) =>
    char === '@' ? '@\u200b' : `\\${char}`,
  );
}

/** The same within HTML. */
function html(value: string): string {
  return visible(value.replace(/\s+/g, ' ')).replace(/[&<>*_`[\]@]/g, (char) =>
    char === '@' ? '@\u200b' : `&#${char.charCodeAt(0)};`,
  );
}

function nameOf(run: RunRow): string {
  return code(run.name);
}

/** Which commits these are, and their other names. */
function runLines(a: RunRow, b: RunRow): string {
  const line = (letter: string, run: RunRow): string => {
    const commit = run.commit === undefined ? [] : [code(run.commit.slice(0, 10))];
    const subject = run.message?.split('\n')[0] ?? '';
    return `- **${letter}** ${[nameOf(run), ...commit, ...run.labels.map(code)].join(' ')}${subject === '' ? '' : ` – ${escaped(subject)}`}`;
  };
  return `${line('A', a)}\n${line('B', b)}`;
}

function sentence(verdict: Verdict, text: Text): string {
  return text.t(verdict.sentence.code, { ...verdict.sentence.data, metric: escaped(verdict.metric) });
}

function primaryBlock(verdict: Verdict, text: Text): string {
  const interval = drawInterval(verdict, text);
  return blocks(`**${sentence(verdict, text)}**`, interval === undefined ? '' : `\`\`\`text\n${interval}\n\`\`\``);
}

/** Columns of the drawing. */
const WIDTH = 49;

/**
 * The interval against zero and the margin: `├──●──┤` on an axis, `│` at zero, `┊` at the margins, and below which side is whose. Undefined
 * without an interval.
 */
export function drawInterval(verdict: Verdict, text: Text): string | undefined {
  const { estimate, ci } = verdict.result as { estimate?: number | null; ci?: Interval | null };
  if (typeof estimate !== 'number' || !ci) return undefined;
  const marks = [0, ...(verdict.margin === undefined ? [] : [-verdict.margin, verdict.margin])];
  const low = Math.min(...marks, ci[0]);
  const high = Math.max(...marks, ci[1]);
  const pad = (high - low) * 0.06 || 1;
  const place = (value: number): number => Math.round(((value - low + pad) / (high - low + 2 * pad)) * (WIDTH - 1));
  const axis = Array.from({ length: WIDTH }, () => ' ');
  for (const mark of marks) axis[place(mark)] = mark === 0 ? '│' : '┊';
  for (let i = place(ci[0]); i <= place(ci[1]); i += 1) axis[i] = axis[i] === '│' ? '┼' : '─';
  axis[place(ci[0])] = '├';
  axis[place(ci[1])] = '┤';
  axis[place(estimate)] = '●';
  return `${axis.join('').trimEnd()}\n${captions(place(0), verdict, text)}`;
}

/** The zero under that of the axis, and below whose side is where. */
function captions(zero: number, { goal }: Verdict, text: Text): string {
  const [left, right] = goal === 'max' ? ['A', 'B'] : ['B', 'A'];
  const side = (who: string): string => text.t('report.sideBetter', { side: who });
  return `${' '.repeat(zero)}0\n← ${side(left ?? '')} · ${side(right ?? '')} →`;
}

function metricsTable(verdicts: readonly Verdict[], text: Text): string {
  if (verdicts.length === 0) return '';
  const head = ['metric', 'a', 'b', 'difference', 'verdict'].map((key) => text.t(`report.column.${key}`));
  const rows = verdicts.map((verdict) => [
    code(verdict.metric),
    sideText(verdict, verdict.a, text),
    sideText(verdict, verdict.b, text),
    differenceText(verdict, text),
    text.t(`report.verdict.${verdict.verdict}`),
  ]);
  return blocks(`### ${text.t('report.metrics')}`, table(head, rows, [0, 4]));
}

function sideText({ unit }: Verdict, side: Verdict['a'], text: Text): string {
  if (!side) return '–';
  return unit === 'points' ? `${text.number(side.value * 100, 1)} %` : text.number(side.value, 4);
}

function differenceText(verdict: Verdict, text: Text): string {
  const { estimate, se, ci, n, mde, needs } = verdict.result as unknown as Parameters<typeof figuresOf>[0];
  if (ci === null || ci === undefined) return '–';
  const figures = figuresOf({ estimate, se, ci, n, mde, needs }, verdict.unit);
  if (!figures) return '–';
  return text.t(verdict.unit === 'points' ? 'report.difference.points' : 'report.difference', { ...figures });
}

/** Columns not in `left` are for numbers and lie right. */
function table(head: readonly string[], rows: readonly (readonly string[])[], left: readonly number[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (left.includes(i) ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

function samplesBlock({ sampleCounts: counts }: CompareAnswer, text: Text): string {
  if (!counts) return '';
  const kinds = ['fixed', 'broken', 'bothWrong', 'bothRight'] as const;
  const rows = kinds.map((kind) => [text.t(`report.samples.${kind}`), text.number(counts[kind], 0)]);
  return blocks(
    `### ${text.t('report.samples')}`,
    table([text.t('report.column.kind'), text.t('report.column.count')], rows, [0]),
  );
}

/** Longer lists are cut. */
const LISTED = 20;

function changedBlock(changed: CompareAnswer['changed'], text: Text): string {
  const params = changed.params.map((item) => [
    code(item.path === 'params.yaml' ? item.key : `${item.path}:${item.key}`),
    code(plainText(item.old)),
    code(plainText(item.new)),
  ]);
  const head = [text.t('report.column.param'), 'A', 'B'];
  const data = changed.data.map((item) => `${code(item.path)} ${shortHash(item.old)} → ${shortHash(item.new)}`);
  const files = changed.code.map((item) => `${code(item.path)} ${text.t(`report.state.${item.state}`)}`);
  const body = blocks(
    params.length > 0 ? table(head, params, [0, 1, 2]) : '',
    list(text.t('report.data'), data, text),
    list(text.t('report.code'), files, text),
    list(text.t('report.environment'), changed.env.map(code), text),
  );
  return blocks(`### ${text.t('report.changed')}`, body === '' ? text.t('report.unchanged') : body);
}

function shortHash(hash: string | undefined): string {
  return hash === undefined ? '–' : code(hash.slice(0, 8));
}

function list(title: string, items: readonly string[], text: Text): string {
  if (items.length === 0) return '';
  const shown = items.slice(0, LISTED).map((item) => `- ${item}`);
  const rest = items.length - shown.length;
  return [`**${title}**`, '', ...shown, ...(rest > 0 ? [`- ${text.t('report.more', { n: rest })}`] : [])].join('\n');
}

function howBlock(verdict: Verdict, text: Text): string {
  const metric = escaped(verdict.metric);
  const lines = verdict.how.map((line) => `- ${text.t(line.label)}: ${text.t(line.code, { ...line.data, metric })}`);
  const summary = text.t('report.how', { metric: html(verdict.metric) });
  return `<details>\n<summary>${summary}</summary>\n\n${lines.join('\n')}\n\n</details>`;
}
