/** One test for each conformance case that lies in what is built: what DVC and GTO did, done by the built command line. */

import assert from 'node:assert/strict';
import { caseIds, casesFolder, readCase } from './caseFiles';
import { runCase } from './runner';

/** Cases that run beside each other: they wait for processes more than they compute. */
const LANES = 3;

describe('conformance', function () {
  this.timeout(240_000);
  const ids = caseIds(casesFolder);
  const answers = new Map<string, Promise<string[]>>();
  const umask = process.umask();
  let next = 0;

  /** Each lane takes the next case when its last one has ended; each test waits for its own case. */
  const settle = new Map<string, { resolve: (problems: string[]) => void; reject: (error: unknown) => void }>();
  const lane = async (): Promise<void> => {
    for (let id = ids[next]; id !== undefined; id = ids[next]) {
      next += 1;
      const waiting = settle.get(id);
      await runCase(readCase(id)).then(waiting?.resolve, waiting?.reject);
    }
  };

  before(() => {
    process.umask(0o022);
    for (const id of ids) {
      const answer = new Promise<string[]>((resolve, reject) => settle.set(id, { resolve, reject }));
      answer.catch(() => undefined);
      answers.set(id, answer);
    }
    for (let n = 0; n < LANES; n += 1) void lane();
  });
  after(() => {
    next = ids.length;
    process.umask(umask);
  });

  for (const id of ids) {
    const { title } = readCase(id);
    it(`${id}: ${title}`, async () => {
      const problems = (await answers.get(id)) ?? ['it did not run'];
      if (problems.length > 0) assert.fail(problems.join('\n'));
    });
  }
});
