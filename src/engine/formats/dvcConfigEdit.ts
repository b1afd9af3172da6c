/**
 * Changes to DVC's configuration files in place: one value set or removed, every other line with its comments as it was (dvc.md §2). New
 * lines look as DVC writes them: four spaces, `['remote "name"']` sections after the others, quotes only where needed.
 */

import { StrataError } from '../errors';
import { configLines } from './dvcConfig';

interface Block {
  readonly section: string;
  /** Index of the header's line, and one past the last line of the section's content. */
  readonly from: number;
  readonly to: number;
}

/** The text with `section.key` set; the section is made when it is not there. Section and key in lower case (`core`, `remote.foo`). */
export function setConfigValue(
  text: string,
  path: string,
  at: { section: string; key: string },
  value: string,
): string {
  const lines = linesOf(text);
  const found = findValue(text, path, at);
  const line = `    ${at.key} = ${quote(value)}`;
  if (found) {
    const comment = found.lines === 1 ? trailingComment(lines[found.from] ?? '') : '';
    lines.splice(found.from, found.lines, `${line}${comment}`);
    return textOf(lines);
  }
  const blocks = blocksOf(text, path);
  const block = blocks.find((one) => one.section === at.section);
  if (block) lines.splice(block.to, 0, line);
  else lines.splice(placeOfNew(blocks, at.section, lines.length), 0, header(at.section), line);
  return textOf(lines);
}

/** The text without `section.key`; a section left without values goes too. Unchanged when the value is not there. */
export function unsetConfigValue(text: string, path: string, at: { section: string; key: string }): string {
  const found = findValue(text, path, at);
  if (!found) return text;
  const lines = linesOf(text);
  lines.splice(found.from, found.lines);
  const rest = textOf(lines);
  const still = configValues(rest, path).some((one) => one.section === at.section);
  return still ? rest : removeConfigSection(rest, path, at.section);
}

/** The text without a whole section. Unchanged when the section is not there. */
export function removeConfigSection(text: string, path: string, section: string): string {
  const block = blocksOf(text, path).find((one) => one.section === section);
  if (!block) return text;
  const lines = linesOf(text);
  lines.splice(block.from, block.to - block.from);
  return textOf(lines);
}

/** The text with a section that holds this one value and nothing else, where it stood before or at the end. */
export function replaceConfigSection(
  text: string,
  path: string,
  section: string,
  [key, value]: readonly [string, string],
): string {
  const others = configValues(text, path).filter((one) => one.section === section && one.key !== key);
  const set = setConfigValue(text, path, { section, key }, value);
  return others.reduce((rest, other) => unsetConfigValue(rest, path, { section, key: other.key }), set);
}

/** The text with a section under another name, behind all others as DVC writes it. Unchanged when the section is not there. */
export function moveConfigSection(text: string, path: string, section: string, to: string): string {
  const block = blocksOf(text, path).find((one) => one.section === section);
  if (!block) return text;
  const lines = linesOf(text);
  const [first = '', ...content] = lines.splice(block.from, block.to - block.from);
  const comment = /\][^\]]*$/.exec(first)?.[0].slice(1) ?? '';
  return textOf([...lines, `${header(to)}${comment}`, ...content]);
}

/**
 * A value with the quotes that reading it back needs.
 * Fails with `config.cannotQuote` on one that holds both kinds of triple quotes: nothing can be written that reads as it.
 */
export function quote(value: string): string {
  const double = value.includes('"');
  const single = value.includes("'");
  if (value.includes('\n') || (double && single)) return inTriple(value);
  if (!needsQuotes(value)) return value;
  return double ? `'${value}'` : `"${value}"`;
}

function inTriple(value: string): string {
  const quotes = ["'''", '"""'].find((one) => !value.includes(one) && !value.endsWith(one[0] ?? ''));
  if (quotes === undefined) throw new StrataError('config.cannotQuote', { value });
  return `${quotes}${value}${quotes}`;
}

function needsQuotes(value: string): boolean {
  return value === '' || /[,#\n]|^[\s'"]|[\s'"]$/.test(value);
}

function header(section: string): string {
  const cut = section.indexOf('.');
  return cut < 0 ? `[${section}]` : `['${section.slice(0, cut)} "${section.slice(cut + 1)}"']`;
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines[lines.length - 1] === '') lines.pop();
  return lines;
}

function textOf(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** The comment after a value with the space before it; a `#` in quotes is none. */
function trailingComment(line: string): string {
  const value = line.slice(line.indexOf('=') + 1).trimStart();
  const quoted = /^(?:'[^']*'|"[^"]*")/.exec(value)?.[0].length ?? 0;
  const hash = value.indexOf('#', quoted);
  if (hash < 0) return '';
  const space = value.slice(quoted, hash);
  return space.slice(space.trimEnd().length) + value.slice(hash);
}

interface FoundValue {
  readonly section: string;
  readonly key: string;
  readonly from: number;
  readonly lines: number;
}

function configValues(text: string, path: string): FoundValue[] {
  let section = '';
  const out: FoundValue[] = [];
  for (const { line, at } of configLines(text, path)) {
    if (line.kind === 'section') section = line.section;
    if (line.kind === 'value') out.push({ section, key: line.key, from: at - 1, lines: line.lines });
  }
  return out;
}

function findValue(text: string, path: string, at: { section: string; key: string }): FoundValue | undefined {
  return configValues(text, path).find((one) => one.section === at.section && one.key === at.key);
}

/** The sections with the range of their lines; comments and blank lines after the last value belong to what follows. */
function blocksOf(text: string, path: string): Block[] {
  const blocks: { section: string; from: number; to: number }[] = [];
  for (const { line, at } of configLines(text, path)) {
    if (line.kind === 'section') blocks.push({ section: line.section, from: at - 1, to: at });
    const last = blocks[blocks.length - 1];
    if (line.kind === 'value' && last) last.to = at - 1 + line.lines;
  }
  return blocks;
}

/** Sections with a name of their own stand last; a plain new one goes before the first of them. */
function placeOfNew(blocks: readonly Block[], section: string, end: number): number {
  if (section.includes('.')) return end;
  return blocks.find((block) => block.section.includes('.'))?.from ?? end;
}
