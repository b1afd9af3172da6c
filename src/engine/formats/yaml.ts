/**
 * YAML in: text to {@link Value}s as ruamel.yaml's safe loader gives them to DVC (dvc.md §6): YAML 1.2 scalars, `<<` expanded, equal keys an
 * error, one document. The grammar is the `yaml` library's; the meaning of scalars, tags and merges is ours. Writing is in `yamlWriter.ts`.
 */

import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Composer,
  LineCounter,
  Parser,
  type Document,
  type Node,
  type Scalar as ScalarNode,
  type YAMLMap,
} from 'yaml';
import { withoutEnd } from '../../base/trim';
import { is, StrataError } from '../errors';
import { parseFast } from './fastYaml';
import { PyKeys } from './pyKeys';
import { float, isDict, isFloat, isInt, keyText, type Dict, type Scalar, type Value } from './values';
import { indentContinued } from './yamlIndent';
import { unescapeQuoted } from './yamlQuoted';
import { resolvePlain, tooManyDigits } from './yamlScalars';
import { findUnprintable, withLineFeeds } from './yamlText';

/** A place in a text; both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A way into nested data: keys of maps, indexes of lists. */
export type DataPath = readonly (string | number)[];

/** Steps that aliases may add to a document; more is an attack or an accident. */
const ALIAS_BUDGET = 100_000;
const MAX_DEPTH = 200;

/**
 * Reads one YAML document; an empty text is null. Fails with `formats.yaml`, `formats.yamlDuplicate`, `formats.yamlTag` or
 * `formats.yamlBomb`, each with path, line and column, or with `formats.tooDeep`.
 */
export function parseYaml(text: string, path: string): Value {
  const fast = parseFast(text);
  return fast === undefined ? parseYamlSlowly(text, path) : fast.value;
}

/** {@link parseYaml} without the short way for regular files; for comparing the two. */
export function parseYamlSlowly(text: string, path: string): Value {
  const parsed = parseTolerantly(text, path);
  return new Reader(parsed, path).value(parsed.document.contents, 0);
}

/** Reads once more with quotes and brackets indented when that was all that was wrong; otherwise the first failure stands. */
function parseTolerantly(written: string, path: string): YamlTree {
  const text = withLineFeeds(written);
  try {
    return parseTree(text, path);
  } catch (error) {
    const indented = is(error, 'formats.yaml') ? indentContinued(text) : text;
    if (indented === text) throw error;
    try {
      return parseTree(indented, path);
    } catch {
      throw error;
    }
  }
}

/** A document of the library with what turns offsets into places. */
export interface YamlTree {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  readonly text: string;
}

/** Parses to the library's tree, for editing and for places. Fails as {@link parseYaml} on wrong grammar. */
export function parseTree(written: string, path: string): YamlTree {
  const text = withLineFeeds(written);
  const lines = new LineCounter();
  refuseUnprintable(text, path);
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  guardDepth(tokens, path);
  const composer = new Composer(OPTIONS);
  const [document, second] = composer.compose(tokens, true, text.length) as Iterable<Document.Parsed>;
  const problem = document?.errors[0];
  const otherVersion = document?.directives.yaml.version === '1.2' ? undefined : 0;
  const offset = problem?.pos[0] ?? second?.range[0] ?? otherVersion;
  if (!document || offset !== undefined) {
    const { line, col } = lines.linePos(offset ?? 0);
    throw new StrataError('formats.yaml', { path, line, column: col, detail: words(problem?.message) });
  }
  return { document, lines, text };
}

function refuseUnprintable(text: string, path: string): void {
  const found = findUnprintable(text);
  if (!found) return;
  const before = text.slice(0, found.at).split('\n');
  const column = (before[before.length - 1] ?? '').length + 1;
  throw new StrataError('formats.yaml', { path, line: before.length, column, detail: found.shown });
}

const OPTIONS = {
  schema: 'failsafe',
  version: '1.2',
  uniqueKeys: false,
  logLevel: 'error',
  keepSourceTokens: true,
} as const;
/** What the library says, without its full stop; there is nothing but a second document that it does not complain of. */
function words(message = 'the file holds more than one document'): string {
  return withoutEnd(message, '.: \n');
}

interface Nested {
  readonly value?: unknown;
  readonly items?: readonly { readonly key?: unknown; readonly value?: unknown }[];
}

/**
 * Refuses tokens nested too deeply. The library makes its tree by recursion, and a stack that overflows inside a regular expression ends the
 * whole process; the tokens themselves are made without recursion, and so is this walk.
 */
function guardDepth(tokens: readonly unknown[], path: string): void {
  let level = tokens;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw new StrataError('formats.tooDeep', { path });
    level = level.flatMap((token) => {
      const { value, items = [] } = (token ?? {}) as Nested;
      return [value, ...items.flatMap((item) => [item.key, item.value])].filter((inner) => typeof inner === 'object');
    });
  }
}

