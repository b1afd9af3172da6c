import assert from 'node:assert/strict';
import { loadYaml, resolveYaml, type YamlPlace } from '../../../../src/engine/data/templating/resolveYaml';
import { is, StrataError } from '../../../../src/engine/errors';
import { toPlain } from '../../../../src/engine/formats/values';

type Files = Readonly<Record<string, string>>;

const PARAMS = `lr: 0.1
model: {lr: 1.0, layers: [3, {k: deep}], name: "two words"}
on: true
nothing:
models: {small: {n: 1}, large: {n: 2}}
lst: [1, true, x]
`;

function placeOf(files: Files): YamlPlace {
  const readText = async (path: string): Promise<string | undefined> => {
    await Promise.resolve();
    if (path in files) return files[path];
    if (Object.keys(files).some((file) => file.startsWith(`${path}/`))) throw new StrataError('fs.isFolder', { path });
    return undefined;
  };
  return { root: '/project', readText, style: {} };
}

async function failure(act: Promise<unknown>): Promise<StrataError> {
  const error: unknown = await act.then(
    () => assert.fail('was accepted'),
    (reason: unknown) => reason,
  );
  assert.ok(is(error), String(error));
  return error;
}

const at = (text: string, files: Files = {}, path = 'dvc.yaml'): Promise<unknown> =>
  loadYaml(text, path, placeOf({ 'params.yaml': PARAMS, ...files }));

