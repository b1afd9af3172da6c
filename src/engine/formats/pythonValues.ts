/**
 * Literal expressions of a Python syntax tree as values: what `ast.literal_eval` would give, and nothing else. The tree is known to be valid.
 */

import { type SyntaxNode } from '@lezer/common';
import { bytesText, pythonNumber, pythonString, type Imaginary, type PythonString } from './pythonLiterals';
import { pyFloatText, pyEqual, asNumber, float, isDict, isList, isPyFloat, isTuple, tuple } from './values';
import { pyRepr } from './pyText';
import { type Scalar, type Value } from './values';

/** Thrown where an expression is no literal: then its assignment does not count. */
export const NOT_LITERAL = new Error('not a literal');

/** Thrown where a list, map or set is a key or in a set, at which DVC fails; and at a named character, which cannot be read here. */
export class Unreadable extends Error {
  constructor(readonly at: number) {
    super('unreadable');
  }
}

/** The value of an expression. Throws {@link NOT_LITERAL}, or {@link Unreadable}. */
export function literalOf(node: SyntaxNode, text: string): Value {
  switch (node.name) {
    case 'None':
      return null;
    case 'Boolean':
      return slice(node, text) === 'True';
    case 'Ellipsis':
      return { $python: 'Ellipsis' };
    case 'String':
    case 'ContinuedString':
      return stringValue(node, text);
    case 'ParenthesizedExpression':
      return literalOf(onlyInside(node), text);
    case 'TupleExpression':
      return tuple(itemsOf(node).map((item) => literalOf(item, text)));
    case 'ArrayExpression':
      return itemsOf(node).map((item) => literalOf(item, text));
    case 'SetExpression':
      return setValue(itemsOf(node), text);
    case 'DictionaryExpression':
      return dictValue(node, text);
    case 'CallExpression':
      return emptySet(node, text);
    default:
      return numberValue(node, text);
  }
}

/** The parts of an expression: no brackets, commas, comments. Throws {@link NOT_LITERAL} at a star or a name with a value. */
export function itemsOf(node: SyntaxNode): SyntaxNode[] {
  const items: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (child.name === '*' || child.name === '**') throw NOT_LITERAL;
    if (!PUNCTUATION.has(child.name)) items.push(child);
  }
  return items;
}

const PUNCTUATION = new Set(['(', ')', '[', ']', '{', '}', ',', ':', 'Comment']);

/** The expression in parentheses, however many of them. */
export function unwrapped(node: SyntaxNode): SyntaxNode {
  let inner = node;
  while (inner.name === 'ParenthesizedExpression') inner = onlyInside(inner);
  return inner;
}

function onlyInside(node: SyntaxNode): SyntaxNode {
  const [only] = itemsOf(node);
  if (!only) throw NOT_LITERAL;
  return only;
}

function slice(node: SyntaxNode, text: string): string {
  return text.slice(node.from, node.to);
}

function stringValue(node: SyntaxNode, text: string): Value {
  const parts = node.name === 'String' ? [node] : itemsOf(node);
  if (parts.some((part) => part.name !== 'String')) throw NOT_LITERAL;
  const strings = parts.map((part) => pythonString(slice(part, text))).filter((part): part is PythonString => !!part);
  if (strings.some((part) => part.isNamed)) throw new Unreadable(node.from);
  const joined = strings.map((part) => part.text).join('');
  return strings[0]?.isBytes === true ? { $python: bytesText(joined) } : joined;
}

function dictValue(node: SyntaxNode, text: string): Value {
  const items = itemsOf(node);
  const map = new Map<Scalar, Value>();
  for (let i = 0; i + 1 < items.length; i += 2) {
    const [keyNode, valueNode] = [items[i], items[i + 1]];
    if (!keyNode || !valueNode) break;
    const key = literalOf(keyNode, text);
    const value = literalOf(valueNode, text);
    const hashed = hashable(key, keyNode);
    map.set([...keysLike(map, hashed)][0] ?? hashed, value);
  }
  return map;
}