/** The value of one node of a tree, as {@link parseYaml} would give it. */
export function nodeValue(tree: YamlTree, node: unknown, path: string): Value {
  return new Reader(tree, path).value(node, 0);
}

/**
 * Where data lies: the place of the innermost list or map on the way, as DVC's messages name it (`in outs -> 0 -> foo, line 2, column 3`),
 * or undefined when only the whole document is left. `exact` gives the place of the named key or item itself when it exists.
 */
export function locate(text: string, at: DataPath, exact = false): Place | undefined {
  let tree: YamlTree;
  try {
    tree = parseTree(text, '');
  } catch {
    return undefined;
  }
  let node: unknown = tree.document.contents;
  let offset: number | undefined;
  for (const step of at) {
    const found = child(tree.document, node, step);
    if (!found) break;
    node = isAlias(found.node) ? found.node.resolve(tree.document) : found.node;
    const start = isMap(node) || isSeq(node) ? nodeStart(node) : undefined;
    offset = exact ? found.offset : (start ?? offset);
  }
  if (offset === undefined) return undefined;
  const { line, col } = tree.lines.linePos(offset);
  return { line, column: col };
}

/** The member of a collection, with the offset of its key or item. */
function child(
  document: Document,
  node: unknown,
  step: string | number,
): { node: unknown; offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
    return pair && { node: pair.value, offset: (pair.key as ScalarNode).range?.[0] };
  }
  if (!isSeq(node)) return undefined;
  const item = node.items[Number(step)];
  return item === undefined ? undefined : { node: item, offset: nodeStart(item) };
}

function nodeStart(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}

/** Turns nodes into values. */
class Reader {
  private readonly done = new Map<Node, { value: Value; size: number }>();
  private readonly open = new Set<Node>();
  private readonly anchors = new Map<string, Node>();
  private steps = 0;
  /** Flow collections around what is read. */
  private inFlow = 0;

  constructor(
    private readonly tree: YamlTree,
    private readonly path: string,
  ) {}

