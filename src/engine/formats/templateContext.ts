/**
 * What expressions of a dvc.yaml can name (dvc.md §11.1): values of params files and `vars`, each with where it comes from. Maps merge deeply;
 * any other second definition is refused. Pure; files are read by whoever fills it.
 *
 * A node keeps its origin when it is handed on: `item` of `foreach: ${models}` still knows that it is `models.small` of `params.yaml`.
 */

import { closest } from '../../base/closest';
import { StrataError, type ErrorData } from '../errors';
import { pyStr } from './pyText';
import { isDate, isDict, isList, isPyFloat, isPyOther, isTuple, type Scalar, type Value } from './values';

/** Where a value was written. */
export interface Origin {
  /** A file from the project's root, or `vars[0]`, `train.vars[0]`; undefined for `item` and `key`. */
  readonly source?: string;
  /** True for a file: then the stage that uses the value depends on it. */
  readonly isFile: boolean;
  /** Keys and indexes from the top of the source. */
  readonly path: readonly string[];
}

/** A value without members. */
export class Leaf {
  constructor(
    readonly value: Scalar,
    readonly origin: Origin,
  ) {}
}

/** A list. */
export class Items {
  constructor(
    readonly items: readonly Node[],
    readonly origin: Origin,
  ) {}
}

/** A map; keys that are no text cannot be named and are left out. */
export class Members {
  constructor(
    readonly members: Map<string, Node>,
    readonly origin: Origin,
  ) {}
}

/** A value with its origin. */
export type Node = Leaf | Items | Members;

/** A value of dvc.yaml in which some parts are nodes already, as in `foreach: [a, ${b}]`. */
export type Mixed = Scalar | Node | readonly Mixed[] | ReadonlyMap<Scalar, Mixed>;

/** True for nodes. */
export function isNode(value: unknown): value is Node {
  return value instanceof Leaf || value instanceof Items || value instanceof Members;
}

/**
 * Gives a value its origin, and every part of it. Fails with `template.value` {source, key, value} on what a template cannot hold: dates, tuples,
 * sets.
 */
