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
import { float, isDict, isFloat, isInt, keyText, pyEqual, type Scalar, type Value } from './values';
import { indentContinued } from './yamlIndent';
import { resolvePlain } from './yamlScalars';

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
function parseTolerantly(text: string, path: string): YamlTree {
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
export function parseTree(text: string, path: string): YamlTree {
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  guardDepth(tokens, path);
  const composer = new Composer(OPTIONS);
  const [document, second] = composer.compose(tokens, true, text.length) as Iterable<Document.Parsed>;
  const problem = document?.errors[0];
  const offset = problem?.pos[0] ?? second?.range[0];
  if (!document || offset !== undefined) {
    const { line, col } = lines.linePos(offset ?? 0);
    throw new StrataError('formats.yaml', { path, line, column: col, detail: words(problem?.message) });
  }
  return { document, lines, text };
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
    let value: Value;
    if (isMap(node)) value = this.map(node, depth);
    else if (isSeq(node)) value = node.items.map((item) => this.value(isPair(item) ? undefined : item, depth + 1));
    else value = null;
    this.open.delete(node);
    this.done.set(node, { value, size: this.steps - before });
    return value;
  }

  private map(node: YAMLMap, depth: number): Value {
    const own = new Map<Scalar, Value>();
    const merged: Value[] = [];
    for (const pair of node.items) {
      const keyNode = pair.key;
      if (isScalar(keyNode) && keyNode.type === 'PLAIN' && keyNode.value === '<<') {
        merged.push(this.value(pair.value, depth + 1));
        continue;
      }
      const key = this.key(keyNode, node);
      if (hasKey(own, key)) this.fail('formats.yamlDuplicate', keyNode, { key: keyText(key) });
      own.set(key, this.value(pair.value, depth + 1));
    }
    return merged.length === 0 ? own : this.merge(own, merged, node);
  }

  /** Keys of `<<` come after the map's own, which win; of several merged maps the first wins. */
  private merge(own: Map<Scalar, Value>, merged: readonly Value[], node: YAMLMap): Value {
    const sources = merged.flatMap((value) => (Array.isArray(value) ? (value as readonly Value[]) : [value]));
    for (const source of sources) {
      if (!isDict(source)) this.fail('formats.yaml', node, { detail: '<<' });
      for (const [key, value] of source) {
        this.spend(1, node);
        if (!hasKey(own, key)) own.set(key, value);
      }
    }
    return own;
  }

  private key(node: unknown, map: YAMLMap): Scalar {
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
    const tag = shortTag(node.tag);
    if (tag === undefined || tag === '!') return node.type === 'PLAIN' ? resolvePlain(text) : text;
    const value = tagged(tag, text);
    if (value === undefined) return this.fail('formats.yamlTag', node, { tag: node.tag ?? '' });
    return value;
  }

  /** The text of a scalar; a block scalar that ends with the file, without a newline, has none at its end either. */
  private scalarText(node: ScalarNode): string {
    const text = typeof node.value === 'string' ? node.value : '';
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

/** True when a key that Python takes as equal is there already. */
function hasKey(map: ReadonlyMap<Scalar, Value>, key: Scalar): boolean {
  if (map.has(key)) return true;
  if (typeof key === 'string') return false;
  for (const other of map.keys()) if (pyEqual(other, key)) return true;
  return false;
}

function shortTag(tag: string | undefined): string | undefined {
  return tag?.replace('tag:yaml.org,2002:', '');
}

/** The value of a scalar with an explicit tag, or undefined when the tag is unknown or does not fit. */
function tagged(tag: string, text: string): Value | undefined {
  if (tag === 'str') return text;
  const value = resolvePlain(text);
  if (tag === 'null') return null;
  if (tag === 'bool') return typeof value === 'boolean' ? value : undefined;
  if (tag === 'int') return isInt(value) ? value : undefined;
  if (tag === 'float') return isInt(value) ? float(Number(value)) : isFloat(value) ? value : undefined;
  if (tag === 'timestamp') return { $date: text };
  return undefined;
}
