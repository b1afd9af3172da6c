import * as assert from 'node:assert/strict';
import { tell, type Step } from './scenario';

const START: readonly Step[] = [
  { write: { 'd/a': '1\n', 'd/b': '2\n', f: '1\n' } },
  { verb: 'add', targets: ['d', 'f'] },
  { commit: 'first' },
  { write: { 'd/b': '3\n', 'd/c': '4\n' } },
  { verb: 'add', targets: ['d'] },
  { commit: 'second\n\nmore words' },
  { write: { f: '2\n', other: '' } },
  { verb: 'add', targets: ['f'] },
  { commit: 'third' },
];

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'restores a version of a file and takes it back': [
    {
      verb: 'restore',
      targets: ['f'],
      options: { from: '$1', dry: true },
      gives: { added: [], modified: ['f'], deleted: [] },
    },
    { files: { f: '2\n' } },
    { write: { f: 'unsaved\n' } },
    { verb: 'restore', targets: ['f'], options: { from: '$1' }, has: { modified: ['f'] } },
    { files: { f: '1\n' } },
    { verb: 'restore', options: { undo: true }, has: { modified: ['f'] } },
    { files: { f: 'unsaved\n' } },
    { verb: 'restore', options: { undo: true }, has: { modified: ['f'] } },
    { files: { f: '1\n' } },
  ],
  'restores a folder': [
    {
      verb: 'restore',
      targets: ['d'],
      options: { from: '$1' },
      has: { added: [], modified: ['d/b'], deleted: ['d/c'] },
    },
    { files: { 'd/b': '2\n', 'd/c': null } },
    { verb: 'restore', options: { undo: true }, has: { added: ['d/c'], modified: ['d/b'] } },
    { files: { 'd/b': '3\n', 'd/c': '4\n' } },
  ],
  'restores one file of a folder': [
    { verb: 'restore', targets: ['d/b'], options: { from: '$1' }, has: { modified: ['d/b'] } },
    { files: { 'd/b': '2\n', 'd/c': '4\n' } },
  ],
  'restores what is gone from the workspace': [
    { remove: ['d'] },
    { verb: 'restore', targets: ['d'], options: { from: 'HEAD~2' }, has: { added: ['d/a', 'd/b'] } },
    { verb: 'restore', options: { undo: true }, has: { deleted: ['d/a', 'd/b'] } },
    { files: { d: null } },
  ],
  'refuses a version that is not in the cache, before anything changes': [
    { remove: ['.dvc/cache/files/md5/26'] },
    { verb: 'restore', targets: ['d'], options: { from: '$1' }, fails: 'data.versionNotCached' },
    { files: { 'd/b': '3\n', 'd/c': '4\n' } },
  ],
  'refuses what that commit does not have': [
    { verb: 'restore', targets: ['other'], options: { from: '$3' }, fails: 'data.noVersion' },
    { verb: 'restore', targets: ['f'], options: { from: 'nope' }, fails: 'git.unknownRevision' },
    { verb: 'restore', options: { undo: true }, fails: 'restore.noUndo' },
  ],
  'reads any file of any version': [
    { verb: 'fileVersion', options: { rev: '$1', path: 'd/b' }, gives: { bytes: Buffer.from('2\n'), size: 2 } },
    { verb: 'fileVersion', options: { rev: 'workspace', path: 'd/b' }, gives: { bytes: Buffer.from('3\n'), size: 2 } },
    { verb: 'fileVersion', options: { rev: 'HEAD', path: 'd' }, fails: 'data.noVersion' },
    { verb: 'fileVersion', options: { rev: '$1', path: 'other' }, fails: 'data.noVersion' },
    { verb: 'fileVersion', options: { rev: 'workspace', path: 'd/b', maxBytes: 1 }, fails: 'data.tooLarge' },
  ],
  'compares commits and the workspace': [
    {
      verb: 'diff',
      targets: ['$1', '$3'],
      gives: {
        added: [{ path: 'd/c' }],
        deleted: [],
        modified: [{ path: 'd/' }, { path: 'd/b' }, { path: 'f' }],
        renamed: [],
      },
    },
    { remove: ['d/b'] },
    { write: { 'd/z': '3\n' } },
    { verb: 'diff', has: { added: [], modified: [{ path: 'd/' }], renamed: [{ path: { old: 'd/b', new: 'd/z' } }] } },
    { verb: 'diff', options: { paths: ['f'] }, has: { modified: [] } },
    { verb: 'diff', targets: ['nope'], fails: 'git.unknownRevision' },
  ],
};

describe('history and restore', () => {
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell([...START, ...steps]));

  it('lists the versions of a folder, newest first', () => {
    const check = (answer: unknown): void => {
      const { versions } = answer as { versions: Record<string, unknown>[] };
      const facts = versions.map(({ message, author, nfiles, added, modified, deleted, cached }) => ({
        message,
        author,
        nfiles,
        added,
        modified,
        deleted,
        cached,
      }));
      assert.deepEqual(facts, [
        { message: 'second\n\nmore words', author: 'ann', nfiles: 3, added: 1, modified: 1, deleted: 0, cached: true },
        { message: 'first', author: 'ann', nfiles: 2, added: 2, modified: 0, deleted: 0, cached: true },
      ]);
    };
    return tell([...START, { verb: 'history', targets: ['d'], check }]);
  });

  it('lists the versions of a file, with registered ones and lost data', () => {
    const check = (answer: unknown): void => {
      const { versions } = answer as { versions: Record<string, unknown>[] };
      const facts = versions.map(({ message, size, cached, registered }) => ({ message, size, cached, registered }));
      assert.deepEqual(facts, [
        { message: 'third', size: 2, cached: true, registered: ['m@v0.0.2'] },
        { message: 'first', size: 2, cached: false, registered: undefined },
      ]);
    };
    const tag: Step = { git: ['tag', '-a', '-m', 'x', 'm@v0.0.2'] };
    return tell([...START, tag, { remove: ['.dvc/cache/files/md5/b0'] }, { verb: 'history', targets: ['f'], check }]);
  });

  it('follows one file inside a folder', () => {
    const check = (answer: unknown): void => {
      const { versions } = answer as { versions: { message: string }[] };
      assert.deepEqual(
        versions.map((one) => one.message.slice(0, 6)),
        ['second', 'first'],
      );
    };
    return tell([
      ...START,
      { verb: 'history', targets: ['d/b'], check },
      { verb: 'history', targets: ['nope'], fails: 'data.noHistory' },
    ]);
  });
});
