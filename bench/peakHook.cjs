/** Loaded before a program (`node --require`): says at its end how much memory it held at most, in kilobytes, on its standard error. */
const { writeSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');
if (isMainThread) process.once('exit', () => writeSync(2, `\npeak ${process.resourceUsage().maxRSS}\n`));
