/**
 * Random stories that the real DVC and ours live through side by side: files change, objects vanish, commands are given with random options
 * and targets, and after every step both copies hold the same and say the same. `TWINS`, `TWINS_SEED` and `TWINS_STEPS`
 * tell how many stories, which first, and how long.
 */

import { pastOf } from './twinSteps';
import { DvcServer, Twins } from './twins';

const STORIES = Number(process.env['TWINS'] ?? 4);
const FIRST = Number(process.env['TWINS_SEED'] ?? 1);
const STEPS = Number(process.env['TWINS_STEPS'] ?? 5);

describe('agreement: random stories', function () {
  this.timeout(240_000);
  let server: DvcServer;
  before(async () => {
    server = await DvcServer.start();
  });
  after(() => server.stop());

  for (let seed = FIRST; seed < FIRST + STORIES; seed += 1) {
    it(`seed ${seed}`, async () => {
      const twins = await Twins.make(server);
      const past: string[] = [];
      try {
        for (const step of pastOf(seed, STEPS)) {
          past.push(step.name);
          if (!(await step.live(twins, server))) break;
        }
      } catch (error) {
        throw new Error(`${past.join('\n')}\n${error instanceof Error ? error.message : String(error)}`);
      } finally {
        twins.dispose();
      }
    });
  }
});