export function toNode(value: Mixed, origin: Origin): Node {
  if (isNode(value)) return value;
  if (isMixedList(value)) {
    if (isTuple(value as Value)) refuseValue(pyStr(value as Value), origin);
    return new Items(
      value.map((item, i) => toNode(item, below(origin, String(i)))),
      origin,
    );
  }
  if (value instanceof Map) {
    const members = new Map<string, Node>();
    for (const [key, member] of value as ReadonlyMap<Scalar, Mixed>)
      if (typeof key === 'string') members.set(key, toNode(member, below(origin, key)));
    return new Members(members, origin);
  }
  const scalar = value as Scalar;
  if (isDate(scalar)) refuseValue(scalar.$date, origin);
  if (isPyOther(scalar) && !/^b['"]/.test(scalar.$python)) refuseValue(scalar.$python, origin);
  return new Leaf(scalar, origin);
}

function isMixedList(value: Mixed): value is readonly Mixed[] {
  return Array.isArray(value);
}

function below(origin: Origin, key: string): Origin {
  return { ...origin, path: [...origin.path, key] };
}

function refuseValue(value: string, { source = '', path }: Origin): never {
  throw new StrataError('template.value', { source, key: path.join('.'), value });
}

/** The value of a node, origins left behind. */
export function nodeValue(node: Node): Value {
  if (node instanceof Leaf) return node.value;
  if (node instanceof Items) return node.items.map(nodeValue);
  return new Map([...node.members].map(([key, member]) => [key, nodeValue(member)]));
}

/** The value of something mixed; keys stay as they are. */
export function mixedValue(value: Mixed): Value {
  if (isNode(value)) return nodeValue(value);
  if (isMixedList(value)) return value.map(mixedValue);
  if (value instanceof Map)
    return new Map([...(value as ReadonlyMap<Scalar, Mixed>)].map(([key, member]) => [key, mixedValue(member)]));
  return value as Scalar;
}

/** Which parts of a file have been loaded: undefined stands for all of it, an empty list for all of it by a colon and nothing behind. */
type Loaded = Map<string, readonly string[] | undefined>;

/** The values that expressions can name, at one place of a dvc.yaml. */
export class TemplateContext {
  private constructor(
    private readonly root: Members,
    private readonly loaded: Loaded,
    /** Names that stand before those of `root` and may not be defined again. */
    private readonly own: ReadonlyMap<string, Node>,
  ) {}

  static empty(): TemplateContext {
    return new TemplateContext(new Members(new Map(), { isFile: false, path: [] }), new Map(), new Map());
  }

  /** A copy that may be added to. */
  copy(): TemplateContext {
    return new TemplateContext(copyMembers(this.root), new Map(this.loaded), this.own);
  }

  /** The same values with names of a group's member before them. What is added to the one is seen in the other. */
  withOwn(names: ReadonlyMap<string, Mixed>): TemplateContext {
    const nodes = [...names].map(([name, value]) => [name, toNode(value, { isFile: false, path: [name] })] as const);
    return new TemplateContext(this.root, this.loaded, new Map([...this.own, ...nodes]));
  }

  /** Every name at the top with its node. */
  top(): ReadonlyMap<string, Node> {
    return new Map([...this.root.members, ...this.own]);
  }

  /**
   * Whether `file` or `file:a,b` still has to be read; `keys` undefined stands for the whole file. Fails with `template.loaded` {item} when a
   * part of it is there already.
   */
  wants(path: string, keys: readonly string[] | undefined, item: string): boolean {
    if (!this.loaded.has(path)) return true;
    const before = this.loaded.get(path);
    const some = keys !== undefined && keys.length > 0;
    if (!some && before === undefined) return false;
    const twice = !some || before === undefined || keys.some((key) => before.includes(key));
    if (twice) throw new StrataError('template.loaded', { item });
    return true;
  }

  /**
   * Adds values of a file. Fails as {@link merge}, with `template.noKey` {source, key} when a wanted key is not in it, and with
   * `template.value`.
   */
  addFile(path: string, keys: readonly string[] | undefined, data: ReadonlyMap<Scalar, Value>): void {
    const some = keys !== undefined && keys.length > 0;
    const chosen = some ? new Map(keys.map((key) => [key, memberOf(data, key, path)])) : data;
    this.merge(toNode(chosen, { source: path, isFile: true, path: [] }) as Members);
    const before = this.loaded.get(path);
    this.loaded.set(path, this.loaded.has(path) ? [...(before ?? []), ...(keys ?? [])] : keys);
  }

  /** Adds an inline map of `vars`. Fails as {@link merge}. */
  addInline(source: string, data: ReadonlyMap<Scalar, Value>): void {
    this.merge(toNode(data, { source, isFile: false, path: [] }) as Members);
  }

  /** The node that the steps lead to, or how far they lead: the names there, and the step that is not among them. */
  find(steps: readonly string[]): Node | { readonly names: readonly string[]; readonly missing: number } {
    let node: Node = this.root;
    for (const [i, step] of steps.entries()) {
      const next: Node | undefined = (i === 0 ? this.own.get(step) : undefined) ?? childOf(node, step);
      if (!next) return { names: i === 0 ? [...this.top().keys()] : namesIn(node), missing: i };
      node = next;
    }
    return node;
  }

  /** Fails with `template.redefined` {key, source, other} and `template.reserved` {key, source}. */
  private merge(update: Members): void {
    const taken = [...update.members.keys()].filter((key) => this.own.has(key));
    const [key] = taken;
    if (key !== undefined) throw new StrataError('template.reserved', { key, source: update.origin.source });
    mergeMembers(this.root, update);
  }
}

function memberOf(data: ReadonlyMap<Scalar, Value>, key: string, source: string): Value {
  const value = data.get(key);
  if (value === undefined) throw unknownName('template.noKey', { source, key }, key, namesOf(data));
  return value;
}

function namesOf(data: ReadonlyMap<Scalar, Value>): string[] {
  return [...data.keys()].filter((key) => typeof key === 'string');
}

/** The error for a name that is not there; when one of the others is probably meant, `<code>Near` with that as `near`. */
export function unknownName(code: string, data: ErrorData, name: string, others: Iterable<string>): StrataError {
  const near = closest(name, others);
  return near === undefined ? new StrataError(code, data) : new StrataError(`${code}Near`, { ...data, near });
}

function mergeMembers(into: Members, update: Members): void {
  for (const [key, node] of update.members) {
    const before = into.members.get(key);
    if (before instanceof Members && node instanceof Members) mergeMembers(before, node);
    else if (before)
      throw new StrataError('template.redefined', {
        key: node.origin.path.join('.'),
        source: node.origin.source,
        other: before.origin.source,
      });
    else into.members.set(key, node);
  }
}

/** A copy whose maps may be added to; lists are never changed. */
function copyMembers(node: Members): Members {
  const members = new Map<string, Node>();
  for (const [key, member] of node.members) members.set(key, member instanceof Members ? copyMembers(member) : member);
  return new Members(members, node.origin);
}

function childOf(node: Node, step: string): Node | undefined {
  if (node instanceof Members) return node.members.get(step);
  return node instanceof Items ? itemAt(node, step) : undefined;
}

function namesIn(node: Node): string[] {
  return node instanceof Members ? [...node.members.keys()] : [];
}

/** Negative indexes count from the end; Python takes signs and `_` between digits. */
function itemAt(node: Items, step: string): Node | undefined {
  return /^[-+]?\d+(_\d+)*$/.test(step) ? node.items.at(Number(step.replaceAll('_', ''))) : undefined;
}

/** True for maps and lists, wherever they come from. */
export function isCollection(value: Mixed): boolean {
  return value instanceof Items || value instanceof Members || isMixedList(value) || value instanceof Map;
}

/** What a value is called in messages, as in Python: `list`, `dict`, `str` … */
export function kindOf(value: Value): string {
  if (isList(value)) return isTuple(value) ? 'tuple' : 'list';
  if (isDict(value)) return 'dict';
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int' : 'float';
  return isPyFloat(value) ? 'float' : isDate(value) ? 'date' : 'object';
}
