/** When the extension wakes, and that it then answers to each command of its manifest. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

const id = 'strata-mlops.strata-mlops';

interface Manifest {
  contributes: { commands: { command: string }[] };
}

describe('activation', () => {
  it('sleeps in a folder that is no project', () => {
    const extension = vscode.extensions.getExtension(id);
    assert.ok(extension, `${id} is not installed`);
    assert.equal(extension.isActive, false);
  });

  it('answers to every command of the manifest once it is awake', async () => {
    const extension = vscode.extensions.getExtension(id);
    assert.ok(extension);
    await extension.activate();
    const known = new Set(await vscode.commands.getCommands(true));
    const { contributes } = extension.packageJSON as Manifest;
    const missing = contributes.commands.map(({ command }) => command).filter((command) => !known.has(command));
    assert.deepEqual(missing, []);
  });
});
