/** Files that were written to bring a reader down, by format: how each is made, and how reading it has to end: `read`, or the code of a refusal. */

import { HASH } from './parserFormats';

type Trap = readonly [make: () => string, end: string];

const lines = (n: number, line: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => line(i)).join('\n');

/** Each list holds nine times the one before it. */
const aliases = (n: number, indent = ''): string =>
  `${indent}a0: &a0 [x, x, x, x, x, x, x, x, x]\n${lines(n, (i) => `${indent}a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`)}\n`;

/** What any file in YAML may hold, as the value of a key that may hold anything. */
const YAML_TRAPS: Readonly<Record<string, readonly [make: (key: string) => string, end: string]>> = {
  'an alias bomb': [(key) => `${key}:\n${aliases(9, '  ')}`, 'formats.yamlBomb'],
  'a long list of aliases of a long list': [
    (key) => `${key}:\n  a: &a [${'x, '.repeat(5000)}]\n  b: [${'*a, '.repeat(5000)}]\n`,
    'formats.yamlBomb',
  ],
  'a cycle of anchors': [(key) => `${key}: &a [*a]\n`, 'formats.yamlBomb'],
  'a cycle of two': [(key) => `${key}: &a {b: &b {c: *a}}\n`, 'formats.yamlBomb'],
  'an alias without an anchor': [(key) => `${key}: *a\n`, 'formats.yaml'],
  'a hundred thousand anchors': [
    (key) => `${key}: [${lines(20_000, (i) => `&a${i} x`).replaceAll('\n', ', ')}]\n`,
    'read',
  ],
  'lists nested without end': [(key) => `${key}: ${'['.repeat(100_000)}`, 'formats.tooDeep'],
  'maps nested without end': [(key) => `${key}: ${'{a: '.repeat(50_000)}`, 'formats.tooDeep'],
  'blocks nested without end': [(key) => `${key}:\n${lines(2000, (n) => `${' '.repeat(n + 1)}a:`)}`, 'formats.tooDeep'],
  'dashes nested without end': [(key) => `${key}:\n${'- '.repeat(20_000)}x`, 'formats.tooDeep'],
  'keys that are maps of maps': [(key) => `${key}:\n  ${'? '.repeat(5000)}x`, 'formats.tooDeep'],
  'a scalar of 5 MB': [(key) => `${key}: ${'x'.repeat(5_000_000)}\n`, 'read'],
  'words without end': [(key) => `${key}: ${'x '.repeat(500_000)}\n`, 'read'],
  'a block scalar of a hundred thousand lines': [(key) => `${key}: |\n${'  x\n'.repeat(100_000)}`, 'read'],
  'a quoted scalar that never ends': [(key) => `${key}: "${"x\\'".repeat(30_000)}`, 'formats.yaml'],
  'merge keys that multiply': [
    (key) =>
      `${key}:\n  a: &a {${lines(300, (i) => `k${i}: 1`).replaceAll('\n', ', ')}}\n  b: &b {<<: [${'*a, '.repeat(500)}]}\n`,
    'formats.yamlBomb',
  ],
  'a merge of itself': [(key) => `${key}: &a {<<: *a}\n`, 'formats.yamlBomb'],
  'a merge of a list of text': [(key) => `${key}: {<<: [x]}\n`, 'formats.yaml'],
  'two merges': [(key) => `${key}: {<<: {a: 1}, <<: {b: 1}}\n`, 'formats.yamlDuplicate'],
  'equal keys': [(key) => `${key}: {a: 1, a: 1}\n`, 'formats.yamlDuplicate'],
  'keys equal to Python alone': [(key) => `${key}: {1: a, 1.0: b}\n`, 'formats.yamlDuplicate'],
  'ten thousand keys that are numbers': [(key) => `${key}:\n${lines(10_000, (i) => `  ${i}.5: x`)}\n`, 'read'],
  'tags that make objects': [(key) => `${key}: !!python/object/apply:os.system ["touch ran"]\n`, 'formats.yamlTag'],
  'tags of functions': [(key) => `${key}: !!js/function "function () { throw 1 }"\n`, 'formats.yamlTag'],
  'a tag without end': [(key) => `${key}: !${'x'.repeat(1_000_000)} y\n`, 'formats.yamlTag'],
  'a key called __proto__': [
    (key) => `${key}: {__proto__: {polluted: 1}, constructor: {prototype: {polluted: 1}}}\n`,
    'read',
  ],
  numbers: [
    (key) =>
      `${key}: [0x7fffffffffffffffffff, 0o777777777777777777777, 1_000, .inf, -.nan, 1e309, -0, ${'9'.repeat(4000)}]\n`,
    'read',
  ],
  'a number of a million digits': [(key) => `${key}: ${'9'.repeat(1_000_000)}\n`, 'formats.yaml'],
  'many documents': [() => '---\n'.repeat(50_000), 'formats.yaml'],
  'line ends of the old Mac': [(key) => `${key}: x${'\r'.repeat(100_000)}`, 'read'],
  'a megabyte of blanks': [() => ' '.repeat(1_000_000), 'read'],
  'a megabyte of hashes': [() => '#'.repeat(1_000_000), 'read'],
  'a hundred thousand comments': [() => '# x\n'.repeat(100_000), 'read'],
  'a thousand directives': [(key) => `${'%FOO bar\n'.repeat(1000)}---\n${key}: x\n`, 'read'],
  'a character that cannot be seen': [(key) => `${key}: "\u0001"\n`, 'formats.yaml'],
};

