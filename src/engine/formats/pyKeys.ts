/**
 * Maps whose keys are equal when Python takes them as equal: `1`, `1.0` and `true` are one key. As in Python the first of equal keys stays, with the
 * place that it has, and the last value counts.
 */

import { isDate, isPyFloat, isPyOther, type Dict, type Scalar, type Value } from './values';

/** A map that is being filled. */
export class PyKeys {
  readonly map = new Map<Scalar, Value>();
  /** Keys that are not text, by what makes them equal. */
  private readonly others = new Map<string, Scalar>();

  /** True when there is such a key. */
  has(key: Scalar): boolean {
    return typeof key === 'string' ? this.map.has(key) : this.others.has(identity(key));
  }

  /** Adds a key, or gives an equal one another value. */
  set(key: Scalar, value: Value): void {
    if (typeof key === 'string') {
      this.map.set(key, value);
      return;
    }
    const name = identity(key);
    const known = this.others.get(name);
    if (known === undefined) this.others.set(name, key);
    this.map.set(known === undefined ? key : known, value);
  }

  /** Adds all of another map. */
  setAll(other: Dict): void {
    for (const [key, value] of other) this.set(key, value);
  }
}

/** A text that is the same for equal keys. NaN is equal to nothing in Python; here two of them are one, as they are in a JavaScript map. */
function identity(key: Exclude<Scalar, string>): string {
  if (key === null) return 'null';
  if (isDate(key)) return `date ${key.$date}`;
  if (isPyOther(key)) return `other ${key.$python}`;
  const number = isPyFloat(key) ? key.$float : Number(key);
  if (typeof key === 'bigint') return key.toString();
  return Number.isInteger(number) ? BigInt(number).toString() : String(number);
}
