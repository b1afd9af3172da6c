/**
 * Writes random dvc.yaml files full of templates with the files that they take values from, the same for the same seed. Most expressions name
 * something that is there; some do not, and some are no expressions, since refusing is a part of what both tools have to agree on.
 */

import { seeded, type Random } from '../../src/engine/stats/random';

/** Files by path, a dvc.yaml among them. */
export type Files = Record<string, string>;

const SCALARS = [
  ...['1', '0', '-7', '1.0', '2.50', '1e-5', '1e3', '.inf', '100000000000000000000', 'true', 'false', 'null', '017'],
  ...['word', '"two words"', '""', '"it\'s"', '"a/b.csv"', '"1"', '"true"', '"-"', '"é"', '"x\\\\${y}"'],
];
const TOML = ['1', '-2', '1.0', '2.5e-3', 'true', '"t"', '"a b"', '[1, 2]', '["x", 1.5]', '{k = 1}', 'inf'];
const PYTHON = ['1', '-2.0', 'True', 'None', "'p'", '"a" "b"', '[1, 2.0]', '{"k": 1}', '1_0', '1.', 'b"x"'];
const ODD_TOML = ['1979-05-27', '07:32:00', 'x', '1__0', '0x_1', '+1', '1e5', '"""a\nb"""', "'\\n'", '[1, [2]]'];
const ODD_PYTHON = [
  '(1, 2)',
  'f(1)',
  '{1}',
  '1j',
  '...',
  '-True',
  '{(1,): 2}',
  '{[1]: 2}',
  '01',
  '"\\x4"',
  '(1',
  'set()',
];
const KEYS = ['a', 'b', 'lr', 'net', 'x-y', 'two words', 'item', 'key', '1', 'yes'];

/** Names that a template can use where it stands. */
interface Names {
  readonly leaves: readonly string[];
  readonly groups: readonly string[];
}

/** How `vars` may name a file, and what it defines. */
interface Extra {
  readonly parts: readonly string[];
  readonly leaves?: readonly string[];
  readonly groups?: readonly string[];
}

/** A random project. */
export class TemplateWriter {
  private readonly random: Random;
  private readonly leaves: string[] = [];
  /** Lists and maps. */
  private readonly groups: string[] = [];

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  /** All files of a project. */
  files(): Files {
    const files: Files = { 'sub/local.yaml': 'loc: 5\ndeep: {w: [1, 2]}\n' };
    if (this.chance(0.95)) files['params.yaml'] = this.chance(0.02) ? 'a: [1' : this.yaml(5, '');
    const json = '{"j": {"k": 1.0, "l": [1, null]}}';
    const vars = [
      this.maybe(0.4, () => this.extra(files, 'more.yaml', this.yaml(2, 'm'), { parts: ['', ':mlr', ':ma'] })),
      this.maybe(0.2, () =>
        this.extra(files, 'p.json', json, { parts: ['', ':j', ':'], leaves: ['j.k'], groups: ['j', 'j.l'] }),
      ),
      this.maybe(0.2, () =>
        this.extra(files, 't.toml', this.toml(), { parts: ['', ':tt', ':tt,tab'], leaves: ['tab.u', 'tt'] }),
      ),
      this.maybe(0.2, () =>
        this.extra(files, 'p.py', this.python(), { parts: ['', ':C', ':PY'], leaves: ['C.u', 'PY'] }),
      ),
      this.maybe(0.2, () => this.inline('{inl: {x: 1, "y z": [a, b]}}', ['inl.x', 'inl.y z[1]'], ['inl'])),
      this.maybe(0.1, () => this.inline('{inl: {z: 2.0}}', ['inl.z'], ['inl'])),
      this.maybe(0.05, () =>
        this.pick(['params.yaml', './sub/../more.yaml', 'gone.yaml', '{a: {b: 1}}', '{v: "${a}"}']),
      ),
    ].flat();
    files['dvc.yaml'] = this.dvcYaml(vars);
    return files;
  }