const yaml = (key: string, otherwise: Readonly<Record<string, string>> = {}): Record<string, Trap> =>
  Object.fromEntries(
    Object.entries(YAML_TRAPS).map(([what, [make, end]]) => [what, [() => make(key), otherwise[what] ?? end]]),
  );

/** Traps by format and what they are. */
export const TRAPS: Readonly<Record<string, Readonly<Record<string, Trap>>>> = {
  'x.dvc': {
    ...yaml('meta'),
    'an output called __proto__': [
      () => `outs:\n- md5: ${HASH}\n  path: __proto__\n  __proto__: {polluted: 1}\n`,
      'formats.extraKey',
    ],
    'a hash that is a number': [() => 'outs:\n- md5: 1e999\n  path: x\n', 'formats.badValue'],
    'twenty thousand outputs': [() => `outs:\n${`- md5: ${HASH}\n  path: x\n`.repeat(20_000)}`, 'read'],
    'a thousand unknown keys': [() => lines(1000, (i) => `k${i}: 1`), 'formats.extraKey'],
  },
  'dvc.yaml': {
    ...yaml('datasets'),
    'five thousand stages': [() => `stages:\n${lines(5000, (i) => `  s${i}: {cmd: x}`)}\n`, 'read'],
    'a stage called __proto__': [() => 'stages:\n  __proto__:\n    cmd: x\n  constructor:\n    cmd: y\n', 'read'],
    'a matrix that multiplies': [
      () => `stages:\n  s:\n    cmd: x\n    matrix:\n${lines(8, (i) => `      k${i}: [${'x, '.repeat(50)}]`)}\n`,
      'template.tooMany',
    ],
    'a list of stages that each hold all others': [
      () =>
        `vars:\n- l: [${'x, '.repeat(2000)}]\nstages:\n  s:\n    foreach: [${lines(2000, (i) => String(i)).replaceAll('\n', ', ')}]\n    do:\n      cmd: echo \${l}\n`,
      'template.list',
    ],
    'expressions that all end': [() => `stages:\n  s:\n    cmd: ${'${lr}'.repeat(20_000)}\n`, 'read'],
    'expressions without end': [() => `stages:\n  s:\n    cmd: ${'${'.repeat(50_000)}\n`, 'read'],
  },
  'dvc.lock': {
    ...Object.fromEntries(
      Object.entries(yaml('datasets')).map(([what, [make, end]]): [string, Trap] => {
        const bare = what.startsWith('a megabyte') || what.includes('comments');
        const text = (): string => (/documents|directives/.test(what) ? make() : `schema: '2.0'\n${make()}`);
        return [what, [text, what === 'a thousand directives' ? 'formats.missingKey' : bare ? 'read' : end]];
      }),
    ),
    'a stage called __proto__': [() => "schema: '2.0'\nstages:\n  __proto__:\n    cmd: x\n", 'read'],
    'a merge without end': [() => `schema: '2.0'\n${'<<<<<<< a\n'.repeat(100_000)}`, 'formats.conflict'],
  },
  'x.dir': {
    'lists nested without end': [() => '['.repeat(1_000_000), 'formats.dirObject'],
    'objects nested without end': [() => '{"a":'.repeat(500_000), 'formats.dirObject'],
    'lists nested and closed': [() => `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'formats.dirObject'],
    'a key called __proto__': [() => `[{"__proto__": {"md5": "${HASH}", "relpath": "x"}}]`, 'formats.dirObject'],
    'an entry called __proto__': [() => `[{"md5": "${HASH}", "relpath": "__proto__"}]`, 'read'],
    'a number without end': [() => `[{"md5": ${'9'.repeat(1_000_000)}, "relpath": "x"}]`, 'formats.dirObject'],
    'a path without end': [() => `[{"md5": "${HASH}", "relpath": "${'a/'.repeat(20_000)}x"}]`, 'read'],
    'a path of dots': [() => `[{"md5": "${HASH}", "relpath": "${'./'.repeat(500_000)}x"}]`, 'formats.dirPath'],
    'a name without end': [() => `[{"md5": "${HASH}", "relpath": "${'. '.repeat(500_000)}x"}]`, 'formats.dirPath'],
    'equal keys': [() => `[{"md5": "${HASH}", "relpath": "x", "relpath": "../x"}]`, 'formats.dirPath'],
    'half a character': [() => `[{"md5": "${HASH}", "relpath": "\\ud800"}]`, 'read'],
  },
  config: {
    'a hundred thousand sections': [() => lines(100_000, (i) => `['remote "s${i}"']`), 'read'],
    'a remote of a hundred thousand keys': [() => `['remote "s"']\n${lines(20_000, (i) => `k${i} = 1`)}`, 'read'],
    'one section again and again': [() => '[core]\n    remote = a\n'.repeat(5000), 'formats.configTwice'],
    'brackets without end': [() => '['.repeat(500_000), 'formats.config'],
    'quotes that never end': [() => `[core]\n    remote = """${'"'.repeat(100_001)}`, 'formats.config'],
    'a value in three quotes that never ends': [
      () => `[core]\n${"    remote = '''x\n".repeat(20_000)}`,
      'formats.config',
    ],
    'a value without end': [() => `[core]\n    remote = ${'x'.repeat(5_000_000)}\n`, 'read'],
    'a list without end': [() => `[cache]\n    type = ${'a,'.repeat(200_000)}\n`, 'read'],
    'references that multiply': [
      () => `['remote "s"']\na0 = xxxxxxxxxx\n${lines(40, (i) => `a${i + 1} = ${`%(a${i})s`.repeat(10)}`)}\n`,
      'formats.configRefers',
    ],
    'references in a circle': [() => `['remote "s"']\na = %(b)s\nb = %(a)s\n`, 'formats.configRefers'],
    'half a reference without end': [() => `['remote "s"']\na = ${'%('.repeat(100_000)}\n`, 'read'],
    'a key called __proto__': [() => '[__proto__]\n    polluted = 1\n', 'formats.configUnknown'],
    'a remote called __proto__': [() => `['remote "__proto__"']\n    __proto__ = 1\n    constructor = 2\n`, 'read'],
    'blanks without end': [
      () => `[core]\n${' '.repeat(200_000)}remote${' '.repeat(200_000)}=${' '.repeat(200_000)}x`,
      'read',
    ],
    'a section of blanks': [() => `[core${' '.repeat(200_000)}x`, 'formats.config'],
  },
  '.dvcignore': {
    'stars without end': [() => '*'.repeat(100_000), 'read'],
    'stars and letters': [() => `${'*a'.repeat(1000)}b`, 'read'],
    'folders without end': [() => `${'**/a/'.repeat(800)}b`, 'read'],
    'question marks without end': [() => '?'.repeat(100_000), 'read'],
    'brackets without end': [() => '['.repeat(100_000), 'read'],
    'a class that never ends': [() => `[${'a-'.repeat(100_000)}`, 'read'],
    'a class turned round': [() => '[z-a]\n[!]\n[]\n[]]\n', 'read'],
    'backslashes without end': [() => '\\'.repeat(100_001), 'read'],
    'two thousand lines': [() => '*.x\n!y\n'.repeat(1000), 'read'],
    'blanks without end': [() => `a${' '.repeat(500_000)}b${' '.repeat(500_000)}`, 'read'],
  },
  'params.yaml': yaml('a'),
  'params.json': {
    'lists nested without end': [() => '['.repeat(1_000_000), 'formats.tooDeep'],
    'objects nested without end': [() => '{"a":'.repeat(500_000), 'formats.tooDeep'],
    'text without end': [() => `"${'x'.repeat(3_000_000)}"`, 'read'],
    'escapes without end': [() => `"${'\\n'.repeat(500_000)}"`, 'read'],
    'text that never ends': [() => `"${'x\\\\'.repeat(500_000)}`, 'formats.json'],
    'a number of a million digits': [() => `{"a": ${'9'.repeat(1_000_000)}}`, 'formats.json'],
    numbers: [() => '[1e999, -1e999, 1E-999, -0, -0.0, 0.1e1, 123456789012345678901234567890]', 'read'],
    'blanks without end': [() => `${' '.repeat(1_000_000)}x`, 'formats.json'],
    'a key called __proto__': [
      () => '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}',
      'read',
    ],
    'equal keys': [() => `{${'"a": 1, '.repeat(100_000)}"a": 2}`, 'read'],
  },
  'params.toml': {
    'lists nested without end': [() => `a = ${'['.repeat(100_000)}`, 'formats.toml'],
    'tables nested without end': [() => `a = ${'{a = '.repeat(50_000)}`, 'formats.toml'],
    'a key of a hundred thousand parts': [() => `${'a.'.repeat(100_000)}a = 1`, 'formats.tooDeep'],
    'a key called __proto__': [() => '[__proto__]\npolluted = 1\n[constructor.prototype]\npolluted = 1\n', 'read'],
    'text that never ends': [() => `a = """${'x"" '.repeat(100_000)}`, 'formats.toml'],
    'a number of a million digits': [() => `a = ${'9'.repeat(1_000_000)}\n`, 'read'],
  },
  'params.py': {
    'lists nested without end': [() => `A = ${'['.repeat(100_000)}`, 'formats.python'],
    'lists nested and closed': [() => `A = ${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'formats.python'],
    'brackets that never open': [() => `A = ${')'.repeat(10_000)}`, 'formats.python'],
    'a sum without end': [() => `A = 1${' + 1'.repeat(50_000)}`, 'formats.python'],
    'minus without end': [() => `A = ${'-'.repeat(100_000)}1`, 'formats.python'],
    'a key called __proto__': [() => '__proto__ = {"polluted": 1}\n', 'read'],
    'text that never ends': [() => `A = """${'x" '.repeat(100_000)}`, 'formats.python'],
  },
  'loss.csv': {
    'quotes that never end': [() => `step,a\n"${'1,2\n'.repeat(200_000)}`, 'read'],
    'a line of 5 MB': [() => `step,a\n1,${'x'.repeat(5_000_000)}\n`, 'read'],
    'twenty thousand columns': [
      () => `step,${lines(20_000, (i) => `c${i}`).replaceAll('\n', ',')}\n${'1,'.repeat(20_000)}1\n`,
      'read',
    ],
    'columns called __proto__': [() => 'step,__proto__,constructor\n1,2,3\n', 'read'],
    numbers: [() => 'step,a\n1e999,-1e999\n0x10,1_000\n-0,.5.\n', 'read'],
    'null bytes': [() => 'step,a\n'.padEnd(500_000, '\u0000'), 'read'],
  },
  'table.csv': {
    'quotes that never end': [() => `a,b\n"${'1,2\n'.repeat(100_000)}`, 'formats.csv'],
    'quotes and more quotes': [() => `a,b\n${'"'.repeat(500_001)}`, 'formats.csv'],
    'a line of 5 MB': [() => `a,b\n1,${'x'.repeat(5_000_000)}\n`, 'read'],
    'a hundred thousand short lines below a long head': [() => `${'a,'.repeat(200)}a\n${'1\n'.repeat(5000)}`, 'read'],
  },
  'an answer of WebDAV': {
    'entities that multiply': [
      () =>
        `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${lines(20, (i) => `<!ENTITY b${i} "&a;&a;&a;">`)}]><multistatus>&b19;</multistatus>`,
      'read',
    ],
    'elements nested without end': [() => '<a>'.repeat(200_000), 'read'],
    'elements nested and closed': [
      () => `<multistatus>${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}</multistatus>`,
      'read',
    ],
    'attributes without end': [() => `<multistatus ${'a="b" '.repeat(50_000)}></multistatus>`, 'read'],
    'a tag that never ends': [() => `<multistatus ${'a'.repeat(1_000_000)}`, 'read'],
    'comments that never end': [() => `<multistatus>${'<!--'.repeat(50_000)}`, 'read'],
    'half entities without end': [
      () => `<multistatus><response><href>${'&#'.repeat(200_000)}</href></response></multistatus>`,
      'read',
    ],
    'a key called __proto__': [
      () =>
        '<multistatus><__proto__><polluted>1</polluted></__proto__><constructor><prototype>1</prototype></constructor></multistatus>',
      'read',
    ],
  },
  'ssh config': {
    'stars and letters': [() => `Host ${'*a'.repeat(2000)}b\n  Port 1\n`, 'read'],
    'stars without end': [() => `Host ${'*'.repeat(30)} ${'*. '.repeat(30)}${'*.'.repeat(30)}x\n  Port 1\n`, 'read'],
    'an include of itself': [() => 'Include config\n'.repeat(50), 'read'],
    'a line without end': [() => `Host x\n  ProxyCommand ${'x '.repeat(200_000)}\n`, 'read'],
    'quotes that never end': [
      () => `Host "${'x'.repeat(200_000)}\n  Port "${'"'.repeat(1001)}\n`,
      'remoteSsh.badConfig',
    ],
    'blanks without end': [() => `${' '.repeat(200_000)}Port${' '.repeat(200_000)}x\n`, 'read'],
    'a key called __proto__': [() => 'Host *\n  __proto__ x\n  constructor y\n', 'read'],
  },
  known_hosts: {
    'stars and letters': [() => `${'*a'.repeat(2000)}b ssh-ed25519 AAAA\n`, 'read'],
    'names without end': [() => `${'x,'.repeat(200_000)}x ssh-ed25519 AAAA\n`, 'read'],
    'a key without end': [() => `* ssh-ed25519 ${'A'.repeat(1_000_000)}!\n`, 'read'],
  },
  'aws config': {
    'blanks without end': [() => `[profile x]\nregion =${' '.repeat(200_000)}x${' '.repeat(200_000)}y\n`, 'read'],
    'blanks before a note': [() => `[profile x]\nregion = x${' #'.repeat(1000)}${' '.repeat(200_000)}y\n`, 'read'],
    'a name of blanks': [() => `[${' '.repeat(200_000)}x\n`, 'read'],
    'a key called __proto__': [() => '[__proto__]\n__proto__ = 1\n', 'read'],
  },
};
