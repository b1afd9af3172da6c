import * as assert from 'node:assert/strict';
import { quietCall } from '../../../src/base/cancel';
import { collectProject } from '../../../src/engine/data/collect';
import { type Repo } from '../../../src/engine/data/repo';
import { memoryHost } from '../../../src/engine/host/memory';

const POINTER = 'outs:\n- md5: b026324c6904b2a9cb4b88d6d61c81d1\n  size: 2\n  hash: md5\n  path: ';
const STAGE =
  'stages:\n  s:\n    cmd: x\n    wdir: in\n    deps:\n    - ../a\n    outs:\n    - o\n    metrics:\n    - m:\n        cache: false\n';
const LOCK = `schema: '2.0'\nstages:\n  s:\n    cmd: x\n    outs:\n    - path: o\n      hash: md5\n      md5: 26ab0db90d72e28ad0ba1e22ee510510\n      size: 2\n`;

/** Outputs as `path stage` with the hash's beginning, broken files as `!path`. */
async function collected(files: Readonly<Record<string, string>>): Promise<string[]> {
  const host = memoryHost(
    Object.fromEntries(Object.entries({ '.dvc/config': '', ...files }).map(([path, text]) => [`/p/${path}`, text])),
  );
  const config = new Map();
  const repo = {
    root: '/p',
    host,
    config,
    cwd: '.',
    git: undefined,
    trusted: false,
    command: 'test',
  } as unknown as Repo;
  const found = await collectProject(repo, quietCall());
  const outputs = found.outputs.map((one) => `${one.path} ${one.stage} ${one.recorded?.hash.slice(0, 2) ?? '-'}`);
  return [...outputs, ...found.broken.map((one) => `!${one.path}`)];
}

const CASES: Readonly<Record<string, readonly [files: Readonly<Record<string, string>>, says: readonly string[]]>> = {
  'pointers and stages, paths from the root': [
    { 'a.dvc': `${POINTER}a\n`, 'sub/dvc.yaml': STAGE, 'sub/dvc.lock': LOCK },
    ['a a.dvc b0', 'sub/in/o sub/dvc.yaml:s 26', 'sub/in/m sub/dvc.yaml:s -'],
  ],
  'a pointer with a working folder': [{ 'meta/x.dvc': `wdir: ..\n${POINTER}a\n` }, ['a meta/x.dvc b0']],
  'not inside outputs, other projects, ignored folders': [
    {
      'd.dvc': `${POINTER}d\n`,
      'd/x.dvc': `${POINTER}x\n`,
      'other/.dvc/config': '',
      'other/y.dvc': `${POINTER}y\n`,
      '.dvcignore': 'hidden/\n',
      'hidden/z.dvc': `${POINTER}z\n`,
      '.git/HEAD': '',
      '.gitignore': '/gone\n*.tmp.dvc\n',
      'gone/v.dvc': `${POINTER}v\n`,
      'u.tmp.dvc': `${POINTER}u\n`,
    },
    ['d d.dvc b0'],
  ],
  'files that cannot be loaded are told, the rest is there': [
    { 'a.dvc': `${POINTER}a\n`, 'b.dvc': 'bad: 1\n', 'dvc.yaml': STAGE, 'dvc.lock': '' },
    ['a a.dvc b0', '!b.dvc', '!dvc.yaml'],
  ],
  'a path outside stays absolute': [{ 'x.dvc': `${POINTER}../out\n` }, ['/out x.dvc b0']],
};

describe('collectProject', () => {
  for (const [name, [files, says]] of Object.entries(CASES))
    it(name, async () => assert.deepEqual(await collected(files), says));
});
