/** Runs mocha inside VS Code's extension host; the bundle that test/editor/run.mjs makes calls it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type MochaClass from 'mocha';

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
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}