  /** A TOML file; `odd` ones hold what cannot be used in templates, or is no TOML. */
  toml(odd = 0): string {
    const value = (): string => this.pick(this.chance(odd) ? ODD_TOML : TOML);
    return `tt = ${value()}\n"q k" = ${value()}\n[tab]\nv = ${value()}\nu = 2.0\n[[tab.w]]\nx.y = ${value()}\n`;
  }

  /** A Python file; `odd` ones hold what cannot be used in templates, or is no Python. */
  python(odd = 0): string {
    const value = (): string => this.pick(this.chance(odd) ? ODD_PYTHON : PYTHON);
    const init = `    def __init__(self):\n        self.s = ${value()}\n        t = 1\n`;
    return `PY = ${value()}\nclass C:\n    u = 1\n    z = ${value()}\n${init}Q: int = ${value()}\n`;
  }

  private chance(part: number): boolean {
    return this.random() / 2 ** 32 < part;
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random() % list.length] as T;
  }

  private maybe<T>(part: number, make: () => T): T[] {
    return this.chance(part) ? [make()] : [];
  }

  /** A few texts with commas between. */
  private some(most: number, make: (i: number) => string): string {
    return Array.from({ length: this.random() % (most + 1) }, (_, i) => make(i)).join(', ');
  }

  private yaml(most: number, mark: string): string {
    const keys = [...new Set(Array.from({ length: this.random() % (most + 1) }, () => `${mark}${this.pick(KEYS)}`))];
    return keys.map((key) => `${key === '1' ? '"1"' : key}: ${this.value(key, 0)}\n`).join('');
  }

  /** Writes a file that `vars` name, whole or in part, and tells what it defines. */
  private extra(files: Files, path: string, text: string, { parts, leaves = [], groups = [] }: Extra): string {
    files[path] = text;
    this.leaves.push(...leaves);
    this.groups.push(...groups);
    return `"${path}${this.chance(0.5) ? '' : this.pick(parts)}"`;
  }

  private inline(text: string, leaves: readonly string[], groups: readonly string[]): string {
    this.leaves.push(...leaves);
    this.groups.push(...groups);
    return text;
  }

  /** A value in flow style; tells its paths. */
  private value(path: string, depth: number): string {
    const kind = depth > 2 ? 0 : this.random() % 12;
    (kind < 7 ? this.leaves : this.groups).push(path);
    if (kind < 7) return this.chance(0.005) ? '2020-01-01' : this.pick(SCALARS);
    if (kind < 9) return `[${this.some(3, (i) => this.value(`${path}.${i}`, depth + 1))}]`;
    const keys = [...new Set([this.pick(KEYS), this.pick(KEYS), this.pick(KEYS)])];
    return `{${keys.map((key) => `"${key}": ${this.value(`${path}.${key}`, depth + 1)}`).join(', ')}, 7: dropped}`;
  }

  private dvcYaml(vars: readonly string[]): string {
    const here = this.names();
    const q = (): string => this.quoted(here);
    const sections = [
      ...(vars.length > 0 ? [`vars: [${vars.join(', ')}]`] : []),
      ...this.maybe(0.15, () => `params: [${q()}]`),
      ...this.maybe(0.15, () => `metrics: [${q()}, "\${${this.pick([...this.groups, ...this.leaves, 'a'])}}.json"]`),
      ...this.maybe(0.15, () => `plots: [${q()}, {${q()}: {x: ${q()}}}]`),
      ...this.maybe(0.15, () => `artifacts: {"m${this.expression(here)}": {path: ${q()}, labels: [${q()}]}}`),
      ...this.maybe(0.1, () => `datasets: [{name: ${q()}, type: dvc}]`),
    ];
    const names = this.chance(0.02) ? ['s@t'] : ['s', 'train', 'g g'].slice(0, 1 + (this.random() % 3));
    return `${[...sections, 'stages:', ...names.map((name) => `  ${name}: ${this.entry(here)}`)].join('\n')}\n`;
  }

  private names(leaves: readonly string[] = [], groups: readonly string[] = []): Names {
    return { leaves: [...this.leaves, ...leaves], groups: [...this.groups, ...groups] };
  }

  private entry(here: Names): string {
    const kind = this.random() % 3;
    if (kind === 0) return `{${this.stage(here)}}`;
    if (kind === 1) {
      const isMap = this.chance(0.5);
      const inside = this.names(['item', ...(isMap ? ['key'] : [])]);
      return `{foreach: ${this.foreach(here, isMap)}, do: {${this.stage(inside)}}}`;
    }
    const axes = ['p', 'q', 'r'].filter(() => this.chance(0.6));
    const inside = this.names(['key', ...axes.map((axis) => `item.${axis}`)], ['item']);
    return `{matrix: {${axes.map((axis) => `${axis}: ${this.axis(here)}`).join(', ')}}, ${this.stage(inside)}}`;
  }

  private foreach(here: Names, isMap: boolean): string {
    if (here.groups.length > 0 && this.chance(0.4)) return `"\${${this.pick(here.groups)}}"`;
    if (!isMap) return `[${this.some(4, () => this.item(here))}]`;
    return `{${this.some(3, (i) => `${this.chance(0.1) ? `"k${this.expression(here)}"` : this.pick([`k${i}`, `${i}`])}: ${this.item(here)}`)}}`;
  }

  private axis(here: Names): string {
    if (here.groups.length > 0 && this.chance(0.3)) return `"\${${this.pick(here.groups)}}"`;
    return this.chance(0.1)
      ? `"ab${this.chance(0.5) ? this.expression(here) : ''}"`
      : `[${this.some(3, () => this.item(here))}]`;
  }

  private item(here: Names): string {
    if (this.chance(0.3)) return this.quoted(here);
    return this.chance(0.03) ? 'a@b' : this.pick([...SCALARS, '{a: 1, lr: x}', '[1, b]', `{a: ${this.quoted(here)}}`]);
  }

  private stage(here: Names): string {
    const q = (): string => this.quoted(here);
    const whole = here.groups.length > 0 && this.chance(0.15) ? `"run \${${this.pick(here.groups)}} end"` : q();
    return [
      `cmd: ${this.chance(0.3) ? `[${whole}, ${q()}]` : whole}`,
      ...this.maybe(0.3, () => `deps: [${this.some(2, q)}]`),
      ...this.maybe(0.3, () => `outs: [${q()}, {${q()}: {cache: false, desc: ${q()}}}]`),
      ...this.maybe(0.3, () => `params: [${q()}, {${q()}: [${q()}]}]`),
      ...this.maybe(0.3, () => `meta: {m: ${q()}, ${q()}: [${q()}, 1]}`),
      ...this.maybe(0.2, () => `desc: ${q()}`),
      ...this.maybe(0.1, () => `wdir: ${this.chance(0.7) ? 'sub' : q()}`),
      ...this.maybe(
        0.1,
        () => `vars: [${this.pick(['local.yaml', 'sub/local.yaml', '{own: 1}', '{item: 1}', '{inl: {q: 1}}'])}]`,
      ),
    ].join(', ');
  }

  /** A text in double quotes, with a template or two more often than not. */
  private quoted(here: Names): string {
    if (this.chance(0.3)) return `"${this.expression(here)}"`;
    const pieces = ['run ', '-x=', ' $x $(y)', '/', '\\\\', 'a.b', ' ', '}', '$'];
    const part = (): string => (this.chance(0.5) ? this.expression(here) : this.pick(pieces));
    return `"w${part()}${this.chance(0.5) ? part() : ''}"`;
  }

  private expression({ leaves, groups }: Names): string {
    if (leaves.length === 0) return this.chance(0.9) ? 'plain' : '${nope}';
    const path = this.pick(this.chance(0.02) && groups.length > 0 ? groups : leaves);
    const kind = this.random() % 100;
    if (kind < 70) return `\${${path}}`;
    if (kind < 80) return `\${ ${path} }`;
    if (kind < 90) return `\${${path.replace(/\.([^.[]+)$/, '[$1]')}}`;
    if (kind < 97) return this.pick([`\\\\\${${path}}`, `\${${path}`, '$', '{}']);
    return this.pick(['${}', `\${${path}..x}`, '${nope}', `\${${path}[0]}`, `\${${path}.0}`]);
  }
}
