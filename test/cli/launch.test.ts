import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CLI } from '../support/commandLine';
import { dropFolder, newFolder } from '../support/temporary';

describe('the first file of the command', () => {
  const folder = newFolder();
  after(() => dropFolder(folder));
  const program = path.join(folder, 'strata.js');
  const run = (): string => spawnSync(process.execPath, [path.join(folder, 'cli.js')], { encoding: 'utf8' }).stdout;
  const kept = (): string[] => fs.readdirSync(folder).filter((name) => name.endsWith('.cache'));
  const write = (text: string): void => {
    fs.writeFileSync(program, text);
    const then = Date.now() / 1000 - 60;
    fs.utimesSync(program, then, then);
  };

  beforeEach(() => {
    for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name));
    fs.copyFileSync(CLI, path.join(folder, 'cli.js'));
    write('process.stdout.write(require("node:path").basename(__filename) + 1);');
  });

  it('keeps what was compiled and uses it', () => {
    assert.equal(run(), 'strata.js1');
    const [name = ''] = kept();
    const { ino } = fs.statSync(path.join(folder, name));
    assert.equal(run(), 'strata.js1');
    assert.equal(fs.statSync(path.join(folder, name)).ino, ino, 'not compiled again');
  });

  it('does not use what belongs to an older program, even one of the same length', () => {
    run();
    const later = Date.now() / 1000 + 60;
    write('process.stdout.write(require("node:path").basename(__filename) + 2);');
    fs.utimesSync(program, later, later);
    assert.equal(run(), 'strata.js2');
  });

  it('compiles again when what is kept is broken', () => {
    run();
    fs.writeFileSync(path.join(folder, kept()[0] ?? ''), 'nothing of V8');
    assert.equal(run(), 'strata.js1');
    assert.ok(fs.statSync(path.join(folder, kept()[0] ?? '')).size > 100);
  });

  it('runs where nothing can be kept', () => {
    fs.mkdirSync(path.join(folder, `strata-${process.version}-${process.arch}.cache`));
    assert.equal(run(), 'strata.js1');
    fs.rmdirSync(path.join(folder, `strata-${process.version}-${process.arch}.cache`));
    assert.deepEqual(
      fs.readdirSync(folder).filter((name) => name.endsWith('.tmp')),
      [],
    );
  });
});
