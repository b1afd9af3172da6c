/** In Restricted Mode the extension wakes and reads. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('restricted mode', () => {
  it('wakes in a folder that is not trusted', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const extension = vscode.extensions.getExtension('strata-mlops.strata-mlops');
    assert.ok(extension, 'the extension is disabled');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });
});
