/**
 * Python parameter files (dvc.md §12), parsed and never executed: `NAME = literal` and `NAME: type = literal` of the module, class bodies under
 * the class's name, `self.x = literal` of `__init__`. Everything else is passed over; a file that is not valid Python is refused.
 *
 * A program of its own, loaded when the first such file is met: the grammar costs more than all else here.
 */

import { type SyntaxNode } from '@lezer/common';
import { parser } from '@lezer/python';
import { firstFault, maskForGrammar } from './pythonFaults';
import { literalOf, NOT_LITERAL, Unreadable, unwrapped } from './pythonValues';
import { tuple, type Scalar, type Value } from './values';

/** What a file holds, or the offset of the first place that is no valid Python. */
export type PythonParams = { readonly value: ReadonlyMap<Scalar, Value> } | { readonly wrongAt: number };

/** Reads a Python file; its ends of lines are newlines. */
export function readPython(text: string): PythonParams {
  const masked = maskForGrammar(text);
  const tree = parser.parse(masked);
  const wrongAt = firstFault(tree, text, masked);
  if (wrongAt !== undefined) return { wrongAt };
  try {
    return { value: collect(tree.topNode, text, false) };
  } catch (error) {
    if (error instanceof Unreadable) return { wrongAt: error.at };
    throw error;
  }
}

/** Params of a module, a class or, with `onlySelf`, of `__init__`; of equal names the last value counts, at the place of the first. */
function collect(body: SyntaxNode, text: string, onlySelf: boolean): Map<Scalar, Value> {
  const found = new Map<Scalar, Value>();
  for (const statement of statementsOf(body)) {
    if (statement.name === 'AssignStatement') {
      const pair = assignment(statement, text, onlySelf);
      if (pair) found.set(...pair);
      continue;
    }
    const inner = statement.getChild('Body');
    const name = nameOf(statement.getChild('VariableName'), text);
    if (!inner || name === undefined) continue;
    if (statement.name === 'ClassDefinition') found.set(name, collect(inner, text, false));
    else if (name === '__init__' && statement.getChild('async') === null)
      for (const [key, value] of collect(inner, text, true)) found.set(key, value);
  }
  return found;
}

/** Assignments and definitions, out of decorators and of lines with several. */
function* statementsOf(body: SyntaxNode): Iterable<SyntaxNode> {
  for (let child = body.firstChild; child; child = child.nextSibling) {
    if (child.name === 'StatementGroup') yield* statementsOf(child);
    else if (child.name === 'DecoratedStatement') yield* statementsOf(child);
    else if (KEPT.has(child.name)) yield child;
  }
}

const KEPT = new Set(['AssignStatement', 'ClassDefinition', 'FunctionDefinition']);

/** Name and value of an assignment of a literal to one name. */
function assignment(statement: SyntaxNode, text: string, onlySelf: boolean): [string, Value] | undefined {
  const [target, value, third] = sidesOf(statement);
  if (!target || !value || third || target.isTuple) return undefined;
  try {
    const name = targetName(target.nodes[0], text, onlySelf);
    if (name === undefined) return undefined;
    const values = value.nodes.map((node) => literalOf(node, text));
    return [name, value.isTuple ? tuple(values) : (values[0] ?? null)];
  } catch (error) {
    if (error === NOT_LITERAL) return undefined;
    throw error;
  }
}

interface Side {
  readonly nodes: SyntaxNode[];
  /** There is a comma, or a star, which is no literal. */
  isTuple: boolean;
}

/** What stands between the `=` signs. */
function sidesOf(statement: SyntaxNode): Side[] {
  let side: Side = { nodes: [], isTuple: false };
  const sides = [side];
  for (let child = statement.firstChild; child; child = child.nextSibling) {
    if (child.name === 'AssignOp') sides.push((side = { nodes: [], isTuple: false }));
    else if (child.name === ',') side.isTuple = true;
    else if (child.name !== 'TypeDef' && child.name !== 'Comment') side.nodes.push(child);
  }
  return sides;
}

/** `NAME`, or the `x` of `self.x`. */
function targetName(node: SyntaxNode | undefined, text: string, onlySelf: boolean): string | undefined {
  const target = node && unwrapped(node);
  if (target?.name === 'VariableName') return onlySelf ? undefined : nameOf(target, text);
  if (target?.name !== 'MemberExpression' || !target.firstChild) return undefined;
  const owner = unwrapped(target.firstChild);
  const isSelf = owner.name === 'VariableName' && text.slice(owner.from, owner.to) === 'self';
  return isSelf ? nameOf(target.getChild('PropertyName'), text) : undefined;
}

/** Python takes names that look alike for the same. */
function nameOf(node: SyntaxNode | null, text: string): string | undefined {
  return node ? text.slice(node.from, node.to).normalize('NFKC') : undefined;
}
