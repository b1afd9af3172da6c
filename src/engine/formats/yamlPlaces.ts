/**
 * Where in a YAML text a value, a key or an expression inside one stands: for messages and for an editor. The text is parsed at the first
 * question only; one that is not valid, or does not hold what is asked for, gives the nearest place that there is.
 */

import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { expressionsIn } from './interpolation';
import { parseTree, type DataPath, type Place, type YamlTree } from './yaml';

/** A key or value of a document, and which expression of its text is meant. */
export interface Spot {
  readonly at: DataPath;
  /** True for the key that the way ends with, not its value. */
  readonly isKey: boolean;
  /** Counted from 0; absent: the whole text. */
  readonly expression?: number;
}

/** Places in one text. */
export class YamlPlaces {
  private tree: YamlTree | undefined;
  private tried = false;

  constructor(private readonly text: string) {}

  /** Line and column of a spot, both from 1. */
  place({ at, isKey, expression }: Spot): Place {
    const tree = this.parsed();
    if (!tree) return { line: 1, column: 1 };
    const node = nodeAt(tree, at, isKey);
    const [start = 0, end = start] = node?.range ?? [];
    const { line, col } = tree.lines.linePos(
      start + (expression === undefined ? 0 : this.inside(start, end, expression)),
    );
    return { line, column: col };
  }

  /** The line of each key of the map at the end of a way, from 1. */
  keyLines(at: DataPath): ReadonlyMap<string, number> {
    const tree = this.parsed();
    const node = tree && nodeAt(tree, at, false);
    const map = tree && isAlias(node) ? node.resolve(tree.document) : node;
    const lines = new Map<string, number>();
    for (const { key } of tree && isMap(map) ? map.items : [])
      if (isScalar(key)) lines.set(String(key.value), tree?.lines.linePos(key.range?.[0] ?? 0).line ?? 1);
    return lines;
  }

  /** Offset of the n-th expression from the start of a scalar; quotes and folds do not matter, as expressions are on one line. */
  private inside(start: number, end: number, n: number): number {
    return expressionsIn(this.text.slice(start, end))[n]?.start ?? 0;
  }

  private parsed(): YamlTree | undefined {
    if (this.tried) return this.tree;
    this.tried = true;
    try {
      this.tree = parseTree(this.text, '');
    } catch {
      this.tree = undefined;
    }
    return this.tree;
  }
}

/** The node at the end of a way, or the last one on it that is there. */
function nodeAt({ document }: YamlTree, at: DataPath, isKey: boolean): Node | undefined {
  let node: unknown = document.contents;
  for (const [i, step] of at.entries()) {
    const inside = isAlias(node) ? node.resolve(document) : node;
    let next: unknown;
    if (isMap(inside)) {
      const pair = inside.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      next = isKey && i === at.length - 1 ? pair?.key : (pair?.value ?? pair?.key);
    } else if (isSeq(inside)) next = inside.items[Number(step)];
    if (next === undefined || next === null) break;
    node = next;
  }
  return (node ?? undefined) as Node | undefined;
}
