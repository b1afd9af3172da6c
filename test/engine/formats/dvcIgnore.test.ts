import assert from 'node:assert/strict';
import { createDvcIgnore, type IgnoreFile } from '../../../src/engine/formats/dvcIgnore';

/** What `check-ignore` prints about each path (those with `/` at the end are folders): `source:line:pattern`, or `::`. */
function check(
  files: readonly IgnoreFile[],
  expected: Readonly<Record<string, string>>,
  subrepos: readonly string[] = [],
): void {
  const rules = createDvcIgnore(files, subrepos);
  for (const [written, answer] of Object.entries(expected)) {
    const path = written.replace(/\/$/, '');
    const isFolder = written.endsWith('/');
    const match = rules.match(path, isFolder);
    const shown =
      match === undefined
        ? '::'
        : match.line === 0
          ? `:${match.pattern}`
          : `${match.source}:${match.line}:${match.pattern}`;
    assert.equal(shown, answer, written);
    assert.equal(rules.ignored(path, isFolder), match !== undefined && !match.pattern.startsWith('!'), written);
  }
}

describe('.dvcignore', () => {
  it('patterns, negation, anchoring, folders, comments and escapes', () => {
    check([{ dir: '.', text: '# c\n*.log\n!keep.log\n/d/logs/\ndeep/*.tmp\n\\#h\nd/sub/b.txt   \n\n' }], {
      'd/a.log': '.dvcignore:2:*.log',
      'd/keep.log': '.dvcignore:3:!keep.log',
      'd/logs/x': '.dvcignore:4:/d/logs/',
      'd/sub/deep/c.tmp': '::',
      'deep/c.tmp': '.dvcignore:5:deep/*.tmp',
      'd/sub/b.txt': '.dvcignore:7:d/sub/b.txt',
      'e/x.txt': '::',
      'd/#h': '.dvcignore:6:\\#h',
      'd/logs/': '.dvcignore:4:/d/logs/',
      'd/logs': '::',
      '.dvc/': ':.dvc/',
      '.git/': ':.git',
      '.git': ':.git',
      '.hg/': ':.hg/',
      '.': '::',
      '../a.log': '::',
      '/a.log': '::',
    });
  });

  it('a nested file applies below it and overrides outer ones', () => {
    const files = [
      { dir: 'n', text: '*.dat\n/top\na/b\n' },
      { dir: 'n/m', text: '!f.dat\n' },
    ];
    check(files, {
      'n/g.dat': 'n/.dvcignore:1:*.dat',
      'n/m/f.dat': 'n/m/.dvcignore:1:!f.dat',
      'n/m/h.dat': 'n/.dvcignore:1:*.dat',
      'g.dat': '::',
      'n/top': 'n/.dvcignore:2:/top',
      'n/x/top': '::',
      'n/a/b': 'n/.dvcignore:3:a/b',
      'n/x/a/b': '::',
    });
  });

  it('nothing below an ignored folder comes back', () => {
    check([{ dir: '.', text: 'e/\n!e/x\n' }], {
      'e/x': '.dvcignore:1:e/',
      'e/y/z': '.dvcignore:1:e/',
      'e/': '.dvcignore:1:e/',
    });
  });

  it('projects inside the project are invisible', () => {
    check([], { 'sub/': ':/sub/', 'sub/x': ':/sub/', 'a/sub/': '::', 'b [1]/x': ':/b\\ \\[1\\]/' }, ['sub', 'b [1]']);
  });

  it('case, byte order marks and CRLF', () => {
    check([{ dir: '.', text: '\ufeff*.LOG\r\nB\r\n' }], {
      'a.log': '::',
      'a.LOG': '.dvcignore:1:*.LOG',
      B: '.dvcignore:2:B',
      b: '::',
    });
  });

  it('a .dvcignore that is ignored itself is not read', () => {
    check(
      [
        { dir: '.', text: '.*\n' },
        { dir: 'n', text: '*.dat\n' },
      ],
      { 'n/x.dat': '::', 'n/.hidden': '.dvcignore:1:.*' },
    );
  });

  it('answers for 20,000 files within 3 seconds', () => {
    const rules = createDvcIgnore([{ dir: '.', text: '*.log\n!keep.log\n/d/logs/\n*.tmp\ncache/\n' }]);
    const start = process.cpuUsage();
    let ignored = 0;
    for (let i = 0; i < 20_000; i += 1)
      if (rules.ignored(`data/${i % 100}/f${i}.${i % 10 === 0 ? 'log' : 'txt'}`, false)) ignored += 1;
    assert.equal(ignored, 2000);
    assert.ok(process.cpuUsage(start).user < 3_000_000);
  }).timeout(20_000);
});
