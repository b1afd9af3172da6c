/**
 * Changes to an existing YAML file (dvc.md §6): the text is edited in place, so that what does not differ keeps its bytes: comments, order of
 * keys, flow style, block scalars, spelling of numbers. New keys go to the end of their map, vanished ones leave with the comments below them,
 * a list of another length is replaced whole. Where an edit in place would not read back as wanted (anchors, merges), the file is written anew.
 */

import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { is } from '../errors';
import { isDict, isList, sameValue, type Dict, type List, type Scalar, type Value } from './values';
import { nodeValue, parseTree, parseYaml, type YamlTree } from './yaml';
import { renderFlow, renderInBlock, renderItem, renderKey, renderYaml } from './yamlWriter';

/** The text changed so that it reads as `value`. Fails as `parseYaml` when the text is not valid YAML. */
export function updateYaml(text: string, path: string, value: Value): string {
  if (sameValue(parseYaml(text, path), value)) return text;
  const edited = editInPlace(text, path, value);
  return edited !== undefined && reads(edited, path, value) ? edited : renderYaml(value);
}

/** Undefined for what only the tolerant reader reads, and for what the editor leaves to a fresh write. */
function editInPlace(text: string, path: string, value: Value): string | undefined {
  let tree: YamlTree;
  try {
    tree = parseTree(text, path);
  } catch {
    return undefined;
  }
  return new Editor(text, tree, path).run(value);
}

