/**
 * Where a text is no valid Python. The grammar reads on over mistakes and takes some things that Python 3 refuses; here they are found. What it
 * does not know though Python does is masked beforehand by text of the same length, so that places and the ends of strings stay.
 */

import { type SyntaxNode, type SyntaxNodeRef, type Tree } from '@lezer/common';
import { pythonNumber, pythonString } from './pythonLiterals';
import { unwrapped } from './pythonValues';

/** More brackets inside each other Python refuses. */
const MOST_NESTED = 200;

/** Patterns with what stands for them, always as long. In strings and comments they do no harm: only the grammar sees the result. */
const MASKS: readonly (readonly [RegExp, (found: string) => string])[] = [
  // `1.` and `1.e5` are floats.
  [/(?<![\p{L}\w.])\d[\d_]*\.(?!\d)/gu, (found) => `${found.slice(0, -1)}_`],
  // `yield` may stand alone.
  [/\byield(?=[ \t]*(?:[)\]}#;\n]|$))/g, () => 'yiel_'],
  // `with open(x) as self.file`, `as (a, b)`
  [/\bas[ \t]+(?:[A-Za-z_]\w*(?:\.\w+)+|\([^()\n]*\))/g, (found) => `as ${found.slice(3).replace(/\W/g, '_')}`],
  // `case Point():`
  [/^[ \t]*case[ \t][^\n]*/gm, withoutCalls],
  // `for first, *rest in rows` inside a comprehension
  [/\bfor\b[\w\t ,.()*]{0,500}?\bin\b/g, (found) => found.replace(/(?<=(?:for|,|\()[\t ]{0,9})\*/g, ' ')],
  // `lambda a, /, b: a`
  [
    /\blambda\b[^:\n]*/g,
    (found) => found.replace(/,[ \t]{0,9}\/(?:[ \t]{0,9},[ \t]*$)?/, (marks) => ' '.repeat(marks.length)),
  ],
  // `Generic[*Shape]`
  [/(?<=[\w)\]]\[)\*/g, () => ' '],
  // `rf"\{name}"`
  [/\\\{/g, () => '_{'],
];

/** A line of `case` without the empty brackets of its pattern, which stand before the colon and before any `=`. */
function withoutCalls(line: string): string {
  const [call, equals, colon] = [line.indexOf('()'), line.indexOf('='), line.lastIndexOf(':')];
  if (call < 0 || colon < call || (equals >= 0 && equals < call)) return line;
  return line.slice(0, colon).replaceAll('()', '  ') + line.slice(colon);
}

/** The text as the grammar can read it; as long as before. */
export function maskForGrammar(text: string): string {
  const masked = MASKS.reduce((before, [pattern, mask]) => before.replace(pattern, mask), text);
  return maskWith(masked);
}

/** `with (a as b, c as d):` in parentheses: ` as ` becomes a comma. */
function maskWith(text: string): string {
  const found = /\bwith[ \t]*\(/g;
  let out = '';
  let from = 0;
  for (let match = found.exec(text); match; match = found.exec(text)) {
    const end = closing(text, found.lastIndex);
    out += text.slice(from, found.lastIndex) + text.slice(found.lastIndex, end).replace(/\bas\b/g, ' ,');
    from = found.lastIndex = Math.max(found.lastIndex, end);
  }
  return out + text.slice(from);
}

/** The offset of the bracket that closes; strings are not looked into, so that one with a bracket in it may end the search early. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length && at < from + 5000; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return from;
}

/** The offset of the first place that Python would refuse; undefined when there is none. `tree` is that of the masked text. */
export function firstFault(tree: Tree, text: string, masked: string): number | undefined {
  if (text.includes('\0')) return text.indexOf('\0');
  let nested = 0;
  let fault: number | undefined;
  tree.iterate({
    enter: (ref) => {
      if (fault !== undefined) return false;
      if (OPENING.has(ref.name)) nested += 1;
      else if (CLOSING.has(ref.name)) nested -= 1;
      if (ref.type.isError || nested > MOST_NESTED || isWrong(ref, text, masked)) fault = ref.from;
      else if (ALIGNED.has(ref.name)) fault = misaligned(ref.node, text);
      return fault === undefined;
    },
  });
  return fault;
}

/** What holds statements, or parts of one, that begin at one column. */
const ALIGNED = new Set([
  ...['Script', 'Body', 'MatchBody', 'DecoratedStatement'],
  ...['IfStatement', 'ForStatement', 'WhileStatement', 'TryStatement'],
]);

const PARTED = /^(If|For|While|Try)Statement$/;

/** The first member that begins a line further in or out than the one before; of a file, than its edge. */
function misaligned(holder: SyntaxNode, text: string): number | undefined {
  let indent = holder.name === 'Script' ? '' : undefined;
  for (let child = holder.firstChild; child; child = child.nextSibling) {
    if (child.name === 'Comment' || child.name === 'Body') continue;
    // Inside a statement, what is no keyword of its own goes on from the line before.
    if (indent !== undefined && PARTED.test(holder.name) && !/^(elif|else|except|finally)$/.test(child.name)) continue;
    const line = text.slice(text.lastIndexOf('\n', child.from - 1) + 1, child.from);
    if (!/^[ \t\f]*$/.test(line)) continue;
    indent ??= line;
    if (width(line, 8) !== width(indent, 8) || width(line, 1) !== width(indent, 1)) return child.from;
  }
  return undefined;
}

/** Columns of white space; a form feed begins anew. */
function width(space: string, tab: number): number {
  let columns = 0;
  for (const char of space)
    columns = char === '\f' ? 0 : char === '\t' ? (Math.floor(columns / tab) + 1) * tab : columns + 1;
  return columns;
}

const OPENING = new Set(['(', '[', '{']);
const CLOSING = new Set([')', ']', '}']);

function isWrong(ref: SyntaxNodeRef, text: string, masked: string): boolean {
  if (ref.name === 'VariableName' || ref.name === 'PropertyName') return !isIdentifier(masked.slice(ref.from, ref.to));
  return CHECKS[ref.name]?.(ref, text) ?? false;
}

/** What the grammar takes and Python does not, by kind of node: true where it is wrong. */
const CHECKS: Readonly<Record<string, (ref: SyntaxNodeRef, text: string) => boolean>> = {
  PrintStatement: () => true,
  Number: ({ from, to }, text) => pythonNumber(text.slice(from, to)) === undefined,
  String: ({ from, to }, text) => pythonString(text.slice(from, to)) === undefined,
  ContinuedString: ({ node }, text) => mixesBytes(node, text),
  CompareOp: ({ from, to }, text) => text.slice(from, to) === '<>',
  AssignStatement: ({ node }) => !isAssignable(node),
  UpdateStatement: ({ node }) => !isTarget(node.firstChild, false),
  RaiseStatement: ({ node }) => node.getChild(',') !== null,
};

function isIdentifier(name: string): boolean {
  return /^[\w]+$/.test(name) || /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(name.normalize('NFKC'));
}

function mixesBytes(node: SyntaxNode, text: string): boolean {
  const kinds = new Set<boolean>();
  for (let part = node.firstChild; part; part = part.nextSibling) {
    if (part.name === 'FormatString') kinds.add(false);
    if (part.name === 'String') kinds.add(/^[rR]?[bB]/.test(text.slice(part.from, part.to)));
  }
  return kinds.size > 1;
}

/** True when all that stands before an `=` can be assigned to; with an annotation that is one name, and there is one `=` at most. */
function isAssignable(node: SyntaxNode): boolean {
  const annotated = node.getChild('TypeDef') !== null;
  const signs = node.getChildren('AssignOp');
  const last = signs[signs.length - 1]?.from ?? node.to;
  if (
    annotated &&
    (signs.length > 1 || node.getChildren(',').some((comma) => comma.to <= (node.getChild('TypeDef')?.from ?? 0)))
  )
    return false;
  for (let child = node.firstChild; child && child.from < last; child = child.nextSibling) {
    if (PASSED_OVER.has(child.name)) continue;
    if (!isTarget(child, !annotated)) return false;
  }
  return true;
}

const PASSED_OVER = new Set([',', '*', 'AssignOp', 'TypeDef', 'Comment']);
const LISTS = new Set(['TupleExpression', 'ArrayExpression']);

/** True for names, members and, where several are allowed, lists of them. */
function isTarget(node: SyntaxNode | null, several: boolean): boolean {
  if (!node) return false;
  if (node.name === 'VariableName' || node.name === 'MemberExpression') return true;
  if (node.name === 'ParenthesizedExpression') return node.getChild('*') === null && isTarget(unwrapped(node), several);
  if (!several || !LISTS.has(node.name)) return false;
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (/^[()[\],*]$/.test(child.name) || child.name === 'Comment') continue;
    if (!isTarget(child, true)) return false;
  }
  return true;
}
