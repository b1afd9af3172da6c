import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { StrataError } from '../../../src/engine/errors';
import { parseDirObject, renderDirObject, type DirEntry } from '../../../src/engine/formats/dirObject';

const H = 'c81e728d9d4c2f636f067f89cc14862c';

/** Writes the paths in any order, compares with what DVC wrote, and reads back. */
function check(paths: readonly string[], text: string): void {
  const entries = paths.map((relpath): DirEntry => ({ relpath, md5: H }));
  const written = Buffer.from(renderDirObject(entries)).toString('latin1');
  assert.equal(written.replaceAll(H, 'H'), text);
  assert.equal(Buffer.from(renderDirObject(parseDirObject(written, 'x.dir'))).toString('latin1'), written);
}

describe('directory objects', () => {
  const cases: [string, string[], string][] = [
    [
      'whole paths sorted by code point',
      ['sub/x', 'sub.txt', 'sub-1/y'],
      '[{"md5": "H", "relpath": "sub-1/y"}, {"md5": "H", "relpath": "sub.txt"}, {"md5": "H", "relpath": "sub/x"}]',
    ],
    [
      'astral characters after the rest',
      ['😀', '\uffee'],
      '[{"md5": "H", "relpath": "\\uffee"}, {"md5": "H", "relpath": "\\ud83d\\ude00"}]',
    ],
    [
      'escapes',
      ['q"uote', 'back\\s', 'tab\tx', 'nl\nx'],
      '[{"md5": "H", "relpath": "back\\\\s"}, {"md5": "H", "relpath": "nl\\nx"}, {"md5": "H", "relpath": "q\\"uote"}, {"md5": "H", "relpath": "tab\\tx"}]',
    ],
    [
      'composed and decomposed letters are two files',
      ['e\u0301', '\u00e9'],
      '[{"md5": "H", "relpath": "e\\u0301"}, {"md5": "H", "relpath": "\\u00e9"}]',
    ],
    ['an empty folder', [], '[]'],
  ];
  for (const [name, paths, text] of cases) it(name, () => check(paths, text));

  it('hashes as DVC hashes', () => {
    const entries = [
      { relpath: 'back\\s', md5: 'c81e728d9d4c2f636f067f89cc14862c' },
      { relpath: 'nl\nx', md5: 'a87ff679a2f3e71d9181a67b7542122c' },
      { relpath: 'q"uote', md5: 'c4ca4238a0b923820dcc509a6f75849b' },
      { relpath: 'tab\tx', md5: 'eccbc87e4b5ce2fe28308fd9f2a7baf3' },
    ];
    const hash = (list: readonly DirEntry[]): string => createHash('md5').update(renderDirObject(list)).digest('hex');
    assert.equal(hash(entries), 'a91e2327a1c8c15ab3617be89bd788e5');
    assert.equal(hash([]), 'd751713988987e9331980363e24189ce');
  });

  const refused: [string, string, string, string?][] = [
    ['not JSON', '[{"md5"', 'formats.dirObject'],
    ['not a list', '{}', 'formats.dirObject'],
    ['not entries', '[1, null]', 'formats.dirObject'],
    ['a hash too short', '[{"md5": "abc", "relpath": "x"}]', 'formats.dirObject'],
    ['a path that is no text', `[{"md5": "${H}", "relpath": 1}]`, 'formats.dirObject'],
    ...(
      [
        ['../x', 'outside'],
        ['a/../../x', 'outside'],
        ['a\\\\..\\\\x', 'outside'],
        ['/etc/passwd', 'absolute'],
        ['C:/x', 'absolute'],
        ['', 'empty'],
        ['a//b', 'empty'],
        ['.git/hooks/post-checkout', 'reserved'],
        ['a/.GIT/config', 'reserved'],
        ['.dvc/config', 'reserved'],
        ['a\\u0000b', 'control'],
      ] as const
    ).map(([path, reason]): [string, string, string, string] => [
      `the path ${path}`,
      `[{"md5": "${H}", "relpath": "${path}"}]`,
      'formats.dirPath',
      reason,
    ]),
    [
      'one path twice',
      `[{"md5": "${H}", "relpath": "x"}, {"md5": "${H}", "relpath": "x"}]`,
      'formats.dirPath',
      'twice',
    ],
    [
      'a file that is a folder too',
      `[{"md5": "${H}", "relpath": "x/y"}, {"md5": "${H}", "relpath": "x"}]`,
      'formats.dirPath',
      'twice',
    ],
  ];
  for (const [name, text, code, reason] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => parseDirObject(text, 'x.dir'),
        (error) =>
          error instanceof StrataError &&
          error.code === code &&
          error.data.reason === reason &&
          error.data.path === 'x.dir',
      );
    });
  }

  it('of many files are one list, as if written at once', () => {
    const entries = Array.from({ length: 10_000 }, (_, n): DirEntry => ({
      relpath: String(n).padStart(5, '0'),
      md5: H,
    }));
    const text = Buffer.from(renderDirObject(entries)).toString('latin1');
    assert.deepEqual(
      JSON.parse(text),
      entries.map(({ relpath, md5 }) => ({ md5, relpath })),
    );
    assert.equal(text.split('}, {').length, 10_000);
  });
});
