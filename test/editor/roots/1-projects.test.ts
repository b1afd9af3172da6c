/** Projects that come and go in one window: none, one, two, below a repository's root, made by the real DVC. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { openFolders, openProjects, prepared } from '../support/editorFolders';
import { command, extension, git, parts, Prompts, rowOf, rowTexts, tasksOver, until } from '../support/editorParts';
import { everyCommand } from '../support/everyCommand';

const digits = prepared('digits');
const second = prepared('second');
const labels = (rows: readonly string[]): string[] => rows.map((row) => row.split(' | ')[0] ?? '');
const panelTabs = (): string[] =>
  vscode.window.tabGroups.all.flatMap(({ tabs }) =>
    tabs.flatMap(({ input }) =>
      input instanceof vscode.TabInputWebview ? [input.viewType.replace(/^.*strata\./, '')] : [],
    ),
  );

describe('projects that come and go', () => {
  const serializers = new Map<string, vscode.WebviewPanelSerializer>();
  let prompts: Prompts;
  before(() => (prompts = new Prompts()));
  beforeEach(() => prompts.reset());
  after(() => prompts.dispose());

  it('N1: wakes with a project and shows all views without telling anybody anything', async () => {
    assert.equal(extension().isActive, false);
    const register = vscode.window.registerWebviewPanelSerializer;
    vscode.window.registerWebviewPanelSerializer = (type, serializer) => {
      serializers.set(type, serializer);
      return register(type, serializer);
    };
    await openProjects([digits]);
    vscode.window.registerWebviewPanelSerializer = register;
    const { views } = await parts();
    for (const name of ['data', 'pipeline', 'runs', 'models'])
      await vscode.commands.executeCommand(`strata.${name}.focus`);
    for (const view of Object.values(views)) assert.ok((await rowTexts(view)).length > 0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual(prompts.asked, []);
  });

  it('V13: a poll of a run or a change elsewhere reads no view again that it does not concern', async () => {
    const { app, views } = await parts();
    const [session] = app.sessions.known;
    const fired: string[] = [];
    const listeners = Object.entries(views).map(([name, view]) => view.onDidChangeTreeData(() => fired.push(name)));
    session?.announce({ data: false, pipeline: true, runs: true, models: false });
    session?.announce({ data: false, pipeline: true, runs: false, models: false });
    await new Promise((resolve) => setTimeout(resolve, 400));
    listeners.forEach((listener) => void listener.dispose());
    assert.deepEqual(
      fired.sort(),
      ['pipeline', 'runs'].filter((name) => views[name as 'runs'].view.visible),
    );
  });

  it('panels come back after a reload with the project they showed, and are one a project', async () => {
    const [first, other] = await openProjects([digits, second]);
    assert.ok(first && other);
    for (const kind of ['compare', 'live', 'diff']) {
      const type = `strata.${kind}`;
      const panel = vscode.window.createWebviewPanel(type, kind, vscode.ViewColumn.Active);
      await serializers.get(type)?.deserializeWebviewPanel(panel, { project: second, version: 1, state: {} });
      assert.match(panel.webview.html, new RegExp(`"project":"${second}"`));
      const twice = vscode.window.createWebviewPanel(type, kind, vscode.ViewColumn.Active);
      await serializers.get(type)?.deserializeWebviewPanel(twice, { project: second });
    }
    await until('one tab each', () => panelTabs().sort().join(' ') === 'compare diff live');
    for (const state of [null, 'x', { project: 7 }, { project: '/nowhere' }]) {
      const panel = vscode.window.createWebviewPanel('strata.live', 'live', vscode.ViewColumn.Active);
      await serializers.get('strata.live')?.deserializeWebviewPanel(panel, state);
    }
    await until('a second Live at most', () => panelTabs().filter((kind) => kind === 'live').length <= 2);
  });

  it('T7: two projects stand side by side in every view, and commands ask which one', async () => {
    await openProjects([digits, second]);
    const { views } = await parts();
    for (const view of Object.values(views)) assert.deepEqual(labels(await rowTexts(view)), ['digits', 'second']);
    const children = await rowTexts(views.pipeline, await rowOf(views.pipeline, 'second'));
    assert.deepEqual(labels(children), ['prepare', 'train', 'evaluate']);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await until('no panel', () => panelTabs().length === 0);
    await command('verify');
    assert.deepEqual(
      prompts.asked.map(({ kind, choices }) => [kind, ...choices]),
      [['quickPick', 'digits', 'second']],
    );
    prompts.reset(() => 'second');
    await command('live');
    await until('the panel of the second', () => panelTabs().join() === 'live');
    prompts.reset();
    assert.deepEqual(
      await everyCommand({ nothing: [], 'a project': [(await views.data.getChildren())[1]] }, ['init']),
      [],
    );
  }).timeout(60_000);

  it('badges add up over the projects', async () => {
    const [first, other] = await openProjects([digits, second]);
    const { views } = await parts();
    const was = new Map(
      [first, other].map((session) => [session, readFileSync(join(session?.root ?? '', 'data/digits.csv'))]),
    );
    for (const session of was.keys()) writeFileSync(join(session?.root ?? '', 'data/digits.csv'), 'id\n1\n');
    for (const row of await views.data.getChildren()) await views.data.getChildren(row);
    await until('both counted', async () => {
      for (const row of await views.data.getChildren()) await views.data.getChildren(row);
      return views.data.view.badge?.value === 2;
    });
    for (const [session, bytes] of was) writeFileSync(join(session?.root ?? '', 'data/digits.csv'), bytes);
  });

  it('a project that leaves the window takes its panel, its watchers and its worker along', async () => {
    const sessions = await openProjects([digits, second]);
    const gone = sessions.find(({ root }) => root === second);
    const { panels, decorations } = await parts();
    assert.ok(gone);
    panels.live.show(gone);
    await decorations.provideFileDecoration(gone.uri('data/digits.csv'));
    await gone.call('dataTree', {});
    assert.equal(gone.held.engine, true);
    await openProjects([digits]);
    await until('its worker ended', () => !gone.held.engine && gone.held.watchers === 0);
    await until('its panel closed', () => panelTabs().length === 0);
    await assert.rejects(gone.call('dataTree', {}), { name: 'Cancelled' });
    assert.equal(gone.held.engine, false);
  });

  it('a repository without DVC: no project; starting one stages its files, without a question', async () => {
    const folder = prepared('plainGit');
    await openProjects([folder], []);
    const { views } = await parts();
    for (const view of Object.values(views)) assert.deepEqual(await rowTexts(view), []);
    assert.deepEqual(await everyCommand({ nothing: [], 'a file': [vscode.Uri.file(join(folder, 'x'))] }, ['init']), []);
    prompts.reset(({ kind }) => (kind === 'folderPick' ? 'plainGit' : undefined));
    await command('init');
    assert.deepEqual(prompts.texts('error', 'warning'), []);
    assert.match(await git(folder, 'status', '--porcelain'), /^A {2}\.dvc\/config$/m);
    assert.deepEqual(
      (await parts()).app.sessions.known.map(({ root }) => root),
      [folder],
    );
    writeFileSync(join(folder, 'first.bin'), 'first');
    await command('add', vscode.Uri.file(join(folder, 'first.bin')));
    assert.equal(existsSync(join(folder, 'first.bin.dvc')), true);
    assert.deepEqual(labels(await rowTexts(views.data)), ['first.bin']);
  }).timeout(60_000);

  it('a folder inside a project: the project above is found, run and followed through the repository above', async () => {
    const [session] = await openProjects([prepared('outer', 'project', 'inside')], [prepared('outer', 'project')]);
    assert.ok(session);
    const { views } = await parts();
    assert.deepEqual(labels(await rowTexts(views.pipeline)), ['only']);
    const notes = vscode.Uri.file(prepared('outer', 'project', 'inside', 'notes.txt'));
    assert.deepEqual(await everyCommand({ nothing: [], 'a file': [notes] }, ['init', 'add']), []);
    prompts.reset(({ choices }) => choices[0]);
    await command('repro');
    await until('the output', () => existsSync(prepared('outer', 'project', 'out.txt')));
    await tasksOver();
    assert.deepEqual(prompts.texts('error'), []);
    const watch = session.watch();
    await git(prepared('outer'), 'add', '-A');
    const changed = new Promise<void>((resolve) => {
      const listener = session.onDidChange(({ models }) => {
        if (!models) return;
        listener.dispose();
        resolve();
      });
    });
    await git(prepared('outer'), '-c', 'user.name=A', '-c', 'user.email=a@b.c', 'commit', '-q', '-m', 'Run');
    await changed;
    watch.dispose();
  }).timeout(60_000);

  it('a project of the real DVC: shown, added to, and left clean for it', async () => {
    const folder = prepared('real');
    await openProjects([folder]);
    const { views } = await parts();
    assert.deepEqual(labels(await rowTexts(views.data)).sort(), ['copy.csv', 'images', 'table.csv']);
    assert.deepEqual(labels(await rowTexts(views.data, await rowOf(views.data, 'images'))), [
      'a.bin',
      'b.bin',
      'c.bin',
    ]);
    assert.match((await rowTexts(views.pipeline)).join('\n'), /^copy/);
    const table = vscode.Uri.file(join(folder, 'table.csv'));
    assert.deepEqual(await everyCommand({ nothing: [], 'a tracked file': [table, [table]] }, ['init', 'add']), []);
    writeFileSync(join(folder, 'images', 'd.bin'), 'd');
    await command('commit', await rowOf(views.data, 'images'));
    assert.match(readFileSync(join(folder, 'images.dvc'), 'utf8'), /nfiles: 4/);
    assert.deepEqual(prompts.texts('error'), []);
  }).timeout(60_000);

  it('nothing is left of the projects when all folders are gone', async () => {
    const { app, statusBar } = await parts();
    await openFolders();
    await until('no project', () => app.sessions.known.length === 0);
    await until('no status', () => statusBar.shown === undefined);
    rmSync(prepared('plainGit', 'first.bin'));
  });
});
