/**
 * Asks a running engine for the status, as the editor does: the worker of `dist/engine.js` is started and asked once, then the next
 * answers are timed. Prints the median in milliseconds. Usage: node engineStatus.mjs DIST ROOT
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { spread } from './measure.mjs';

const [dist, root] = process.argv.slice(2);
const worker = new Worker(join(dist, 'engine.js'));
let id = 0;
const call = (method, args) =>
  new Promise((resolve, reject) => {
    const mine = ++id;
    const answer = (message) => {
      if (message.id !== mine || (message.k !== 'done' && message.k !== 'fail')) return;
      worker.off('message', answer);
      if (message.k === 'done') resolve(message.value);
      else reject(new Error(JSON.stringify(message.error)));
    };
    worker.on('message', answer);
    worker.postMessage({ v: 1, k: 'call', id: mine, method, args });
  });

await call('open', { dir: root, trusted: true, media: root });
const times = [];
for (let i = 0; i < 6; i++) {
  const started = performance.now();
  const answer = await call('status', { args: { targets: [] } });
  if (Object.keys(answer).length > 0) throw new Error(`not clean: ${JSON.stringify(answer)}`);
  if (i > 0) times.push(performance.now() - started);
}
await call('close', {});
await worker.terminate();
console.log(`${spread(times).median.toFixed(2)} ms`);
