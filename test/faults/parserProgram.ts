/** Runs `tryParsers.ts`: built once a test file, in processes with little memory, so that what dies or stands still is known by name. */

import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { buildProgram } from '../support/program';
import { dropFolder, newFolder } from '../support/temporary';

/** Megabytes that JavaScript's objects may take. */
const MEMORY = 100;

/** The program with its folder. */
export class ParserProgram {
  private readonly folder = newFolder();
  private readonly program = buildProgram(path.join(__dirname, 'tryParsers.ts'), this.folder);

  /** How often each end was reached, or how each trap ended. Fails with the file that made something go wrong; `patience` in ms ends what stands still. */
  run(patience: number, ...args: readonly string[]): Readonly<Record<string, number | string>> {
    const progress = path.join(this.folder, 'progress');
    fs.rmSync(progress, { force: true });
    const run = spawnSync(process.execPath, [`--max-old-space-size=${MEMORY}`, this.program, ...args, progress], {
      encoding: 'utf8',
      timeout: patience,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 26,
    });
    const at = fs.existsSync(progress) ? fs.readFileSync(progress, 'utf8').trim() : '';
    assert.equal(run.status, 0, `${args.join(' ')}: died or stood still at ${at}: ${run.stderr.slice(0, 2000)}`);
    const { ends, wrong, text } = JSON.parse(run.stdout) as {
      ends?: Record<string, number | string>;
      wrong?: string;
      text?: string;
    };
    assert.ok(ends, `${args.join(' ')}: ${JSON.stringify(text)}\n${wrong ?? ''}`);
    return ends;
  }

  drop(): void {
    dropFolder(this.folder);
  }
}
