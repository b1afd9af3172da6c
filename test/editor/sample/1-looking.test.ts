/** The sample project as it is opened: views, letters, lenses, tasks, status bar, panels. Nothing here changes a file. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { onlySession, parts, rowOf, rowTexts, until } from '../support/editorParts';
import { everyCommand, NONSENSE } from '../support/everyCommand';
import { type Node, type ProjectTree } from '../../../src/extension/views/tree';

async function idsOf(tree: ProjectTree<Node>): Promise<string[]> {
  const ids: string[] = [];
  const visit = async (node?: Node): Promise<void> => {
    for (const row of await tree.getChildren(node)) {
      assert.equal(row.id, row.item.id);
      ids.push(row.id);
      if (row.children) await visit(row);
    }
  };
  await visit();
  return ids;
}

describe('the sample, looked at', () => {
  it('is found without being asked for', async () => {
    await until('the extension awake', async () => (await parts()).app);
    assert.equal((await onlySession()).name, 'digits');
  });

  it('shows the tracked data, all unchanged', async () => {
    const { views } = await parts();
    const rows = await rowTexts(views.data);
    const labels = rows.map((row) => row.split(' | ')[0] ?? '').sort();
    const expected = 'confusion.csv digits.csv digits.json metrics params.yaml predictions.csv prepared';
    assert.equal(labels.join(' '), expected);
    assert.deepEqual(
      rows.filter((row) => /modified|deleted|cache/.test(row)),
      [],
    );
    assert.deepEqual(
      (await rowTexts(views.data, await rowOf(views.data, 'prepared'))).map((row) => row.split(' | ')[0]),
      ['test.csv', 'train.csv'],
    );
  });

  it('shows the stages up to date, the runs with metrics, the model with its version', async () => {
    const { views } = await parts();
    assert.deepEqual(
      (await rowTexts(views.pipeline)).map((row) => row.split(' | ')[0]),
      ['prepare', 'train', 'evaluate'],
    );
    assert.equal(
      (await rowTexts(views.pipeline)).every((row) => row.includes('up to date')),
      true,
    );
    assert.ok((await rowTexts(views.runs)).length >= 3);
    assert.match((await rowTexts(views.models)).join('\n'), /digits \| .*prod v0\.1\.0/);
    assert.match((await rowTexts(views.models, await rowOf(views.models, 'digits'))).join('\n'), /v0\.1\.0 \| #prod/);
  });

  it('V10: ids are unique and the same after a refresh', async () => {
    const { views } = await parts();
    for (const [name, view] of Object.entries(views)) {
      const before = await idsOf(view);
      assert.equal(new Set(before).size, before.length, name);
      view.refresh();
      assert.deepEqual(await idsOf(view), before, name);
    }
  });

  it('V11: what an icon or a colour says is said in words too', async () => {
    const { views } = await parts();
    for (const view of Object.values(views)) {
      for (const { item } of await view.getChildren()) assert.ok(item.accessibilityInformation?.label, item.id ?? '');
    }
  });

  it('gives tracked files a letter in the Explorer, and other files none', async () => {
    const { decorations } = await parts();
    const session = await onlySession();
    const letter = async (path: string): Promise<unknown> =>
      (await decorations.provideFileDecoration(session.uri(path)))?.badge;
    assert.deepEqual(
      [await letter('data/digits.csv'), await letter('data/prepared'), await letter('src/train.py'), await letter('.')],
      ['T', 'T', undefined, undefined],
    );
    assert.equal(await decorations.provideFileDecoration(vscode.Uri.file('/elsewhere/digits.csv')), undefined);
    assert.equal(await decorations.provideFileDecoration(vscode.Uri.parse('untitled:digits.csv')), undefined);
  });

  it('says in the status bar that nothing changed, and where to look', async () => {
    const { statusBar } = await parts();
    await until('the status bar', () => statusBar.shown === 'Strata: no changes');
  });

  it('shows lenses on the stages of dvc.yaml, and none without the setting, at once', async () => {
    const session = await onlySession();
    const uri = session.uri('dvc.yaml');
    await vscode.window.showTextDocument(uri);
    const lenses = async (): Promise<vscode.CodeLens[]> => {
      const all = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
      return all.filter((lens) => lens.command?.command.startsWith('strata.'));
    };
    const found = await lenses();
    const lines = (await vscode.workspace.openTextDocument(uri)).getText().split('\n');
    const said = found.map(({ range, command: act }) => {
      const title = act?.title.replace(/\$\([^)]*\) /, '');
      return `${lines[range.start.line]?.trim()} ${act?.command}: ${title}`;
    });
    const expected = ['prepare', 'train', 'evaluate'].flatMap((stage) => [
      `${stage}: strata.repro: Run`,
      `${stage}: strata.reproDownstream: Run with downstream`,
      `${stage}: strata.pipeline.focus: up to date`,
    ]);
    assert.deepEqual(
      said.map((line) => line.replace(/ · .*/, '')),
      expected,
    );
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      found.filter(({ command }) => !known.has(command?.command ?? '')),
      [],
    );
    const config = vscode.workspace.getConfiguration('strata');
    await config.update('codeLens', false, vscode.ConfigurationTarget.Global);
    await until('no lenses', async () => (await lenses()).length === 0);
    await config.update('codeLens', undefined, vscode.ConfigurationTarget.Global);
    await until('lenses again', async () => (await lenses()).length === found.length);
  });

  it('E6: offers a task for the pipeline and for each stage', async () => {
    const tasks = await vscode.tasks.fetchTasks({ type: 'strata' });
    assert.deepEqual(tasks.map(({ name }) => name).sort(), ['all that is stale', 'evaluate', 'prepare', 'train']);
  });

  it('E10: shows an earlier version without touching the workspace', async () => {
    const session = await onlySession();
    const { versions } = await session.call('history', { targets: ['data/digits.csv'] });
    const sizes = new Set<number>();
    for (const { commit } of versions) {
      const query = JSON.stringify({ root: session.root, rev: commit, path: 'data/digits.csv' });
      const uri = vscode.Uri.from({ scheme: 'strata', path: '/data/digits.csv', query });
      sizes.add((await vscode.workspace.openTextDocument(uri)).getText().length);
    }
    assert.ok(versions.length >= 3);
    assert.ok(sizes.size >= 2);
    for (const path of ['models/none.json', '../outside', '.git/config']) {
      const query = JSON.stringify({ root: session.root, rev: 'HEAD', path });
      const uri = vscode.Uri.from({ scheme: 'strata', path: `/${path}`, query });
      assert.equal((await vscode.workspace.openTextDocument(uri)).getText(), '', path);
    }
  });

  it('C3: every command survives Escape, whatever it is given', async () => {
    const session = await onlySession();
    const { views } = await parts();
    const tracked = session.uri('data/digits.csv');
    const rows = {
      nothing: [],
      'a tracked file': [tracked, [tracked]],
      'a file outside': [vscode.Uri.file('/elsewhere/file.csv')],
      'a row of Data': [await rowOf(views.data, 'digits.csv')],
      'a stage': [await rowOf(views.pipeline, 'train')],
      'a run': [(await views.runs.getChildren())[0]],
      'a model': [await rowOf(views.models, 'digits')],
      ...NONSENSE,
    };
    assert.deepEqual(await everyCommand(rows, ['add']), []);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  }).timeout(60_000);
});
