/** C5: what stands unsaved in the editor while an act would read or write its file: saved first when the user says so, else nothing is done. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { command, onlySession, parts, Prompts, rowOf, tasksOver, until } from '../support/editorParts';

const root = process.env['STRATA_TEST_WORKSPACE'] ?? '';
const file = (path: string): string => join(root, path);
const uri = (path: string): vscode.Uri => vscode.Uri.file(file(path));
const read = (path: string): string => readFileSync(file(path), 'utf8');
const yes = ({ choices }: { choices: readonly string[] }): string | undefined => choices[0];

const COMMENT = '# my own words\n';

/** Types into a file without saving it. */
async function type(path: string, text = COMMENT): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(uri(path));
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(0, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
  assert.ok(document.isDirty);
  return document;
}

/** Gives up what is unsaved. */
async function revert(): Promise<void> {
  for (const document of vscode.workspace.textDocuments.filter((one) => one.isDirty)) {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

describe('the sample, edited and not saved', () => {
  let prompts: Prompts;
  before(() => (prompts = new Prompts()));
  beforeEach(() => prompts.reset());
  after(() => prompts.dispose());
  afterEach(async () => {
    await revert();
    assert.deepEqual(prompts.texts('error'), []);
  });

  const asked = (): string[] => prompts.texts('warning').filter((text) => text.includes('not saved'));

  it('dvc.yaml: freeze is not done on Escape, and neither the file nor the document is touched', async () => {
    const { views } = await parts();
    const before = read('dvc.yaml');
    const document = await type('dvc.yaml');
    await command('freeze', await rowOf(views.pipeline, 'train'));
    assert.deepEqual(asked(), ['dvc.yaml has changes that are not saved. Save it and go on?']);
    assert.ok(prompts.asked.every(({ modal }) => modal));
    assert.equal(read('dvc.yaml'), before);
    assert.deepEqual([document.isDirty, document.getText()], [true, COMMENT + before]);
  });

  it('dvc.yaml: saved first when the user agrees, then both changes are in the file and the document', async () => {
    const { views } = await parts();
    const before = read('dvc.yaml');
    const document = await type('dvc.yaml');
    prompts.reset(yes);
    await command('freeze', await rowOf(views.pipeline, 'train'));
    assert.match(read('dvc.yaml'), /^# my own words\n[^]*frozen: true/);
    await until('the document follows', () => document.getText() === read('dvc.yaml') && !document.isDirty);
    await command('unfreeze', await rowOf(views.pipeline, 'train'));
    assert.equal(read('dvc.yaml'), COMMENT + before);
    writeFileSync(file('dvc.yaml'), before);
  });

  it('a tracked table: a restore does not touch it while it is edited', async () => {
    writeFileSync(file('edited.csv'), 'id\n1\n');
    await command('add', uri('edited.csv'));
    writeFileSync(file('edited.csv'), 'id\n1\n2\n');
    const document = await type('edited.csv', 'typed\n');
    const session = await onlySession();
    await assert.rejects(session.call('checkout', { targets: [], force: true }), { name: 'Cancelled' });
    assert.equal(asked().length, 1);
    assert.deepEqual([read('edited.csv'), document.isDirty], ['id\n1\n2\n', true]);
    await revert();
    await session.call('checkout', { targets: ['edited.csv'], force: true });
    assert.equal(read('edited.csv'), 'id\n1\n');
  });

  it('a new table: what is tracked is what the user sees', async () => {
    writeFileSync(file('fresh.csv'), 'id\n');
    await type('fresh.csv', 'typed\n');
    prompts.reset(yes);
    await command('add', uri('fresh.csv'));
    assert.equal(asked().length, 1);
    assert.equal(read('fresh.csv'), 'typed\nid\n');
    assert.deepEqual(await (await onlySession()).call('status', { targets: ['fresh.csv.dvc'] }), {});
    for (const name of ['edited.csv', 'fresh.csv']) {
      await command('remove', uri(name));
      rmSync(file(name), { force: true });
    }
    assert.equal(existsSync(file('fresh.csv.dvc')), false);
  });

  it('params.yaml: a run waits for it to be saved', async () => {
    await type('params.yaml');
    const session = await onlySession();
    await assert.rejects(session.call('runStart', { targets: [] }), { name: 'Cancelled' });
    assert.equal(asked().length, 1);
    await tasksOver();
  });

  it('what does not concern an act is not asked about', async () => {
    const session = await onlySession();
    writeFileSync(file('diary.txt'), 'x\n');
    await type('diary.txt', 'y\n');
    await session.call('commit', { targets: [], force: true });
    await session.call('status', { targets: [] });
    await type('dvc.yaml');
    await session.call('gc', { targets: [], workspace: true, dry: true });
    await session.call('fetch', { targets: [] });
    assert.deepEqual(asked(), []);
    await revert();
    rmSync(file('diary.txt'));
  });
});
