import assert from 'node:assert/strict';
import { StrataError } from '../../../src/engine/errors';
import {
  configBool,
  configList,
  configPath,
  configText,
  mergeConfigs,
  parseConfig,
  remoteNames,
} from '../../../src/engine/formats/dvcConfig';

const PROJECT = `# top
[core]
    remote = Foo  # trailing
    AUTOSTAGE = True

['remote "Foo"']
    url = ../rem with space
[remote "bar"]
    url = /abs/x
`;

function code(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof StrataError, String(error));
    return [error.code, error.data.line];
  }
  return 'fine';
}

describe('configuration', () => {
  it('lower-cases names, resolves paths from its own folder, and lets later files win', () => {
    const config = mergeConfigs([
      parseConfig(PROJECT, '.dvc/config'),
      parseConfig('[core]\nremote=bar\n', '.dvc/config.local'),
    ]);
    assert.deepEqual(remoteNames(config), ['foo', 'bar']);
    assert.equal(configText(config, 'core', 'remote'), 'bar');
    assert.equal(configBool(config, 'core', 'autostage', false), true);
    assert.equal(configBool(config, 'core', 'no_scm', false), false);
    assert.equal(configPath(config, 'remote.foo', 'url'), 'rem with space');
    assert.equal(configPath(config, 'remote.bar', 'url'), '/abs/x');
    assert.equal(configText(parseConfig(PROJECT, 'c'), 'core', 'remote'), 'foo');
  });

  it('leaves urls and home folders as written', () => {
    for (const url of ['s3://b/p', 'ssh://u@h:22/p', '~/data', 'C:\\x', '/abs']) {
      assert.equal(configPath(parseConfig(`[remote "r"]\nurl = ${url}\n`, '.dvc/config'), 'remote.r', 'url'), url);
    }
  });

  // What ConfigObj reads after `remote =`.
  const values: [string, string | string[]][] = [
    ['a b', 'a b'],
    ['"a b"', 'a b'],
    ["'a b'", 'a b'],
    ['a, b', ['a', 'b']],
    ['a,', ['a']],
    ['"a", b', ['a', 'b']],
    ['a # c', 'a'],
    ['"a#b" # c', 'a#b'],
    ['a#b', 'a'],
    ['"a,b"', 'a,b'],
    ['', ''],
    ['""', ''],
    ["'''x'''", 'x'],
    ["'''a\nb'''", 'a\nb'],
    ['a"b', 'a"b'],
    [',', []],
    ['" a "', ' a '],
    ['#c', ''],
    ['x = y', 'x = y'],
    ["it's", "it's"],
    ['a;b', 'a;b'],
  ];
  for (const [text, value] of values) {
    it(`reads ${JSON.stringify(text)}`, () => {
      const config = parseConfig(`[core]\nremote = ${text}\nautostage = true\n`, 'c');
      assert.deepEqual(config.get('core')?.get('remote')?.value, value);
      assert.equal(configBool(config, 'core', 'autostage', false), true);
    });
  }

  it('takes link types with and without quotes', () => {
    assert.deepEqual(configList(parseConfig('[cache]\ntype = symlink, copy\n', 'c'), 'cache', 'type'), [
      'symlink',
      'copy',
    ]);
    assert.deepEqual(configList(parseConfig('[cache]\ntype = "symlink,copy"\n', 'c'), 'cache', 'type'), [
      'symlink',
      'copy',
    ]);
  });

  const wrong: [string, string, unknown][] = [
    ['an unknown key', '[core]\nnope = 1\n', ['formats.configUnknown', 2]],
    ['an unknown section', '[nope]\n', ['formats.configUnknown', 1]],
    ['a value outside sections', 'remote = x\n', ['formats.configUnknown', 1]],
    ['no equals sign', '[core]\nremote x\n', ['formats.config', 2]],
    ['a section that does not close', '[core\nremote = x\n', ['formats.config', 1]],
    ['a quote that does not close', "[core]\nremote = 'a\n", ['formats.config', 2]],
    ['triple quotes that do not close', "[core]\nremote = '''a\n\n", ['formats.config', 2]],
    ['one key twice', '[core]\nremote = x\nremote = y\n', ['formats.configTwice', 3]],
    ['one section twice', '[core]\nremote = x\n[core]\n', ['formats.configTwice', 3]],
  ];
  for (const [name, text, expected] of wrong)
    it(`refuses ${name}`, () =>
      assert.deepEqual(
        code(() => parseConfig(text, 'c')),
        expected,
      ));

  it('fills in what stands in the same section', () => {
    const config = parseConfig('[studio]\nurl = base\ntoken = %(url)s/50%/%(url)s\nrepo_url = "%d %%"\n', 'c');
    assert.equal(configText(config, 'studio', 'token'), 'base/50%/base');
    assert.equal(configText(config, 'studio', 'repo_url'), '%d %%');
    for (const text of ['url = %(nope)s', 'url = %(url)s', 'url = %(token)s\ntoken = %(url)s'])
      assert.deepEqual(
        code(() => parseConfig(`[studio]\n${text}\n`, 'c')),
        ['formats.configRefers', 2],
      );
  });

  it('takes unknown names where they are to be corrected', () => {
    const config = parseConfig('[core]\nnope = 1\n[odd]\nx = 2\n', 'c', { anyNames: true });
    assert.deepEqual([config.get('core')?.get('nope')?.value, config.get('odd')?.get('x')?.value], ['1', '2']);
  });

  it('refuses values of the wrong kind where they are used', () => {
    const config = parseConfig('[core]\nautostage = yes\n[remote "r"]\nurl = a,b\n', 'c');
    assert.deepEqual(
      code(() => configBool(config, 'core', 'autostage', false)),
      ['formats.configBool', 2],
    );
    assert.deepEqual(
      code(() => configText(config, 'remote.r', 'url')),
      ['formats.configList', 4],
    );
  });
});
