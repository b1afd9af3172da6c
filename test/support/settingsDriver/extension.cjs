/**
 * Changes user settings of a workbench under test while it runs: the server tells the page of the first change of its
 * settings file only. It looks for the file that STRATA_SETTINGS_REQUEST names, applies what it holds through VS Code's
 * own interface, and takes the file away when that is done.
 */
const { readFile, rename, rm } = require('node:fs/promises');
const vscode = require('vscode');

const everyMs = 100;

async function applyRequest(file) {
  const taken = `${file}.taken`;
  try {
    await rename(file, taken);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  const changes = JSON.parse(await readFile(taken, 'utf8'));
  for (const [key, value] of Object.entries(changes)) {
    await vscode.workspace.getConfiguration().update(key, value ?? undefined, vscode.ConfigurationTarget.Global);
  }
  await rm(taken);
}

exports.activate = (context) => {
  const file = process.env.STRATA_SETTINGS_REQUEST;
  if (!file) return;
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    await applyRequest(file).catch((error) => console.error(error));
    busy = false;
  }, everyMs);
  context.subscriptions.push({ dispose: () => clearInterval(timer) });
};
