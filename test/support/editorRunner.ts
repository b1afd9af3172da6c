/** Runs mocha inside VS Code's extension host; the bundle that test/editor/run.mjs makes calls it. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type MochaClass from 'mocha';
import { parts, until } from '../editor/support/editorParts';

/**
 * The last suite of each run: disposes what the editor would dispose when it deactivates the extension, then nothing of ours
 * may be left: no worker, no watcher, no project.
 */
function defineLeakCheck(): void {
  describe('at the end', () => {
    it('nothing is left of the extension when it is deactivated', async () => {
      const { app } = await parts();
      const sessions = [...app.sessions.known];
      for (const one of [...app.context.subscriptions].reverse()) void one.dispose();
      assert.deepEqual(app.sessions.known, []);
      await until('the end of every worker', () => sessions.every(({ held }) => !held.engine && held.watchers === 0));
    });
  });
}

/**
 * Runs the tests that `load` defines and rejects when one failed.
 * Mocha is loaded from the project's own packages, since the bundle stands elsewhere.
 */
export async function runSuite(load: () => Promise<void>): Promise<void> {
  const root = process.env['STRATA_ROOT'] ?? '';
  const requireHere = createRequire(join(root, 'package.json'));
  const Mocha = requireHere('mocha') as typeof MochaClass;
  const reporter = requireHere(join(root, 'test', 'support', 'reporter.cjs')) as MochaClass.ReporterConstructor;
  const grep = process.env['STRATA_GREP'];
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 30_000, reporter, ...(grep ? { fgrep: grep } : {}) });
  mocha.suite.emit('pre-require', globalThis as unknown as MochaClass.MochaGlobals, '', mocha);
  await load();
  defineLeakCheck();
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}