/** The key that Python takes as equal, if there is one: `1`, `1.0` and `True` are one key. */
function* keysLike(map: ReadonlyMap<Scalar, Value>, key: Scalar): Iterable<Scalar> {
  if (typeof key === 'string' || map.has(key)) return;
  for (const other of map.keys()) if (pyEqual(other, key)) yield other;
}

function hashable(value: Value, node: SyntaxNode): Scalar {
  if (isDict(value) || (isList(value) && !holdsHashable(value)) || isSetText(value)) throw new Unreadable(node.from);
  return isList(value) ? { $python: pyRepr(value) } : value;
}

/** True for tuples of what can be hashed. */
function holdsHashable(value: readonly Value[]): boolean {
  if (!isTuple(value)) return false;
  return value.every((item) => !isDict(item) && !isSetText(item) && (!isList(item) || holdsHashable(item)));
}

function isSetText(value: Value): boolean {
  return typeof value === 'object' && value !== null && '$python' in value && /^(\{|set\()/.test(value.$python);
}

function setValue(nodes: readonly SyntaxNode[], text: string): Value {
  const items: Value[] = [];
  for (const node of nodes) {
    const item = literalOf(node, text);
    hashable(item, node);
    if (!items.some((other) => pyEqual(other, item))) items.push(item);
  }
  return { $python: `{${items.map(pyRepr).join(', ')}}` };
}

/** `set()` is the one call that is a literal. */
function emptySet(node: SyntaxNode, text: string): Value {
  const [callee, args] = itemsOf(node);
  const isEmpty = callee && unwrapped(callee).name === 'VariableName' && args && itemsOf(args).length === 0;
  if (!isEmpty || slice(unwrapped(callee), text) !== 'set') throw NOT_LITERAL;
  return { $python: 'set()' };
}

/** Numbers, with one sign at most, and sums of a real and an imaginary one. */
function numberValue(node: SyntaxNode, text: string): Value {
  if (node.name !== 'BinaryExpression') {
    const number = signedNumber(node, text);
    return isImaginary(number) ? { $python: `${complexPart(number.imaginary)}j` } : number;
  }
  const [left, sign, right] = itemsOf(node);
  if (!left || !right || sign?.name !== 'ArithOp') throw NOT_LITERAL;
  const operator = slice(sign, text);
  const [real, imaginary] = [signedNumber(left, text), plainNumber(right, text)];
  if (isImaginary(real) || !isImaginary(imaginary) || !/^[-+]$/.test(operator)) throw NOT_LITERAL;
  const size = operator === '-' ? -imaginary.imaginary : imaginary.imaginary;
  const sum = asNumber(real) ?? 0;
  if (Object.is(sum, 0)) return { $python: `${complexPart(size)}j` };
  return { $python: `(${complexPart(sum)}${size < 0 || Object.is(size, -0) ? '' : '+'}${complexPart(size)}j)` };
}

function signedNumber(node: SyntaxNode, text: string): Value | Imaginary {
  const inner = unwrapped(node);
  if (inner.name !== 'UnaryExpression') return plainNumber(inner, text);
  const [sign, operand] = itemsOf(inner);
  if (!operand || sign?.name !== 'ArithOp') throw NOT_LITERAL;
  const number = plainNumber(operand, text);
  return slice(sign, text) === '-' ? negated(number) : number;
}

function plainNumber(node: SyntaxNode, text: string): Value | Imaginary {
  const inner = unwrapped(node);
  const number = inner.name === 'Number' ? pythonNumber(slice(inner, text)) : undefined;
  if (number === undefined) throw NOT_LITERAL;
  return number;
}

function negated(number: Value | Imaginary): Value | Imaginary {
  if (isImaginary(number)) return { imaginary: -number.imaginary };
  if (isPyFloat(number)) return float(-number.$float);
  if (number === 0 || typeof number === 'bigint') return typeof number === 'bigint' ? -number : 0;
  return typeof number === 'number' ? -number : number;
}

function isImaginary(number: Value | Imaginary): number is Imaginary {
  return typeof number === 'object' && number !== null && 'imaginary' in number;
}

/** A part of a complex number, without `.0`. */
function complexPart(part: number): string {
  return pyFloatText(part).replace(/\.0$/, '');
}
