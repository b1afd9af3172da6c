/** Values that YAML files may hold, for properties: texts that are hard to write, numbers at their ends, lists and maps in each other. */

import fc from 'fast-check';
import { float, type Scalar, type Value } from '../../src/engine/formats/values';

const NASTY = [
  '',
  ' ',
  'a',
  'b',
  '1',
  '-',
  ':',
  '#',
  ': ',
  ' #',
  ',',
  "'",
  '"',
  '\\',
  '\n',
  '\t',
  '[',
  '{',
  '&',
  '*',
  '!',
  '|',
  '>',
  '%',
  '@',
  'é',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\u0000',
  '\u{1f600}',
  '\ud800',
  '1e3',
  'true',
  'null',
  '.5',
  '---',
  '...',
  '__proto__',
  '<<',
  '=',
  'x'.repeat(79),
] as const;
const nasty = fc.array(fc.constantFrom(...NASTY), { maxLength: 8 }).map((parts) => parts.join(''));
/** Text as nasty as it comes. */
export const anyText = fc.oneof(
  nasty,
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('__proto__', 'constructor', 'toString'),
);
/** Text that a file in UTF-8 can hold. */
export const wholeText = anyText.map((one) => one.replace(/[\ud800-\udfff]/gu, ''));
const number = fc.oneof(
  fc.integer(),
  fc.double().map((one): Scalar => (Number.isInteger(one) ? float(one) : one)),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 90n }),
  fc.constantFrom<Scalar>(0, float(-0), float(1e16), 1e-7, float(1e300), NaN, Infinity, -Infinity),
);
/** Whatever may stand alone. */
export const anyScalar = fc.oneof<fc.Arbitrary<Scalar>[]>(
  anyText,
  number,
  fc.boolean(),
  fc.constant(null),
  fc.constant({ $date: '2020-01-01' }),
);
/** Anything that a YAML file may hold. */
export const anyValue = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    anyScalar as fc.Arbitrary<Value>,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(anyText, tie('value')), { maxLength: 4 }).map((pairs): Value => new Map(pairs)),
  ),
})).value;
