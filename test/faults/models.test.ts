/**
 * Models and pickles are bytes to us (A7): one that runs a program when Python loads it goes through every command that handles data, and nothing
 * runs but what the engine itself needs: Git, and the system's tools for locks and for flushing disks.
 */

import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureStrace } from '../../scripts/machinery.mjs';
import { call, CLI, newProject, type CommandProject } from '../support/commandLine';
import { skip } from '../support/skip';

/** Protocol 0: calls `os.system('touch ran')` when it is loaded. */
const PICKLE = "cposix\nsystem\n(S'touch ran'\ntR.";
const OURS = new Set(['git', 'flock', 'sync', path.basename(process.execPath)]);
const MODELS = ['model.pkl', 'model.pt', 'model.joblib', 'weights/layers.pkl', 'model.npy'] as const;

describe('models that bite', function () {
  this.timeout(180_000);
  let strace = '';
  let project: CommandProject;
  before(async function () {
    const found = await ensureStrace();
    if ('skip' in found) return skip(this, found.skip);
    strace = found.path;
    project = newProject(Object.fromEntries(MODELS.map((name) => [name, PICKLE])));
    fs.mkdirSync(path.join(project.root, '..', 'store'));
    project.ok('remote', 'add', '-d', 'store', '../store');
    const artifacts = 'artifacts:\n  biter:\n    path: model.pkl\n    type: model\n';
    fs.writeFileSync(path.join(project.root, 'dvc.yaml'), artifacts);
  });
  after(() => project?.drop());

  /** Programs that a command started and that are none of the engine's. */
  const started = (...args: string[]): string[] => {
    const trace = path.join(path.dirname(project.root), 'trace');
    const options = ['-f', '-qq', '-s', '300', '-e', 'trace=execve', '-o', trace];
    const { code, err } = call(strace, [...options, process.execPath, CLI, ...args], project.root);
    assert.equal(code, 0, `${args.join(' ')}: ${err}`);
    const lines = fs.readFileSync(trace, 'utf8').split('\n');
    const programs = lines.flatMap((line) => /execve\("([^"]+)".* = 0$/.exec(line)?.[1] ?? []);
    assert.ok(programs.length > 0, 'strace saw nothing');
    return programs.filter((program) => !OURS.has(path.basename(program)));
  };

  const commit = (): void => {
    for (const args of [
      ['add', '-A'],
      ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'models'],
    ])
      assert.equal(call('git', args, project.root).code, 0);
  };
  const changed = `${PICKLE}#`;
  for (const [step, ...commands] of [
    ['kept', 'add model.pkl model.pt model.joblib weights model.npy', 'status', 'data status --granular', 'push'],
    ['looked at', 'list . -R', 'history model.pkl', 'diff', 'verify', 'registry show', 'stages'],
    ['moved', 'move model.pt other.pt', 'checkout', 'pull', 'remove other.pt.dvc'],
  ] as const) {
    it(`A7 ${MODELS.length} of them, ${step}: no other program is started`, () => {
      for (const command of commands) assert.deepEqual(started(...command.split(' ')), [], command);
      assert.equal(fs.existsSync(path.join(project.root, 'ran')), false);
      if (step === 'kept') commit();
    });
  }

  it('A7 a changed one, compared with the one before: sizes and hashes, nothing more', () => {
    fs.writeFileSync(path.join(project.root, 'model.pkl'), changed);
    assert.deepEqual(started('diff', '--content', 'HEAD', 'workspace', 'model.pkl'), []);
    assert.equal(fs.existsSync(path.join(project.root, 'ran')), false);
  });

  it('it does bite: Python runs it', function () {
    const { code } = call('python3', ['-c', 'import pickle; pickle.load(open("model.npy", "rb"))'], project.root);
    if (code === 128) skip(this, 'there is no Python here');
    assert.equal(fs.existsSync(path.join(project.root, 'ran')), true);
  });
});