function reads(text: string, path: string, value: Value): boolean {
  try {
    return sameValue(parseYaml(text, path), value);
  } catch (error) {
    if (is(error)) return false;
    throw error;
  }
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Thrown inside for shapes that are not edited in place. */
const UNUSUAL = new Error('unusual');

class Editor {
  private readonly edits: Edit[] = [];
  private readonly newline: string;

  constructor(
    private readonly text: string,
    private readonly tree: YamlTree,
    private readonly path: string,
  ) {
    this.newline = text.includes('\r\n') ? '\r\n' : '\n';
  }

  /** The edited text, or undefined when it cannot be edited in place. */
  run(value: Value): string | undefined {
    const root = this.tree.document.contents;
    if (!isMap(root)) return isBlank(root) ? this.appendDocument(value) : undefined;
    if (!isDict(value) || value.size === 0) return undefined;
    try {
      this.map(root, value);
    } catch (error) {
      if (error === UNUSUAL) return undefined;
      throw error;
    }
    return this.apply();
  }

  /** A text of comments only keeps them above the new content. */
  private appendDocument(value: Value): string {
    const gap = this.text === '' || this.text.endsWith('\n') ? '' : this.newline;
    return `${this.text}${gap}${this.lines(renderYaml(value))}`;
  }

  private apply(): string {
    const order = this.edits.map((edit, i) => ({ ...edit, i })).sort((a, b) => a.start - b.start || a.i - b.i);
    const out: string[] = [];
    let at = 0;
    for (const { start, end, text } of order) {
      if (start < at) return this.text;
      out.push(this.text.slice(at, start), text);
      at = end;
    }
    out.push(this.text.slice(at));
    return out.join('');
  }

  private lines(text: string): string {
    return this.newline === '\n' ? text : text.replaceAll('\n', this.newline);
  }

  private put(start: number, end: number, text: string): void {
    this.edits.push({ start, end, text: this.lines(text) });
  }

  private valueOf(node: unknown): Value {
    return nodeValue(this.tree, node, this.path);
  }

  /** Changes a map so that it holds `wanted`, which is not empty. */
  private map(node: YAMLMap, wanted: Dict): void {
    if (node.flow === true) {
      const [start, end] = rangeOf(node);
      return this.put(start, end, this.flowMap(node, wanted));
    }
    const have = new Set<Scalar>();
    node.items.forEach((pair, i) => {
      const key = this.valueOf(pair.key) as Scalar;
      have.add(key);
      const value = wanted.get(key);
      if (value === undefined) this.removePair(node, i);
      else if (!sameValue(this.valueOf(pair.value), value)) this.changePair(pair, value);
    });
    const kept = node.items.some((pair) => wanted.has(this.valueOf(pair.key) as Scalar));
    if (!kept) throw UNUSUAL;
    this.append(
      node,
      [...wanted].filter(([key]) => !have.has(key)),
    );
  }

  private append(node: YAMLMap, pairs: readonly (readonly [Scalar, Value])[]): void {
    const last = node.items[node.items.length - 1];
    if (!last || pairs.length === 0) return;
    const indent = this.column(keyStart(node.items[0] as Pair));
    const at = this.lineEnd(this.pairEnd(last));
    const gap = at > 0 && this.text[at - 1] !== '\n' ? '\n' : '';
    const margin = ' '.repeat(indent);
    const text = pairs.map(([key, value]) => {
      const head = `${margin}${renderKey(key)}:`;
      return `${head}${renderInBlock(value, indent, head.length)}\n`;
    });
    this.put(at, at, gap + text.join(''));
  }

  /** Takes a pair away with the comments between it and the next one. */
  private removePair(node: YAMLMap, index: number): void {
    const pair = node.items[index] as Pair;
    const next = node.items[index + 1];
    const start = this.lineStart(keyStart(pair));
    const begins = this.text.slice(start, keyStart(pair)).trim() === '';
    if (next && begins) this.put(start, this.lineStart(keyStart(next)), '');
    else if (next) this.put(keyStart(pair), keyStart(next), '');
    else if (begins) this.put(start, this.lineEnd(this.pairEnd(pair)), '');
    else throw UNUSUAL;
  }

  private changePair(pair: Pair, value: Value): void {
    if (this.inside(pair.value, value)) return;
    const colon = colonEnd(pair);
    const indent = this.column(keyStart(pair));
    const block = this.blockStart(pair.value);
    const end = block === undefined ? this.pairEnd(pair) : this.commentEnd(this.pairEnd(pair));
    this.replace(block ?? colon, end, renderInBlock(value, indent, this.column(colon)), colon);
  }

  /** Puts a value in place of another. A block that goes leaves the comment beside its key where it is. */
  private replace(start: number, end: number, text: string, after: number): void {
    const between = this.text.slice(after, start);
    const comment = /^[ \t]*#[^\r\n]*/.exec(between)?.[0] ?? '';
    const closing = end > start && this.text[end - 1] === '\n' ? '\n' : '';
    const past = this.pastSpaces(end);
    if (comment === '') return this.put(after, past, text + closing);
    this.put(after, past, (text.startsWith('\n') ? comment + text : text + comment) + closing);
  }

  /** Past the spaces that end a line here, such as the one that stands after the dash of a null. */
  private pastSpaces(at: number): number {
    const spaces = /^ *(?=\r?\n|$)/.exec(this.text.slice(at, this.lineEnd(at + 1)));
    return at + (spaces?.[0].length ?? 0);
  }

  /** Where a block collection begins, which may be lines below its key. */
  private blockStart(node: unknown): number | undefined {
    return (isMap(node) || isSeq(node)) && node.flow !== true ? rangeOf(node)[0] : undefined;
  }

  /** Changes a collection from within when both are of one kind; false when it must be replaced. */
  private inside(node: unknown, value: Value): boolean {
    if (isMap(node) && isDict(value) && node.items.length > 0 && value.size > 0) {
      const shares = node.items.some((pair) => value.has(this.valueOf(pair.key) as Scalar));
      if (shares) this.map(node, value);
      return shares;
    }
    if (!isSeq(node) || !isList(value) || node.items.length === 0 || value.length === 0) return false;
    if (node.flow === true) {
      const [start, end] = rangeOf(node);
      this.put(start, end, this.flowList(node, value));
      return true;
    }
    if (node.items.length !== value.length) return false;
    this.list(node, value);
    return true;
  }

  private list(node: YAMLSeq, wanted: List): void {
    node.items.forEach((item, i) => {
      const value = wanted[i] as Value;
      if (sameValue(this.valueOf(item), value) || this.inside(item, value)) return;
      const { dash, after } = dashOf(node, i);
      const text = renderItem(value, this.column(dash), this.column(after));
      const block = this.blockStart(item);
      const end = Math.max(after, this.nodeEnd(item));
      this.replace(block ?? after, block === undefined ? end : this.commentEnd(end), text, after);
    });
  }

  /** A flow map with `wanted`: members that stay keep their spelling. */
  private flowMap(node: YAMLMap, wanted: Dict): string {
    const sources = new Map(node.items.map((pair) => [this.valueOf(pair.key) as Scalar, pair]));
    const known = [...sources.keys()].filter((key) => wanted.has(key));
    const order = [...known, ...[...wanted.keys()].filter((key) => !sources.has(key))];
    const members = order.map((key) => {
      const pair = sources.get(key);
      const value = wanted.get(key) ?? null;
      const head = pair ? this.source(pair.key) : renderFlow(key);
      if (value === null) return `${head}:`;
      return `${head}: ${pair ? this.flowMember(pair.value, value) : renderFlow(value)}`;
    });
    return `{${members.join(', ')}}`;
  }

  private flowList(node: YAMLSeq, wanted: List): string {
    const same = node.items.length === wanted.length;
    const members = wanted.map((value, i) => (same ? this.flowMember(node.items[i], value) : renderFlow(value)));
    return `[${members.join(', ')}]`;
  }

  private flowMember(node: unknown, value: Value): string {
    if (sameValue(this.valueOf(node), value)) return this.source(node);
    if (isMap(node) && isDict(value)) return this.flowMap(node, value);
    if (isSeq(node) && isList(value)) return this.flowList(node, value);
    return renderFlow(value);
  }

  /** The text of a node as it stands; one with anchors, tags or over several lines is not moved about. */
  private source(node: unknown): string {
    const [start, end] = rangeOf(node);
    const source = this.text.slice(start, end);
    const marked = (node as { anchor?: string; tag?: string } | null)?.anchor !== undefined;
    if (marked || source.includes('\n') || isAlias(node)) throw UNUSUAL;
    return source;
  }

  private pairEnd(pair: Pair): number {
    return Math.max(colonEnd(pair), this.nodeEnd(pair.value));
  }

  /** Past the last character of a node's content. */
  private nodeEnd(node: unknown): number {
    if (isMap(node) && node.flow !== true && node.items.length > 0) {
      return this.pairEnd(node.items[node.items.length - 1] as Pair);
    }
    if (isSeq(node) && node.flow !== true && node.items.length > 0) {
      const last = node.items.length - 1;
      return Math.max(dashOf(node, last).after, this.nodeEnd(node.items[last]));
    }
    if (node === null || node === undefined) return 0;
    const [start, end] = rangeOf(node);
    return end > start ? end : 0;
  }

  private lineStart(at: number): number {
    return this.text.lastIndexOf('\n', at - 1) + 1;
  }

  /** Past the end of the line that holds the character before `at`. */
  private lineEnd(at: number): number {
    if (at > 0 && this.text[at - 1] === '\n') return at;
    const end = this.text.indexOf('\n', at);
    return end < 0 ? this.text.length : end + 1;
  }

  /** Past the comment beside the last line of a block: it goes with the block. */
  private commentEnd(at: number): number {
    return at + (/^[ \t]*#[^\r\n]*/.exec(this.text.slice(at, this.lineEnd(at)))?.[0].length ?? 0);
  }

  private column(at: number): number {
    return at - this.lineStart(at);
  }
}

function isBlank(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === '' && node.type === 'PLAIN');
}

function rangeOf(node: unknown): readonly [number, number] {
  const range = (node as Node | null | undefined)?.range;
  if (!range) throw UNUSUAL;
  return [range[0], range[1]];
}

function keyStart(pair: Pair): number {
  return rangeOf(pair.key)[0];
}

interface SourceItem {
  readonly start?: readonly { readonly type: string; readonly offset: number }[];
  readonly sep?: readonly { readonly type: string; readonly offset: number }[];
}

/** Past the colon of a pair; explicit `?` keys, tags and anchors are left to a fresh write. */
function colonEnd(pair: Pair): number {
  const token = (pair as { srcToken?: SourceItem }).srcToken;
  const colon = token?.sep?.find((part) => part.type === 'map-value-ind');
  const marked = [...(token?.start ?? []), ...(token?.sep ?? [])].some((part) => /explicit|anchor|tag/.test(part.type));
  if (!colon || marked) throw UNUSUAL;
  return colon.offset + 1;
}

/** The dash of a list's item, and the offset behind it. */
function dashOf(node: YAMLSeq, index: number): { dash: number; after: number } {
  const items = (node as { srcToken?: { items?: readonly SourceItem[] } }).srcToken?.items;
  const parts = items?.[index]?.start ?? [];
  const dash = parts.find((part) => part.type === 'seq-item-ind');
  if (!dash || parts.some((part) => /anchor|tag/.test(part.type))) throw UNUSUAL;
  return { dash: dash.offset, after: dash.offset + 1 };
}
