/**
 * The values that YAML and JSON files hold, with Python's distinctions kept from the parser to the hash: `1` is not `1.0`, integers have any
 * size, maps keep their order and may have keys that are not text. All values can be cloned between threads.
 *
 * A JavaScript number that is a safe integer is an int; every other number is a float; a float that looks like an integer (`1.0`, `1e16`,
 * `-0.0`) is wrapped in {@link PyFloat}; an int beyond 2^53 is a bigint.
 */

/** A Python float whose number JavaScript could not tell from an int. Make it with {@link float}. */
export interface PyFloat {
  readonly $float: number;
}

/** A YAML date or time, as written. Callers that need JSON or a template refuse it (dvc.md §12). */
export interface PyDate {
  readonly $date: string;
}

/**
 * A Python value that no other file has: a set, bytes, a complex number, `...`, or a tuple as a key; as Python writes it. It can be looked at,
 * and compared with its like, but neither be recorded nor put into a template as a part of something.
 */
export interface PyOther {
  readonly $python: string;
}

/** What may stand alone, and what may be a key. */
export type Scalar = null | boolean | number | bigint | string | PyFloat | PyDate | PyOther;

/** A list, or a Python tuple, which bears a mark. Make one with {@link tuple}. */
export type List = readonly Value[] & { readonly $tuple?: true };

/** A map in file order. Keys are nearly always text; {@link keyText} turns any key into it. */
export type Dict = ReadonlyMap<Scalar, Value>;

/** Anything a YAML or JSON file may hold. */
export type Value = Scalar | List | Dict;

/** A float: a plain number when it cannot be mistaken for an int, else wrapped. */
export function float(value: number): number | PyFloat {
  return Number.isInteger(value) ? { $float: value } : value;
}

/** An int of any size: a number while it is safe, else a bigint. */
export function int(value: bigint): number | bigint {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/** A Python tuple: a list for all but comparing and templates. */
export function tuple(items: readonly Value[]): List {
  return Object.assign([...items], { $tuple: true as const });
}

/** True for Python tuples. */
export function isTuple(value: Value | undefined): boolean {
  return isList(value) && value.$tuple === true;
}

/** True for what only Python has. */
export function isPyOther(value: unknown): value is PyOther {
  return typeof value === 'object' && value !== null && '$python' in value;
}

/** True for maps. */
export function isDict(value: unknown): value is Dict {
  return value instanceof Map;
}

/** True for lists. */
export function isList(value: Value | undefined): value is List {
  return Array.isArray(value);
}

/** True for wrapped floats. */
export function isPyFloat(value: unknown): value is PyFloat {
  return typeof value === 'object' && value !== null && '$float' in value;
}

/** True for dates. */
export function isDate(value: unknown): value is PyDate {
  return typeof value === 'object' && value !== null && '$date' in value;
}

/** True for ints of any size; booleans are not ints here. */
export function isInt(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
}

/** True for floats, NaN and the infinities included. */
export function isFloat(value: unknown): value is number | PyFloat {
  return isPyFloat(value) || (typeof value === 'number' && !Number.isSafeInteger(value));
}

/** The number of an int or float (large ints rounded), or undefined when the value is neither. */
export function asNumber(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  return isPyFloat(value) ? value.$float : undefined;
}

/** A map from pairs; pairs whose value is undefined are left out. */
export function dict(pairs: Iterable<readonly [Scalar, Value | undefined]>): Map<Scalar, Value> {
  const map = new Map<Scalar, Value>();
  for (const [key, value] of pairs) if (value !== undefined) map.set(key, value);
  return map;
}

/** Any plain data as a {@link Value}: objects become maps, whole numbers ints, undefined members vanish. */
export function fromPlain(data: unknown): Value {
  if (data === null || data === undefined) return null;
  if (isDict(data) || isPyFloat(data) || isDate(data) || isPyOther(data)) return data;
  if (Array.isArray(data)) return data.map(fromPlain);
  if (typeof data === 'number') return Number.isSafeInteger(data) && !Object.is(data, -0) ? data : float(data);
  if (typeof data === 'object') {
    const pairs = Object.entries(data).filter(([, value]) => value !== undefined);
    return new Map(pairs.map(([key, value]) => [key, fromPlain(value)]));
  }
  return data as string | boolean | bigint;
}

/** A value as plain JavaScript for display: maps become objects without prototype, floats and large ints numbers, dates text. */
export function toPlain(value: Value): unknown {
  if (isList(value)) return value.map(toPlain);
  if (isDict(value)) {
    const out = Object.create(null) as Record<string, unknown>;
    for (const [key, member] of value) out[keyText(key)] = toPlain(member);
    return out;
  }
  if (isDate(value)) return value.$date;
  if (isPyOther(value)) return value.$python;
  return asNumber(value) ?? value;
}

/** Numbers and booleans as one comparable number, as Python's `==` sees them. */
function numeric(value: Value): number | bigint | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return isPyFloat(value) ? value.$float : undefined;
}

