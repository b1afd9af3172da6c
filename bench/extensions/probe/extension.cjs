/**
 * Reports how other extensions woke: VS Code's own numbers (`Developer: Startup Performance`), and every process that was started
 * in the extension host meanwhile. Wakes before the others; writes one JSON file, named by STRATA_BENCH_RESULT, and is done.
 */
const childProcess = require('node:child_process');
const { rename, writeFile } = require('node:fs/promises');
const { join } = require('node:path');
const { Worker } = require('node:worker_threads');
const vscode = require('vscode');

/** How long after the last extension woke processes still count, in milliseconds. */
const afterMs = 3000;

/** Notes each process that the extension host's main thread starts, with the files that asked for it. */
function watchStarts(started) {
  const { spawn } = childProcess.ChildProcess.prototype;
  Error.stackTraceLimit = 50;
  childProcess.ChildProcess.prototype.spawn = function (options) {
    const entry = { program: String(options.file), stack: new Error('started').stack };
    started.push(entry);
    const result = spawn.call(this, options);
    entry.pid = this.pid;
    return result;
  };
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function startupText() {
  await vscode.commands.executeCommand('perfview.show');
  const find = () => vscode.workspace.textDocuments.find((document) => document.uri.scheme === 'perf');
  await until(() => /Extension Activation Stats/.test(find()?.getText() ?? ''));
  return find().getText();
}

async function report(file, ids) {
  const started = [];
  watchStarts(started);
  const sampler = new Worker(join(__dirname, 'children.cjs'));
  const children = {};
  sampler.on('message', ({ pid, command }) => (children[pid] = command));
  await until(() => ids.every((id) => vscode.extensions.getExtension(id)?.isActive));
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await sampler.terminate();
  const text = await startupText();
  await writeFile(`${file}.new`, JSON.stringify({ text, started, children }));
  await rename(`${file}.new`, file);
}

exports.activate = () => {
  const { STRATA_BENCH_RESULT: file, STRATA_BENCH_IDS: ids } = process.env;
  if (!file || !ids) return;
  report(file, ids.split(',')).catch((error) => writeFile(file, JSON.stringify({ error: String(error.stack) })));
};
