/** Files with a few places changed: cut out, doubled, turned round, or with something nasty put in. The same seed gives the same files. */

import { HASH } from './parserFormats';

const MARKS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '\\',
  ':',
  ',',
  '-',
  '#',
  ' #',
  '|',
  '>',
  '%',
  '@',
  '`',
  '\t',
  '?',
  '!',
  '=',
  '<',
  '&',
  ';',
  '$',
  '(',
  ')',
];
const YAML = [
  '&a ',
  '*a',
  '<<: *a',
  '!!python/object:x ',
  '!!float ',
  '!!str ',
  '! ',
  '? ',
  '- ',
  ': ',
  '---\n',
  '...\n',
  '|2-\n',
  '>+\n',
  '%YAML 1.1\n---\n',
];
const CHARS = [
  '\n',
  '\r\n',
  '\r',
  '\n\n',
  '  ',
  '\n  ',
  '\u0000',
  '\ufeff',
  '\ud800',
  '\u2028',
  '\u0085',
  '\u00a0',
  '\u007f',
  '\u{1f600}',
  'é',
];
const WORDS = [
  '0x',
  '0o7',
  '1e999',
  '-0',
  '.nan',
  '.inf',
  '1_0',
  '017',
  '2020-01-01',
  '9'.repeat(400),
  '~',
  'true',
  'null',
  '__proto__',
  'constructor',
];
const OTHERS = [
  '**/',
  '[!',
  '"""',
  "'''",
  '[[',
  '.dir',
  HASH,
  '../',
  '${a}',
  '%(url)s',
  '<!--',
  ']]>',
  '&amp;',
  '&#x0;',
  '<!DOCTYPE a>',
  'Host ',
  'Include ~/.ssh/config\n',
];
const PIECES = [...MARKS, ...YAML, ...CHARS, ...WORDS, ...OTHERS];

/** One of the files with one to four places changed. */
export function mutant(samples: readonly string[], random: () => number): string {
  const below = (n: number): number => Math.floor(random() * n);
  let text = samples[below(samples.length)] ?? '';
  for (let n = below(4); n >= 0; n -= 1) {
    const [at, length] = [below(text.length + 1), below(random() < 0.2 ? 60 : 6)];
    const cut = text.slice(at, at + length);
    const rest = text.slice(at + length);
    const acts = [
      () => rest,
      () => cut.repeat(2 + below(20)) + rest,
      () => (PIECES[below(PIECES.length)] ?? '') + text.slice(at + below(3)),
      () => (PIECES[below(PIECES.length)] ?? '') + text.slice(at),
      () => String.fromCharCode(below(random() < 0.8 ? 128 : 65_536)) + text.slice(at + 1),
      () => [...cut].reverse().join('') + rest,
    ];
    text = text.slice(0, at) + (acts[below(acts.length)]?.() ?? '');
  }
  return text;
}