/** Python's `==`: `1 == 1.0 == True`, NaN differs from everything, a tuple from a list; the order of maps does not matter. */
export function pyEqual(a: Value, b: Value): boolean {
  const x = numeric(a);
  const y = numeric(b);
  if (x !== undefined || y !== undefined) {
    // Comparing a bigint and a number compares exact values, as Python does.
    return x !== undefined && y !== undefined && x >= y && x <= y;
  }
  if (isList(a)) return isList(b) && isTuple(a) === isTuple(b) && equalItems(a, b, pyEqual);
  if (isDict(a)) return isDict(b) && a.size === b.size && equalDicts(a, b, pyEqual);
  return equalRest(a, b) ?? a === b;
}

/** Equality that tells int, float and boolean apart, takes NaN as equal to itself, and ignores the order of maps. */
export function sameValue(a: Value, b: Value): boolean {
  if (isList(a)) return isList(b) && isTuple(a) === isTuple(b) && equalItems(a, b, sameValue);
  if (isDict(a)) return isDict(b) && a.size === b.size && equalDicts(a, b, sameValue);
  if (isPyFloat(a)) return isPyFloat(b) && Object.is(a.$float, b.$float);
  return equalRest(a, b) ?? Object.is(a, b);
}

/** Equality of what has no number and no members; undefined for plain values. */
function equalRest(a: Value, b: Value): boolean | undefined {
  if (isDate(a)) return isDate(b) && a.$date === b.$date;
  return isPyOther(a) ? isPyOther(b) && a.$python === b.$python : undefined;
}

function equalItems(a: List, b: List, equal: (x: Value, y: Value) => boolean): boolean {
  return a.length === b.length && a.every((item, i) => equal(item, b[i] as Value));
}

function equalDicts(a: Dict, b: Dict, equal: (x: Value, y: Value) => boolean): boolean {
  for (const [key, value] of a) {
    const other = b.get(key) ?? (b.has(key) ? null : findKey(b, key));
    if (other === undefined || !equal(value, other)) return false;
  }
  return true;
}

/** Finds the value of a key that is equal without being the same object (`1.0` as a key). */
function findKey(map: Dict, key: Scalar): Value | undefined {
  if (typeof key === 'string') return undefined;
  for (const [other, value] of map) if (pyEqual(other, key)) return value;
  return undefined;
}

/** A key as JSON writes it: `true`, `null`, `1.0`; text as it is. */
export function keyText(key: Scalar): string {
  if (typeof key === 'string') return key;
  if (isDate(key)) return key.$date;
  if (isPyOther(key)) return key.$python;
  if (isPyFloat(key)) return pyFloatText(key.$float);
  return typeof key === 'number' && isFloat(key) ? pyFloatText(key) : String(key);
}

/**
 * A float as Python's `repr` writes it: shortest digits that read back, an exponent of at least two digits below 1e-4 and from 1e16 on,
 * `.0` after whole numbers, `inf`, `-inf`, `nan` (dvc.md §4.4). `1e-5` → `1e-05`, `1e22` → `1e+22`, `100` → `100.0`.
 */
export function pyFloatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  const text = String(value);
  if (text.includes('e')) return value.toFixed(mantissa.replace(/[-.]/g, '').length - 1 - exponent);
  return Number.isInteger(value) ? `${text}.0` : text;
}
