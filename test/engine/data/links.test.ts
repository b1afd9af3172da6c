/** How workspace files are tied to the cache: links of every kind, made, kept, converted and given up. */

import * as fs from 'node:fs';
import { tell, type Step } from './scenario';

/** Of `1\n`. */
const OBJECT = '.dvc/cache/files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1';
const type = (value: string): Step => ({ verb: 'config', targets: ['cache.type', value] });
const relink: Step = { verb: 'checkout', options: { relink: true }, has: { failed: [] } };
const START: readonly Step[] = [
  { write: { f: '1\n', 'd/a': '2\n', 'd/empty': '' } },
  { write: { 'run.sh': '#!/bin/sh\n' }, mode: 0o755 },
];
const add: Step = { verb: 'add', targets: ['f', 'd', 'run.sh'] };
const unchanged: Step = { verb: 'checkout', has: { added: [], modified: [], deleted: [] } };

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'hardlinks share the object and are read-only; empty and executable files are their own': [
    type('hardlink'),
    add,
    { kinds: { f: 'shared', 'd/a': 'shared', 'd/empty': 'file', 'run.sh': 'file' } },
    { modes: { f: 0o444, 'run.sh': 0o744, 'd/empty': 0o644, [OBJECT]: 0o444 } },
    { remove: ['f', 'd', 'run.sh'] },
    { verb: 'checkout' },
    { kinds: { f: 'shared', 'd/a': 'shared', 'd/empty': 'file', 'run.sh': 'file' } },
    { modes: { 'run.sh': 0o744, [OBJECT]: 0o444 } },
    unchanged,
  ],
  'symlinks lead to objects; what is to be executable is a file': [
    type('symlink'),
    add,
    { kinds: { f: 'link', 'd/a': 'link', 'd/empty': 'link', 'run.sh': 'file' } },
    { modes: { 'run.sh': 0o744 } },
    unchanged,
  ],
  'relinking converts, both ways, and leaves alone what is right': [
    add,
    type('symlink'),
    relink,
    { kinds: { f: 'link', 'd/a': 'link', 'run.sh': 'file' } },
    type('hardlink,copy'),
    relink,
    { kinds: { f: 'shared', 'd/a': 'shared', 'd/empty': 'file' } },
    { remember: ['f', 'd/a', 'run.sh'] },
    relink,
    { same: ['f', 'd/a', 'run.sh'] },
    type('copy'),
    relink,
    { kinds: { f: 'file', 'd/a': 'file' } },
    { modes: { f: 0o644, 'd/a': 0o644, 'run.sh': 0o744 } },
    { remember: ['f', 'd/a', 'd/empty'] },
    relink,
    { same: ['f', 'd/a', 'd/empty'] },
    { files: { f: '1\n', 'd/a': '2\n', 'd/empty': '' } },
  ],
  'relinking does not touch changed data': [
    type('symlink'),
    add,
    { remove: ['f'] },
    { write: { f: 'mine\n' } },
    { verb: 'checkout', options: { relink: true }, fails: 'data.unsaved' },
    { files: { f: 'mine\n' } },
  ],
  'an executable that DVC linked becomes a file of its own': [
    add,
    { remove: ['run.sh'] },
    { hardlink: 'run.sh' },
    { verb: 'checkout' },
    { kinds: { 'run.sh': 'file' } },
    { modes: { 'run.sh': 0o744 } },
  ],
  'unprotect gives writable copies, and only where it has to': [
    type('hardlink'),
    add,
    { remember: ['run.sh', 'd/empty'] },
    { verb: 'unprotect', targets: ['f', 'd', 'run.sh'], gives: { unprotected: 2 } },
    { kinds: { f: 'file', 'd/a': 'file' } },
    { modes: { f: 0o644, 'd/a': 0o644, 'run.sh': 0o744, [OBJECT]: 0o444 } },
    { same: ['run.sh', 'd/empty'] },
    { write: { f: 'changed\n' } },
    { files: { [OBJECT]: '1\n' } },
    { verb: 'unprotect', targets: ['f', 'nope'], fails: 'data.missing' },
    { verb: 'unprotect', targets: ['../x'], fails: 'data.outside' },
  ],
  'a cache that other users share has folders of the group': [
    { verb: 'config', targets: ['cache.shared', 'group'] },
    add,
    { modes: { [OBJECT]: 0o444, '.dvc/cache/files/md5/b0': 0o775, '.dvc/cache/files': 0o775 } },
  ],
};

/** A file system of its own that Linux always has. */
const OTHER_DISK: typeof STORIES = {
  'a cache on another disk: copies where hardlinks cannot be': [
    { otherDisk: 'cache.dir' },
    type('hardlink,copy'),
    { verb: 'add', targets: ['f', 'd'] },
    { kinds: { f: 'file', 'd/a': 'file' } },
    { files: { f: '1\n' } },
    { remove: ['f'] },
    { verb: 'checkout', has: { added: ['f'] } },
    unchanged,
  ],
};

describe('links', () => {
  if (fs.existsSync('/dev/shm'))
    for (const [name, steps] of Object.entries(OTHER_DISK)) it(name, () => tell([...START, ...steps]));

  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell([...START, ...steps]));
});
