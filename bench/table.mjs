/** What the bench prints: a line a promise while it goes, one table at the end. */

const number = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const three = ({ min, median, max }) => `${number(min)} / ${number(median)} / ${number(max)}`;
const verdict = ({ met, bar }) => (bar === undefined ? '' : met ? 'met' : 'NOT MET');

/** The cells of a row, as text. */
function cells(row) {
  const ratio = row.ratio ? `${three(row.ratio)} ${row.unit}` : '';
  return [
    row.what,
    row.against,
    row.figure ? `${number(row.ours.median)} ${row.figure}` : three(row.ours),
    row.figure ? `${number(row.other.median)} ${row.figure}` : three(row.other),
    ratio,
    row.best ? number(row.best) : '',
    row.cpu ? number(row.cpu.ratio) : '',
    row.bar ?? '',
    verdict(row),
  ];
}

/** One row as one line. */
export function rowLine(row) {
  const ratio = row.ratio ? ` (${three(row.ratio)} ${row.unit})` : '';
  const figure = row.figure ?? 'ms';
  const bar = row.bar === undefined ? '' : ` · bar ${row.bar}: ${verdict(row)}`;
  return `${row.what}: ${number(row.ours.median)} ${figure}, ${row.against} ${number(row.other.median)} ${figure}${ratio}${bar}`;
}

/** Prints all rows as a table; times in milliseconds. */
export function printTable(rows, { rounds, machine }) {
  const head = ['work', 'against', 'ours, ms', 'other, ms', 'ratio', 'of best times', 'of processor time', 'bar', ''];
  const lines = [head, ...rows.map(cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const render = (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const [first, ...rest] = lines.map(render);
  console.log(`\nmin / median / max of ${rounds} rounds · ${machine.cpus} × ${machine.model} · Node ${machine.node}`);
  console.log(`load of the machine ${machine.load[0].toFixed(1)} before, ${machine.loadAfter[0].toFixed(1)} after\n`);
  console.log([first, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest].join('\n'));
}
