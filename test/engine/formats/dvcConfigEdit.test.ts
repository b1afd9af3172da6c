import assert from 'node:assert/strict';
import { parseConfig } from '../../../src/engine/formats/dvcConfig';
import {
  quote,
  removeConfigSection,
  setConfigValue,
  unsetConfigValue,
} from '../../../src/engine/formats/dvcConfigEdit';

type Act = [section: string, key: string, value?: string];

/** Sets each value in turn (or removes it when there is none) and compares the text. */
function check(text: string, acts: readonly Act[], expected: string): void {
  let edited = text;
  for (const [section, key, value] of acts) {
    edited =
      value === undefined
        ? unsetConfigValue(edited, 'c', { section, key })
        : setConfigValue(edited, 'c', { section, key }, value);
  }
  assert.equal(edited, expected);
  parseConfig(edited, 'c');
}

describe('configuration edited in place', () => {
  it('gives the file that DVC writes', () => {
    const acts: Act[] = [
      ['remote.myremote', 'url', '../../rem'],
      ['core', 'remote', 'myremote'],
      ['remote.s3r', 'url', 's3://bkt/path'],
      ['remote.s3r', 'endpointurl', 'http://x:9'],
      ['cache', 'type', 'reflink,hardlink,symlink,copy'],
      ['cache', 'dir', '../../shared'],
      ['core', 'autostage', 'true'],
    ];
    const expected = `[core]
    remote = myremote
    autostage = true
[cache]
    type = "reflink,hardlink,symlink,copy"
    dir = ../../shared
['remote "myremote"']
    url = ../../rem
['remote "s3r"']
    url = s3://bkt/path
    endpointurl = http://x:9
`;
    check('', acts, expected);
  });

  const cases: [string, string, Act[], string][] = [
    [
      'comments stay',
      '# top\n[core]\n  remote = a   # why\n# end\n',
      [['core', 'remote', 'b']],
      '# top\n[core]\n    remote = b   # why\n# end\n',
    ],
    ['a # in quotes is no comment', '[core]\nremote = "a#b"\n', [['core', 'remote', 'c']], '[core]\n    remote = c\n'],
    [
      'a value over lines',
      "[studio]\ntoken = '''a\nb'''\nurl = x\n",
      [['studio', 'token', 'c']],
      '[studio]\n    token = c\nurl = x\n',
    ],
    [
      'a new key goes last in its section',
      '[core]\nremote = a\n\n# about cache\n[cache]\ndir = x\n',
      [['core', 'autostage', 'true']],
      '[core]\nremote = a\n    autostage = true\n\n# about cache\n[cache]\ndir = x\n',
    ],
    ['a removed value', '[core]\nremote = a\nautostage = true\n', [['core', 'remote']], '[core]\nautostage = true\n'],
    ['a section left empty', '[core]\nremote = a\n[cache]\ndir = x\n', [['core', 'remote']], '[cache]\ndir = x\n'],
    ['the last value', '[core]\nremote = a\n', [['core', 'remote']], ''],
    [
      'what is not there',
      '[core]\nremote = a\n',
      [
        ['core', 'autostage'],
        ['cache', 'dir'],
      ],
      '[core]\nremote = a\n',
    ],
    ['names of any case', '[CORE]\nREMOTE = a\n', [['core', 'remote', 'b']], '[CORE]\n    remote = b\n'],
  ];
  for (const [name, text, acts, expected] of cases) it(name, () => check(text, acts, expected));

  it('removes a section', () => {
    const text = '[core]\nremote = a\n[remote "a"]\nurl = x\n# tail\n';
    assert.equal(removeConfigSection(text, 'c', 'remote.a'), '[core]\nremote = a\n# tail\n');
    assert.equal(removeConfigSection(text, 'c', 'remote.b'), text);
  });

  // What ConfigObj writes.
  const quoted: [string, string][] = [
    ['a b', 'a b'],
    ['', '""'],
    [' lead', '" lead"'],
    ['a,b', '"a,b"'],
    ['a#b', '"a#b"'],
    ['q"q', 'q"q'],
    ["it's", "it's"],
    ['"quoted first', "'\"quoted first'"],
    ['a#b "q" , c', '\'a#b "q" , c\''],
    ['both \' and "', "'''both ' and \"'''"],
    ['x\ny', "'''x\ny'''"],
    ['a = b', 'a = b'],
    ['a "b"', '\'a "b"\''],
  ];
  for (const [value, text] of quoted) {
    it(`quotes ${JSON.stringify(value)}`, () => {
      assert.equal(quote(value), text);
      const edited = setConfigValue('', 'c', { section: 'core', key: 'remote' }, value);
      assert.equal(parseConfig(edited, 'c').get('core')?.get('remote')?.value, value);
    });
  }
});
