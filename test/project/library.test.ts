/** The library as another program meets it: installed in a folder elsewhere, types checked against what is shipped, then run. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join, resolve } from 'node:path';
import { openRepository } from '../../src/engine/library';
import { VERBS } from '../../src/engine/verbs/verbs';
import { newProject } from '../support/commandLine';
import { dropFolder, newFolder } from '../support/temporary';

const root = resolve(__dirname, '../..');

/** The program. What it prints last is checked. */
const PROGRAM = `
import { writeFileSync, readFileSync, rmSync } from 'node:fs';
import { initRepository, openRepository, type Repository } from 'strata-mlops/engine';

const dir = process.argv[2] ?? '';
await initRepository({ dir }, { noScm: true });
writeFileSync(dir + '/data.csv', 'a,b\\n1,2\\n');
const repository: Repository = await openRepository({ dir });
const phases = new Set<string>();
const { added } = await repository.add({ targets: ['data.csv'] }, { progress: ({ phase }) => phases.add(phase) });
const hash: string | undefined = added[0]?.hash;
await repository.remoteAdd({ targets: ['store', dir + '-store'], default: true });
const { pushed } = await repository.push();
rmSync(dir + '/data.csv');
const states = await repository.status();
rmSync(dir + '/.dvc/cache', { recursive: true });
const pulled = await repository.pull({ allowMissing: false });
const data = await repository.dataStatus({ granular: true });
const { checked, bad } = await repository.verify();
const stopped = await repository.checkout({}, { signal: AbortSignal.abort() }).catch((error: Error) => error.name);
const missing = await repository.add({ targets: ['none'] }).catch((error: { code: string }) => error.code);
// @ts-expect-error: an option that the verb does not have
await repository.status({ nonsense: true });
await repository.close();
const text = readFileSync(dir + '/data.csv', 'utf8');
console.log(JSON.stringify({ hash, pushed, states, added: pulled.added, data, checked, bad, stopped, missing, text, phases: phases.size > 0 }));
`;

const SETTINGS = {
  compilerOptions: {
    ...{ target: 'ES2022', module: 'NodeNext', moduleResolution: 'NodeNext', strict: true, outDir: 'out' },
    ...{ exactOptionalPropertyTypes: true, types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
  },
  files: ['program.mts'],
};

describe('library', function () {
  this.timeout(120_000);
  const above = newFolder();
  after(() => dropFolder(above));

  it('has a method for every verb of data and settings', async () => {
    const project = newProject();
    const repository = await openRepository({ dir: project.root });
    const facts = ['root', 'version'];
    const wanted = VERBS.filter(({ id, group, words, needs }) => {
      return ['data', 'project'].includes(group) && words.length > 0 && needs.project && !facts.includes(id);
    });
    const names = wanted.map(({ id }) => id.replace(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase()));
    const known = ['root', 'call', 'reload', 'close'];
    assert.deepEqual(
      Object.keys(repository)
        .filter((name) => !known.includes(name))
        .sort(),
      names.sort(),
    );
    await repository.close();
    project.drop();
  });

  it('works from a program elsewhere, with its types', () => {
    const installed = join(above, 'node_modules', 'strata-mlops');
    fs.mkdirSync(join(above, 'work'));
    for (const name of ['package.json', 'dist'])
      fs.cpSync(join(root, name), join(installed, name), { recursive: true });
    fs.writeFileSync(join(above, 'program.mts'), PROGRAM);
    fs.writeFileSync(join(above, 'tsconfig.json'), JSON.stringify(SETTINGS));
    const run = (...args: string[]): string => {
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: above, encoding: 'utf8' });
      assert.equal(status, 0, stdout + stderr);
      return stdout;
    };
    run(join(root, 'node_modules/typescript/bin/tsc'), '-p', '.');
    const said = JSON.parse(run(join(above, 'out', 'program.mjs'), join(above, 'work'))) as unknown;
    assert.deepEqual(said, {
      hash: 'e5ebd4c02cefbe7955977c67ada242b7',
      pushed: 1,
      states: { 'data.csv.dvc': [{ 'changed outs': { 'data.csv': 'deleted' } }] },
      added: ['data.csv'],
      data: {},
      checked: 1,
      bad: [],
      stopped: 'Cancelled',
      missing: 'data.missing',
      text: 'a,b\n1,2\n',
      phases: true,
    });
  });
});