describe('templates', () => {
  // Stages by name with their commands.
  const commands: readonly (readonly [string, string, Record<string, unknown>, Files?])[] = [
    [
      'values in a text',
      'stages: {s: {cmd: "run ${lr} ${model.layers[1].k} ${on} ${nothing}"}}',
      { s: 'run 0.1 deep true None' },
    ],
    ['a list of commands', 'stages: {s: {cmd: ["a ${lr}", b]}}', { s: ['a 0.1', 'b'] }],
    [
      'foreach of a list',
      'stages: {g: {foreach: [a, 1.0, true], do: {cmd: "run ${item}"}}}',
      { 'g@a': 'run a', 'g@1.0': 'run 1.0', 'g@true': 'run true' },
    ],
    [
      'foreach of a map from params',
      'stages: {g: {foreach: "${models}", do: {cmd: "${key} ${item.n}"}}}',
      { 'g@small': 'small 1', 'g@large': 'large 2' },
    ],
    [
      'foreach of values that come through a template',
      'stages: {g: {foreach: "${lst}", do: {cmd: "run ${item}"}}}',
      { 'g@1': 'run 1', 'g@True': 'run true', 'g@x': 'run x' },
    ],
    [
      'matrix',
      'stages: {m: {matrix: {a: [x, [1]], b: "${models}"}, cmd: "${item.b} ${key}"}}',
      {
        'm@x-small': 'small x-small',
        'm@x-large': 'large x-large',
        'm@a1-small': 'small a1-small',
        'm@a1-large': 'large a1-large',
      },
    ],
    ['an empty group', 'stages: {g: {foreach: [], do: {cmd: "${nope}"}}, s: {cmd: x}}', { s: 'x' }],
    [
      'vars of all kinds',
      'vars: [p.json, "p.toml:t", p.py, {in: {x: 1}}, {in: {y: 2}}]\nstages: {s: {cmd: "${j} ${t.v} ${C.z} ${in.x} ${in.y}"}}',
      { s: '1.5 2 3 1 2' },
      { 'p.json': '{"j": 1.5}', 'p.toml': 'u = 1\n[t]\nv = 2', 'p.py': 'class C:\n  z = 3\n' },
    ],
    [
      'vars of a stage, beside its folder',
      'stages: {s: {cmd: "${own} ${in}", wdir: "${model.layers[1].k}", vars: [own.yaml, {in: 1}]}}',
      { s: 'v 1' },
      { 'deep/own.yaml': 'own: v' },
    ],
    [
      'a whole map in a command',
      'stages: {s: {cmd: "run ${model}"}}',
      { s: 'run --lr 1.0 --layers 3' },
      { 'params.yaml': 'model: {lr: 1.0, layers: [3]}' },
    ],
    ['text with backslashes', "stages: {s: {cmd: 'a \\${lr} \\\\${lr} $lr'}}", { s: 'a ${lr} \\${lr} $lr' }],
    ['without params.yaml', 'stages: {s: {cmd: x}}', { s: 'x' }],
  ];
  for (const [what, text, expected, files = {}] of commands) {
    it(what, async () => {
      const { stages } = await resolveYaml(text, 'dvc.yaml', placeOf({ 'params.yaml': PARAMS, ...files }));
      const got = stages.map(({ name, definition }) => [name, toPlain(definition.get('cmd') ?? null)]);
      assert.deepEqual(Object.fromEntries(got), expected);
    });
  }

  // Code, line and column, and facts of each failure.
  const failures: readonly (readonly [string, string, [string, number, number], Record<string, string>?, Files?])[] = [
    [
      'a name that is not there',
      'stages:\n  s:\n    cmd: run ${nope}\n',
      ['template.unknown', 3, 14],
      { text: '${nope}', place: 'stages.s.cmd' },
    ],
    [
      'a mistyped name',
      'stages:\n  s:\n    cmd: run ${lr} ${model.nmae}\n',
      ['template.unknownNear', 3, 20],
      { near: 'name' },
    ],
    [
      'in a folded text',
      'stages:\n  s:\n    cmd: >-\n      run ${lr}\n      --x ${modle.lr}\n',
      ['template.unknownNear', 5, 11],
      { near: 'model' },
    ],
    ['in double quotes', 'stages:\n  s:\n    cmd: "a\\tb ${nope}"\n', ['template.unknown', 3, 16]],
    ['in a key', 'stages:\n  s:\n    cmd: x\n    outs:\n    - ${nope}: {cache: false}\n', ['template.unknown', 5, 7]],
    ['in a flow list', 'stages: {s: {cmd: x, deps: [a, "b${nope}"]}}', ['template.unknown', 1, 34]],
    [
      'an index that is too large',
      'stages:\n  s:\n    cmd: ${model.layers[2]}\n',
      ['template.unknown', 3, 10],
      { key: 'model.layers.2' },
    ],
    [
      'no name at all',
      'stages:\n  s:\n    cmd: a ${model..lr}\n',
      ['template.syntax', 3, 12],
      { text: '${model..lr}' },
    ],
    ['a list in a text', 'stages:\n  s:\n    cmd: a ${lst}\n', ['template.list', 3, 12]],
    ['a map outside of a command', 'stages:\n  s:\n    cmd: x\n    desc: ${model}\n', ['template.map', 4, 11]],
    [
      'a list in a list in arguments',
      'stages:\n  s:\n    cmd: a ${model}\n',
      ['template.nestedList', 3, 12],
      { key: 'layers', text: '${model}' },
    ],
    [
      'a template in vars',
      'vars:\n- {a: 1}\n- b: ["${lr}"]\nstages: {}\n',
      ['template.inVars', 3, 8],
      { text: '${lr}' },
    ],
    [
      'a file that is not there',
      'vars:\n- params.yaml\n- gone.yaml\nstages: {}\n',
      ['template.noFile', 3, 3],
      { file: 'gone.yaml' },
    ],
    ['a folder', 'vars: [deep]\nstages: {}\n', ['template.folder', 1, 8], { file: 'deep' }, { 'deep/x': '' }],
    [
      'a file without names',
      'vars: [l.yaml]\nstages: {}\n',
      ['template.notMap', 1, 8],
      { found: 'list' },
      { 'l.yaml': '[1]' },
    ],
    [
      'a key that a file lacks',
      'vars: ["m.yaml:lerning_rate"]\nstages: {}\n',
      ['template.noKeyNear', 1, 8],
      { near: 'learning_rate', source: 'm.yaml' },
      { 'm.yaml': 'learning_rate: 1' },
    ],
    [
      'a second definition',
      'vars: [{model: {lr: 2}}]\nstages: {}\n',
      ['template.redefined', 1, 8],
      { key: 'model.lr', source: 'vars[0]', other: 'params.yaml' },
    ],
    [
      'a file whole and in part',
      'vars: ["params.yaml:lr"]\nstages: {}\n',
      ['template.loaded', 1, 8],
      { item: 'params.yaml:lr' },
    ],
    [
      'a date',
      'vars: [d.yaml]\nstages: {}\n',
      ['template.value', 1, 8],
      { source: 'd.yaml', key: 'a.0', value: '2020-01-01' },
      { 'd.yaml': 'a: [2020-01-01]' },
    ],
    [
      'a tuple',
      'vars: [d.py]\nstages: {}\n',
      ['template.value', 1, 8],
      { key: 'A', value: '(1, 2)' },
      { 'd.py': 'A = (1, 2)' },
    ],
    [
      'a date of params.yaml that nobody uses',
      'stages: {}\n',
      ['template.value', 1, 1],
      { source: 'params.yaml' },
      { 'params.yaml': 'd: 2020-01-01' },
    ],
    [
      'item defined in a group',
      'stages:\n  g:\n    foreach: [a]\n    do:\n      cmd: x\n      vars: [{item: 1}]\n',
      ['template.reserved', 6, 14],
      { key: 'item', source: 'g@a.vars[0]' },
    ],
    [
      'foreach of a text',
      'stages:\n  g:\n    foreach: ${model.name}\n    do: {cmd: x}\n',
      ['template.foreach', 3, 14],
      { found: 'str' },
    ],
    [
      'an axis that is a number',
      'stages:\n  g:\n    matrix: {a: "${lr}"}\n    cmd: x\n',
      ['template.axis', 3, 13],
      { axis: 'a', found: 'float' },
    ],
    [
      'a matrix of millions',
      `stages:\n  g:\n    matrix: {${'abcdefg'
        .split('')
        .map((axis) => `${axis}: [1,2,3,4,5,6,7,8,9]`)
        .join(', ')}}\n    cmd: x\n`,
      ['template.tooMany', 3, 13],
    ],
    ['a stage with an @', 'stages:\n  s@t: {cmd: x}\n', ['template.name', 2, 3], { stage: 's@t' }],
    [
      'a member with an @',
      'stages:\n  g:\n    foreach: [a@b]\n    do: {cmd: x}\n',
      ['template.name', 2, 3],
      { stage: 'g@a@b' },
    ],
    ['a member without a name', 'stages:\n  g:\n    foreach: [""]\n    do: {cmd: x}\n', ['template.noName', 2, 3]],
    [
      'a number as a path',
      'stages:\n  s:\n    cmd: x\n    deps: [a, "${lr}"]\n',
      ['template.notText', 4, 15],
      { found: 'float' },
    ],
    ['a map as a command', 'stages:\n  s:\n    cmd: ${models}\n', ['template.notText', 3, 10], { found: 'dict' }],
    ['in a section', 'metrics:\n- m.json\n- ${nope}.json\n', ['template.unknown', 3, 3], { place: 'metrics.1' }],
    ['a list as a path of a section', 'metrics: ["${lst}"]\n', ['template.notText', 1, 11], { found: 'list' }],
    [
      'params.yaml that cannot be read',
      'stages: {s: {cmd: x}}',
      ['formats.yaml', 2, 1],
      { path: 'params.yaml' },
      { 'params.yaml': 'a: [1\n' },
    ],
  ];
  for (const [what, text, [code, line, column], facts = {}, files] of failures) {
    it(`${what} is refused where it stands`, async () => {
      const error = await failure(at(text, files));
      const told = Object.fromEntries(Object.keys(facts).map((key) => [key, error.data[key]]));
      const expected = code.startsWith('template.') ? { path: 'dvc.yaml' } : {};
      const path = code.startsWith('template.') ? { path: error.data['path'] } : {};
      assert.deepEqual(
        [error.code, error.data['line'], error.data['column'], { ...path, ...told }],
        [code, line, column, { ...expected, ...facts }],
      );
    });
  }

  it('stops before a few lines fill the memory', async () => {
    const items = Array.from({ length: 5000 }, (_, i) => i).join(', ');
    const text = `vars: [{long: "${'x'.repeat(100_000)}"}]\nstages:\n  g:\n    foreach: [${items}]\n    do: {cmd: "a \${long}"}\n`;
    assert.equal((await failure(at(text))).code, 'template.tooMuch');
    const keys = Array.from({ length: 5000 }, (_, i) => `k${i}: "\${item}"`).join(', ');
    const wide = `stages:\n  g:\n    foreach: [${items}]\n    do: {cmd: x, meta: {${keys}}}\n`;
    assert.equal((await failure(at(wide))).code, 'template.tooMuch');
  });

  it('each use knows where it stands and where its value was written', async () => {
    const text =
      'vars: [{own: [7]}]\nstages:\n  g:\n    foreach: ${models}\n    do:\n      cmd: run ${item.n} ${own[0]}\n      outs: ["${key}"]\n';
    const { stages, source } = await resolveYaml(text, 'sub/dvc.yaml', placeOf({ 'sub/params.yaml': PARAMS }));
    const told = stages.map(({ name, uses }) => [
      name,
      uses.map(({ spot, text: expression, node }) => {
        const { line, column } = source.place(spot);
        return [`${line}:${column}`, expression, node.origin.source, node.origin.path.join('.')];
      }),
    ]);
    const uses = (name: string): unknown => [
      `g@${name}`,
      [
        ['6:16', '${item.n}', 'sub/params.yaml', `models.${name}.n`],
        ['6:26', '${own[0]}', 'vars[0]', 'own.0'],
        ['7:15', '${key}', undefined, 'key'],
      ],
    ];
    assert.deepEqual(told, [uses('small'), uses('large')]);
  });

  it('tells which files it depends on, there or not, when it has templates', async () => {
    const reads = async (text: string): Promise<readonly string[]> =>
      (await loadYaml(text, 'sub/dvc.yaml', placeOf({ 'sub/w/a.yaml': 'a: 1', 'b.yaml': 'b: 1' }))).reads;
    assert.deepEqual(await reads('stages: {s: {cmd: x}}'), []);
    assert.deepEqual(await reads("stages: {s: {cmd: '\\${x}'}}"), ['sub/params.yaml']);
    assert.deepEqual(await reads('vars: [../b.yaml]\nstages: {s: {cmd: "${a}", wdir: w, vars: [a.yaml]}}'), [
      ...['sub/params.yaml', 'b.yaml', 'sub/w/a.yaml'],
    ]);
  });

  it('gives others the stages with group, line and the values used of files', async () => {
    const text = 'stages:\n  s: {cmd: "${lr}"}\n  g:\n    foreach: [a]\n    do: {cmd: "${item} ${model.lr} ${lst}"}\n';
    const { yaml } = await loadYaml(text.replace(' ${lst}', ''), 'dvc.yaml', placeOf({ 'params.yaml': PARAMS }));
    assert.deepEqual(yaml.groups, ['g']);
    assert.deepEqual(
      yaml.stages.map(({ name, group, line, used }) => [
        name,
        group,
        line,
        [...(used?.get('params.yaml')?.keys() ?? [])],
      ]),
      [
        ['s', undefined, 2, ['lr']],
        ['g@a', 'g', 3, ['model.lr']],
      ],
    );
  });

  it('20,000 stages of one group take two seconds of work at most', async () => {
    const items = Array.from({ length: 20_000 }, (_, i) => `i${i}`).join(', ');
    const text = `stages:\n  g:\n    foreach: [${items}]\n    do: {cmd: "run \${item} \${lr}", deps: ["\${item}.txt"], outs: ["\${item}.out"]}\n`;
    const before = process.cpuUsage();
    const { yaml } = await loadYaml(text, 'dvc.yaml', placeOf({ 'params.yaml': PARAMS }));
    const { user } = process.cpuUsage(before);
    assert.equal(yaml.stages.length, 20_000);
    assert.ok(user < 2e6, `${user / 1e6} s`);
  });
});
