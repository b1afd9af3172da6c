/**
 * What `foreach` and `matrix` make (dvc.md §11.3, §11.4): the members of a group by the second half of their names, each with the values that
 * `item` and `key` have for it. Pure.
 *
 * `matrix: {model: [cnn, xgb], feature: [[a], [b]]}` makes `cnn-feature0`, `cnn-feature1`, `xgb-feature0`, `xgb-feature1`.
 */

import { StrataError } from '../../errors';
import { valueText } from '../../formats/interpolation';
import { pyStr } from '../../formats/pyText';
import {
  Items,
  Leaf,
  Members,
  isCollection,
  isNode,
  kindOf,
  mixedValue,
  type Mixed,
} from '../../formats/templateContext';
import { keyText, type Scalar } from '../../formats/values';

/** What the templates of a member can name beside all else. */
export type Own = ReadonlyMap<'item' | 'key', Mixed>;

/** So many stages one group may make; more is an accident or an attack. */
const MOST_MEMBERS = 100_000;

/** Members of a `foreach`. Fails with `template.foreach` {found}. */
export function foreachMembers(data: Mixed): Map<string, Own> {
  const pairs = pairsOf(data);
  if (pairs) return new Map(pairs.map(([key, item]) => [nameText(key), ownOf(item, nameText(key))]));
  const items = itemsOf(data);
  if (!items) throw new StrataError('template.foreach', { found: kindOf(mixedValue(data)) });
  const byIndex = items.some(isCollection);
  return new Map(items.map((item, i) => [byIndex ? String(i) : nameText(item), ownOf(item)]));
}

/** Members of a `matrix`, the last axis changing first. Fails with `template.axis` {axis, found} and `template.tooMany` {n}. */
export function matrixMembers(axes: ReadonlyMap<Scalar, Mixed>): Map<string, Own> {
  let rows: { words: string[]; item: Map<Scalar, Mixed> }[] = [{ words: [], item: new Map() }];
  for (const [axis, data] of axes) {
    const values = axisValues(keyText(axis), data);
    if (rows.length * values.length > MOST_MEMBERS)
      throw new StrataError('template.tooMany', { n: rows.length * values.length });
    rows = rows.flatMap(({ words, item }) =>
      values.map((value, i) => ({
        words: [...words, isCollection(value) ? `${keyText(axis)}${i}` : nameText(value)],
        item: new Map([...item, [axis, value]]),
      })),
    );
  }
  return new Map(rows.map(({ words, item }) => [words.join('-'), ownOf(item, words.join('-'))]));
}

function ownOf(item: Mixed, key?: string): Own {
  const own = new Map<'item' | 'key', Mixed>([['item', item]]);
  if (key !== undefined) own.set('key', key);
  return own;
}

/** The values of an axis: items of a list, keys of a map, characters of a text. */
function axisValues(axis: string, data: Mixed): readonly Mixed[] {
  const keys = pairsOf(data)?.map(([key]) => key);
  const values = keys ?? itemsOf(data) ?? (typeof data === 'string' ? [...data] : undefined);
  if (!values) throw new StrataError('template.axis', { axis, found: kindOf(mixedValue(data)) });
  return values;
}

function pairsOf(data: Mixed): readonly (readonly [Scalar, Mixed])[] | undefined {
  if (data instanceof Members) return [...data.members];
  return data instanceof Map ? [...(data as ReadonlyMap<Scalar, Mixed>)] : undefined;
}

function itemsOf(data: Mixed): readonly Mixed[] | undefined {
  if (data instanceof Items) return data.items;
  return Array.isArray(data) ? (data as readonly Mixed[]) : undefined;
}

/** A value in a name: what is written out in dvc.yaml as YAML writes it, what comes through `${}` as Python does (`true`, but `True`). */
function nameText(value: Mixed): string {
  if (value instanceof Leaf) return pyStr(value.value);
  return isNode(value) ? '' : valueText(mixedValue(value));
}
