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

function childrenNow() {
  const threads = readdirSync('/proc/self/task');
  return threads.flatMap((thread) => read(`/proc/self/task/${thread}/children`).split(' ').filter(Boolean));
}

// What was started before this extension woke is nobody's here.
const before = new Set(childrenNow());
const timer = setInterval(() => {
  for (const pid of childrenNow()) {
    if (before.has(pid)) continue;
    parentPort.postMessage({ pid, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() });
  }
}, everyMs);
parentPort.on('close', () => clearInterval(timer));
