/** No network until somebody asks for it (N4): commands on a project with remotes of every kind, watched by strace, and one that does connect. */

import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureStrace } from '../../scripts/machinery.mjs';
import { call, CLI, newProject, type CommandProject } from '../support/commandLine';
import { skip } from '../support/skip';

/** Nobody listens there. */
const NOWHERE = '127.0.0.1:9';
const REMOTES: Readonly<Record<string, string>> = {
  web: `http://${NOWHERE}/base`,
  dav: `webdav://${NOWHERE}/base`,
  shell: `ssh://${NOWHERE}/base`,
};

describe('the network', function () {
  this.timeout(120_000);
  let strace = '';
  let project: CommandProject;
  before(async function () {
    const found = await ensureStrace();
    if ('skip' in found) return skip(this, found.skip);
    strace = found.path;
    project = newProject({ 'data/a': 'a', 'data/b': 'b' });
    for (const [name, url] of Object.entries(REMOTES)) project.ok('remote', 'add', name, url);
    project.ok('remote', 'default', 'web');
    project.ok('add', 'data');
  });
  after(() => project?.drop());

  /** Connections to anything but sockets of this machine's own files, as strace saw them. */
  const connections = (...args: string[]): string[] => {
    const trace = path.join(path.dirname(project.root), 'trace');
    const { code, err } = call(
      strace,
      ['-f', '-qq', '-e', 'trace=connect', '-o', trace, process.execPath, CLI, ...args],
      project.root,
    );
    // Whether it could do its work; that nothing is ignored has a code of its own.
    if (args[0] !== 'push') assert.equal(code, args[0] === 'check-ignore' ? 1 : 0, err);
    return fs
      .readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => /connect\(.*AF_INET/.test(line));
  };

  for (const command of [
    'status',
    'data status',
    'diff',
    'remote list',
    'config --list',
    'check-ignore data/a',
    'add data',
    'commit',
    'checkout',
    'verify',
  ]) {
    it(`is left alone by ${command}`, () => assert.deepEqual(connections(...command.split(' ')), []));
  }

  for (const remote of ['web', 'dav']) {
    it(`is used by push to ${remote}, which ends with a sentence`, () => {
      assert.ok(connections('push', '-r', remote).length > 0);
      const { code, err } = project.run('push', '-r', remote);
      assert.notEqual(code, 0);
      assert.match(err, /cannot be reached \(ECONNREFUSED\)/);
    });
  }
});
