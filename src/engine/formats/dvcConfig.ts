/**
 * DVC's configuration files (dvc.md §2): Python ConfigObj syntax, section and key names in lower case, layers that shadow each other key by key.
 * Sections are named `core`, `cache` … and `remote.<name>`. Writing is in `dvcConfigEdit.ts`.
 */

import { dirname, join } from '../../base/paths';
import { StrataError } from '../errors';
import { CONFIG_KEYS, CONFIG_SECTIONS } from './dvcConfigKeys';

/** A value and where it stands. */
export interface ConfigValue {
  /** A list when an unquoted value holds a comma. */
  readonly value: string | readonly string[];
  /** The file, as given to {@link parseConfig}; relative paths in the value start at its folder. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** Values by section and key: of one file, or of several merged. */
export type DvcConfig = ReadonlyMap<string, ReadonlyMap<string, ConfigValue>>;

/** What one line of a file is. */
type ConfigLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'section'; readonly section: string }
  | {
      readonly kind: 'value';
      readonly key: string;
      readonly value: string | readonly string[];
      readonly lines: number;
    };

const SECTION = /^\[([^[\]]*)\]\s*(?:#.*)?$/;
const QUOTED = /^(['"])(.*)\1$/;

/** How strictly a file is read. */
interface ReadOptions {
  /** Takes sections and keys that DVC does not know, for the sake of taking them out. */
  readonly anyNames?: boolean;
}

/**
 * Reads one file. Fails with `formats.config` {path, line, column} on a line that is neither section nor value, with `formats.configTwice`
 * {section or key} on a repeated one, with `formats.configUnknown` on a section or key that DVC does not know, and with `formats.configRefers`
 * on a value that stands on another which is not there. What values hold is looked at by `dvcConfigCheck.ts`.
 */
export function parseConfig(text: string, path: string, { anyNames = false }: ReadOptions = {}): DvcConfig {
  const config = new Map<string, Map<string, ConfigValue>>();
  let section = '';
  for (const { line, at } of configLines(text, path)) {
    if (line.kind === 'section') {
      section = line.section;
      if (config.has(section))
        throw new StrataError('formats.configTwice', { path, line: at, column: 1, name: section });
      if (!anyNames && !knownSection(section)) throw unknown(path, at, section);
      config.set(section, new Map());
    } else if (line.kind === 'value') {
      const values = config.get(section);
      if (!values || !(anyNames || knownKey(section, line.key)))
        throw unknown(path, at, section === '' ? line.key : `${section}.${line.key}`);
      if (values.has(line.key)) {
        throw new StrataError('formats.configTwice', { path, line: at, column: 1, name: `${section}.${line.key}` });
      }
      values.set(line.key, { value: line.value, path, line: at });
    }
  }
  for (const [name, values] of config) referTo(name, values);
  return config;
}

/** Characters that references may bring into one value; more is an attack or an accident. */
const LONGEST = 1_000_000;

/** Where a reference is filled in: for messages, against circles, and with the characters that may still come. */
interface Filling {
  readonly section: string;
  readonly found: ConfigValue;
  readonly seen: readonly string[];
  readonly budget: { left: number };
}

/** Puts the value of `x` for `%(x)s`, which ConfigObj looks for in the same section; a lone `%` stands for itself. */
function referTo(section: string, values: Map<string, ConfigValue>): void {
  for (const [key, found] of values) {
    const { value } = found;
    if (!String(value).includes('%(')) continue;
    const fill = (text: string): string =>
      filled(text, values, { section, found, seen: [key], budget: { left: LONGEST } });
    values.set(key, { ...found, value: typeof value === 'string' ? fill(value) : value.map(fill) });
  }
}

function filled(text: string, values: ReadonlyMap<string, ConfigValue>, from: Filling): string {
  const parts: string[] = [];
  let done = 0;
  for (let at = text.indexOf('%('); at >= 0; at = text.indexOf('%(', done)) {
    const close = text.indexOf(')', at);
    if (close < 0) break;
    const refers = text[close + 1] === 's';
    parts.push(text.slice(done, refers ? at : close + 1));
    done = close + (refers ? 2 : 1);
    if (refers) parts.push(referred(text.slice(at + 2, close), values, from));
  }
  return parts.join('') + text.slice(done);
}

/** The value under a name, with what it stands on itself. */
function referred(name: string, values: ReadonlyMap<string, ConfigValue>, from: Filling): string {
  const there = values.get(name)?.value;
  from.budget.left -= typeof there === 'string' ? there.length + 1 : 0;
  if (typeof there !== 'string' || from.seen.includes(name) || from.budget.left < 0) {
    const { path, line } = from.found;
    throw new StrataError('formats.configRefers', { path, line, column: 1, name: `${from.section}.${name}` });
  }
  return filled(there, values, { ...from, seen: [...from.seen, name] });
}

function unknown(path: string, line: number, name: string): StrataError {
  return new StrataError('formats.configUnknown', { path, line, column: 1, name });
}

function knownSection(section: string): boolean {
  return (
    section.startsWith('remote.') ||
    section.startsWith('machine.') ||
    section.startsWith('db.') ||
    CONFIG_SECTIONS.has(section)
  );
}

function knownKey(section: string, key: string): boolean {
  const group = section.split('.', 1)[0] ?? '';
  return CONFIG_KEYS.get(group)?.has(key) ?? true;
}

/** The lines of a file and what they are; `at` counts from 1. A value in triple quotes may span several. */
export function configLines(text: string, path: string): { line: ConfigLine; at: number }[] {
  const source = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const out: { line: ConfigLine; at: number }[] = [];
  for (let i = 0; i < source.length; i += 1) {
    const line = readLine(source, i, path);
    out.push({ line, at: i + 1 });
    if (line.kind === 'value') i += line.lines - 1;
  }
  return out;
}

function readLine(source: readonly string[], at: number, path: string): ConfigLine {
  const line = (source[at] ?? '').trim();
  if (line === '' || line.startsWith('#')) return { kind: 'blank' };
  const section = SECTION.exec(line);
  if (section) return { kind: 'section', section: sectionName(unquoted(section[1] ?? '')) };
  const equals = line.indexOf('=');
  const key = unquoted(line.slice(0, Math.max(equals, 0)));
  if (equals < 0 || key === '' || line.startsWith('['))
    throw new StrataError('formats.config', { path, line: at + 1, column: 1 });
  const { value, lines } = readValue(line.slice(equals + 1).trim(), source, at, path);
  return { kind: 'value', key: key.toLowerCase(), value, lines };
}

function unquoted(text: string): string {
  const bare = text.trim();
  return QUOTED.exec(bare)?.[2] ?? bare;
}

/** `remote "Foo"` → `remote.foo`; other names in lower case. */
function sectionName(written: string): string {
  const named = /^\s*(\w+)\s+"(.*)"\s*$/.exec(written);
  return named ? `${named[1]}.${named[2]}`.toLowerCase() : written.trim().toLowerCase();
}

/** Reads what follows `=`: quoted text, text up to a comment, a list of these, or text in triple quotes over several lines. */
function readValue(
  first: string,
  source: readonly string[],
  at: number,
  path: string,
): { value: string | readonly string[]; lines: number } {
  const triple = /^('''|""")/.exec(first)?.[1];
  if (triple !== undefined) return readTriple(first.slice(3), triple, source, { path, at });
  const items: string[] = [];
  let left = first;
  let list = false;
  for (;;) {
    const item = readItem(left);
    if (!item) throw new StrataError('formats.config', { path, line: at + 1, column: 1 });
    list ||= item.more;
    if (item.text !== '' || item.quoted || !list) items.push(item.text);
    if (!item.more) return { value: list ? items : (items[0] ?? ''), lines: 1 };
    left = item.left;
  }
}

/** The first item and what follows its comma; undefined when neither a comma, a comment nor the end follows it. */
function readItem(text: string): { text: string; quoted: boolean; more: boolean; left: string } | undefined {
  const found = ITEM.exec(text);
  if (!found) return undefined;
  const after = text.slice(found[0].length).trimStart();
  if (after !== '' && !/^[,#]/.test(after)) return undefined;
  const inQuotes = found[1] ?? found[2];
  return {
    text: inQuotes ?? found[0].trim(),
    quoted: inQuotes !== undefined,
    more: after.startsWith(','),
    left: after.slice(1).trimStart(),
  };
}

/** One item of a value: quoted, or up to a comma or comment. */
const ITEM = /^(?:'([^']*)'|"([^"]*)"|(?!['"])[^,#]*)/;

/** Text in three quotes, from behind the first of them to the line on which it ends. */
function readTriple(
  first: string,
  quote: string,
  source: readonly string[],
  { path, at }: { path: string; at: number },
): { value: string; lines: number } {
  const parts: string[] = [];
  for (let n = at, line: string | undefined = first; line !== undefined; n += 1, line = source[n]) {
    const end = line.indexOf(quote);
    parts.push(end < 0 ? line : line.slice(0, end));
    if (end < 0) continue;
    if (!/^\s*(?:#[^]*)?$/.test(line.slice(end + 3))) break;
    return { value: parts.join('\n'), lines: parts.length };
  }
  throw new StrataError('formats.config', { path, line: at + 1, column: 1 });
}

/** Layers as one: later ones shadow earlier ones key by key. Order: system, global, project, local. */
export function mergeConfigs(layers: readonly DvcConfig[]): DvcConfig {
  const merged = new Map<string, Map<string, ConfigValue>>();
  for (const layer of layers) {
    for (const [section, values] of layer) {
      const into = merged.get(section) ?? new Map<string, ConfigValue>();
      merged.set(section, into);
      for (const [key, value] of values) into.set(key, value);
    }
  }
  return merged;
}

/** A value as text; a list fails with `formats.configList`, as DVC refuses a url with a bare comma. `core.remote` comes in lower case. */
export function configText(config: DvcConfig, section: string, key: string): string | undefined {
  const found = config.get(section)?.get(key);
  if (!found) return undefined;
  if (typeof found.value !== 'string') {
    throw new StrataError('formats.configList', {
      path: found.path,
      line: found.line,
      column: 1,
      name: `${section}.${key}`,
    });
  }
  return section === 'core' && key === 'remote' ? found.value.toLowerCase() : found.value;
}

/** A value as a list: written with commas, quoted or not (`cache.type`). */
export function configList(config: DvcConfig, section: string, key: string): readonly string[] | undefined {
  const found = config.get(section)?.get(key)?.value;
  if (found === undefined) return undefined;
  return typeof found === 'string' ? found.split(',').map((item) => item.trim()) : found;
}

/** A value as a boolean: `true` or `false` in any case, anything else fails with `formats.configBool`. */
export function configBool(config: DvcConfig, section: string, key: string, otherwise: boolean): boolean {
  const found = config.get(section)?.get(key);
  if (!found) return otherwise;
  const word = String(found.value).toLowerCase();
  if (word === 'true' || word === 'false') return word === 'true';
  throw new StrataError('formats.configBool', {
    path: found.path,
    line: found.line,
    column: 1,
    name: `${section}.${key}`,
  });
}

/** A value as a path or URL: relative paths start at the folder of their file; URLs, absolute paths and `~` stay as written. */
export function configPath(config: DvcConfig, section: string, key: string): string | undefined {
  const text = configText(config, section, key);
  const file = config.get(section)?.get(key)?.path;
  if (text === undefined || file === undefined || isFixedPath(text)) return text;
  return join(dirname(file), text);
}

/** True for what does not depend on the folder it is written in: URLs, absolute paths, `~`. */
export function isFixedPath(path: string): boolean {
  return /^(?:[a-zA-Z][\w+.-]*:\/\/|\/|~|[a-zA-Z]:[\\/])/.test(path);
}

/** Names of the remotes, in order of first mention. */
export function remoteNames(config: DvcConfig): readonly string[] {
  return [...config.keys()]
    .filter((section) => section.startsWith('remote.'))
    .map((section) => section.slice('remote.'.length));
}