  value(node: unknown, depth: number): Value {
    if (depth > MAX_DEPTH) throw new StrataError('formats.tooDeep', { path: this.path });
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.alias(node);
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) this.anchors.set(anchor, node as Node);
    if (isScalar(node)) return this.scalar(node);
    return this.collection(node as Node, depth);
  }

  private collection(node: Node, depth: number): Value {
    const before = this.steps;
    this.steps += 1;
    this.open.add(node);
    const tag = shortTag(node.tag);
    if (tag !== undefined && tag !== (isMap(node) ? 'map' : 'seq'))
      this.fail('formats.yamlTag', node, { tag: node.tag ?? '' });
    const flow = (node as { flow?: boolean }).flow === true ? 1 : 0;
    this.inFlow += flow;
    let value: Value;
    if (isMap(node)) value = this.map(node, depth);
    else if (isSeq(node)) value = node.items.map((item) => this.value(isPair(item) ? undefined : item, depth + 1));
    else value = null;
    this.inFlow -= flow;
    this.open.delete(node);
    this.done.set(node, { value, size: this.steps - before });
    return value;
  }

  private map(node: YAMLMap, depth: number): Value {
    const own = new PyKeys();
    let merged: readonly Dict[] | undefined;
    for (const pair of node.items) {
      const keyNode = pair.key;
      if (isMerge(pair)) {
        if (merged && merged.length > 0) this.fail('formats.yamlDuplicate', keyNode, { key: '<<' });
        merged = this.sources(this.value(pair.value, depth + 1), node);
        continue;
      }
      const key = this.key(keyNode, node);
      if (own.has(key) && !node.items.some(isMerge)) this.fail('formats.yamlDuplicate', keyNode, { key: keyText(key) });
      own.set(key, this.value(pair.value, depth + 1));
    }
    return merged ? this.merge(own, merged, node) : own.map;
  }

  /** The maps that are merged, without empty ones. */
  private sources(value: Value, node: YAMLMap): readonly Dict[] {
    const all = Array.isArray(value) ? (value as readonly Value[]) : [value];
    if (!all.every(isDict)) return this.fail('formats.yaml', node, { detail: '<<' });
    return all.filter((source) => source.size > 0);
  }

  /** As ruamel has it: keys of `<<` come before the map's own, which win, and of several merged maps the first wins but stands last. */
  private merge(own: PyKeys, merged: readonly Dict[], node: YAMLMap): Value {
    const all = new PyKeys();
    for (const source of [...merged].reverse()) {
      this.spend(source.size, node);
      all.setAll(source);
    }
    all.setAll(own.map);
    return all.map;
  }

  private key(node: unknown, map: YAMLMap): Scalar {
    if (isScalar(node) && node.type === 'PLAIN' && node.value === '=') return '=';
    // `{a:}` and `[a:]`: to ruamel the colon belongs to the text.
    const end = isScalar(node) && node.type === 'PLAIN' && this.inFlow > 0 ? node.range?.[1] : undefined;
    if (end !== undefined && /^\s*:[,\]}]/.test(this.tree.text.slice(end, end + 100)))
      this.fail('formats.yaml', node, { detail: ':' });
    const value = this.value(node, 0);
    if (isDict(value) || Array.isArray(value)) this.fail('formats.yamlKey', node ?? map, {});
    return value as Scalar;
  }

  private alias(node: Node & { source: string; resolve(document: Document): unknown }): Value {
    // Nodes come in the order of the text, so the anchor seen last is meant; one outside the part that is read is looked up.
    const target = this.anchors.get(node.source) ?? (node.resolve(this.tree.document) as Node | undefined);
    if (!target) return this.fail('formats.yaml', node, { detail: `*${node.source}` });
    if (this.open.has(target)) this.fail('formats.yamlBomb', node, {});
    const known = this.done.get(target);
    this.spend(known?.size ?? 1, node);
    return known ? known.value : this.value(target, 0);
  }

  private spend(size: number, node: unknown): void {
    this.steps += size;
    if (this.steps > ALIAS_BUDGET) this.fail('formats.yamlBomb', node, {});
  }

  private scalar(node: ScalarNode): Value {
    this.steps += 1;
    const text = this.scalarText(node);
    if (tooManyDigits(text)) this.fail('formats.yaml', node, { detail: `${text.slice(0, 20)}…` });
    const tag = shortTag(node.tag);
    if (tag === '!') return resolvePlain(text);
    if (tag === undefined) return node.type === 'PLAIN' ? this.plain(node, text) : text;
    const value = tagged(tag, text);
    if (value === undefined) return this.fail('formats.yamlTag', node, { tag: node.tag ?? '' });
    return value;
  }

  /** What stands for nothing but itself in other places, or only inside brackets, is no value. */
  private plain(node: ScalarNode, text: string): Value {
    if (text === '=' || text === '<<') this.fail('formats.yamlTag', node, { tag: text });
    if (this.inFlow > 0 && /^[?:]/.test(text)) this.fail('formats.yaml', node, { detail: text.slice(0, 1) });
    return resolvePlain(text);
  }

  /** The text of a scalar; a block scalar that ends with the file, without a newline, has none at its end either. */
  private scalarText(node: ScalarNode): string {
    const text = typeof node.value === 'string' ? node.value : (node.source ?? '');
    const [from = 0, to = 0] = node.range ?? [];
    // Empty lines behind a break that is taken away are line feeds, which the library forgets.
    if (node.type === 'QUOTE_DOUBLE' && /\\\r?\n[ \t]*\r?\n/.test(this.tree.text.slice(from, to)))
      return unescapeQuoted(this.tree.text.slice(from + 1, to - 1).replaceAll('\r\n', '\n')) ?? text;
    const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
    const { text: source } = this.tree;
    const open = isBlock && node.range?.[1] === source.length && !source.endsWith('\n');
    return open ? text.replace(/\n$/, '') : text;
  }

  private fail(code: string, node: unknown, data: Readonly<Record<string, string>>): never {
    const { line, col } = this.tree.lines.linePos(nodeStart(node) ?? 0);
    throw new StrataError(code, { path: this.path, line, column: col, ...data });
  }
}

/** True for `<<: …`. Beside one, equal keys are no error to ruamel. */
function isMerge({ key }: { readonly key: unknown }): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.value === '<<';
}

function shortTag(tag: string | undefined): string | undefined {
  return tag?.replace('tag:yaml.org,2002:', '');
}

/** With a tag ruamel takes the words of YAML 1.1. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['yes', 'y', 'true', 'on'].map((word): [string, boolean] => [word, true]),
  ...['no', 'n', 'false', 'off'].map((word): [string, boolean] => [word, false]),
]);

/** The value of a scalar with an explicit tag, or undefined when the tag is unknown or does not fit. */
function tagged(tag: string, text: string): Value | undefined {
  if (tag === 'str') return text;
  const value = resolvePlain(text);
  if (tag === 'null') return null;
  if (tag === 'bool') return BOOLEANS.get(text.toLowerCase());
  if (tag === 'int') return isInt(value) ? value : undefined;
  if (tag === 'float') return isInt(value) ? float(Number(value)) : isFloat(value) ? value : undefined;
  if (tag === 'timestamp') return { $date: text };
  return undefined;
}
