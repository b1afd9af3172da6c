/** Which Python the sample's stages are run with, on machines described by the files on their PATH. */

import assert from 'node:assert/strict';
import { memoryHost } from '../../../src/engine/host/memory';
import { type Host } from '../../../src/engine/host/host';
import { findPython } from '../../../src/engine/sample/interpreter';

interface Machine {
  readonly path: string;
  /** Files by absolute path; `x` makes it a program, `-` a file without that right, empty an empty program. */
  readonly files: Readonly<Record<string, 'x' | '-' | ''>>;
  readonly platform?: Host['platform'];
  /** Name of the variable; `PATH` unless given. */
  readonly key?: string;
}

async function check(machine: Machine, expected: string | undefined): Promise<void> {
  const host = memoryHost(machine.files);
  for (const [path, kind] of Object.entries(machine.files)) await host.fs.chmod(path, kind === '-' ? 0o644 : 0o755);
  const env = { [machine.key ?? 'PATH']: machine.path };
  assert.equal(await findPython({ ...host, platform: machine.platform ?? 'linux', env }), expected);
}

describe('sample: which Python', () => {
  const rows: [string, Machine, string | undefined][] = [
    [
      'python3 before python, wherever they lie',
      { path: '/a:/b', files: { '/a/python': 'x', '/b/python3': 'x' } },
      'python3',
    ],
    ['only python', { path: '/a:/b', files: { '/b/python': 'x' } }, 'python'],
    ['only the launcher', { path: '/a', files: { '/a/py': 'x' } }, 'py'],
    ['a file that may not be run', { path: '/a', files: { '/a/python3': '-', '/a/py': 'x' } }, 'py'],
    ['a folder of that name', { path: '/a', files: { '/a/python3/python': 'x' } }, undefined],
    ['folders that are not there, empty parts', { path: '/none::/a', files: { '/a/python3': 'x' } }, 'python3'],
    ['none', { path: '/a', files: { '/a/perl': 'x' } }, undefined],
    ['an empty PATH', { path: '', files: { '/a/python3': 'x' } }, undefined],
    [
      'Windows: programs end in .exe',
      { path: '/a;/b', files: { '/b/python.exe': 'x' }, platform: 'win32', key: 'Path' },
      'python',
    ],
    [
      'Windows: the empty file that opens the shop is no Python',
      { path: '/shop;/b', files: { '/shop/python3.exe': '', '/b/py.exe': 'x' }, platform: 'win32' },
      'py',
    ],
  ];
  for (const [title, machine, expected] of rows) it(title, () => check(machine, expected));
});
