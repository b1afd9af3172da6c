/**
 * One engine in a process of its own, for tests that let several work on one project. Loads the built library, says that it is ready, does the
 * calls it is sent one after another, and answers with how they went. A project that is busy is asked again, as its user would.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { openRepository } = createRequire(import.meta.url)(join(import.meta.dirname, '..', '..', 'dist', 'library.js'));

/** What is no failure: somebody else is at it. */
const BUSY = new Set(['lock.busy', 'lock.paths', 'data.objectsGone']);
const MOST_TRIES = 40;
const call = {
  signal: new AbortController().signal,
  progress: () => undefined,
  ask: () => Promise.reject(new Error()),
};

async function act(repo, [verb, targets, options], told) {
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await repo.call(verb, { targets, ...options }, call);
      const bad = [...(answer.bad ?? []), ...(answer.failed ?? [])];
      if (bad.length > 0) throw new Error(JSON.stringify(bad));
      told.done += 1;
      return;
    } catch (error) {
      if (!BUSY.has(error.code) || tries === MOST_TRIES) {
        told.failed.push(`${verb} ${targets.join(' ')}: ${error.code ?? error.stack} ${JSON.stringify(error.data)}`);
        return;
      }
      told.busy += 1;
      await new Promise((resolve) => setTimeout(resolve, 20 * Math.random()));
    }
  }
}

process.on('message', async ({ dir, calls, pause }) => {
  const told = { done: 0, busy: 0, failed: [] };
  const repo = await openRepository({ dir });
  for (const one of calls) {
    await act(repo, one, told);
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause * Math.random()));
  }
  await repo.close();
  process.send(told, () => process.disconnect());
});
// Nobody waits for the answer any more.
process.on('disconnect', () => process.exit());
process.send('ready');
