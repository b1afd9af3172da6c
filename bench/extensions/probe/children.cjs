/** A thread that looks again and again which child processes this process has, also those that other threads started. */
const { readFileSync, readdirSync } = require('node:fs');
const { parentPort } = require('node:worker_threads');

const everyMs = 10;

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It has ended meanwhile.
  }
}

const timer = setInterval(() => {
  for (const thread of readdirSync('/proc/self/task')) {
    for (const pid of read(`/proc/self/task/${thread}/children`).split(' ').filter(Boolean)) {
      parentPort.postMessage({ pid, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() });
    }
  }
}, everyMs);
parentPort.on('close', () => clearInterval(timer));
