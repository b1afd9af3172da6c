/** What the commands do in the sample: files, rows, tags, tasks with their real exit codes. The prompts answer by themselves. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { command, git, onlySession, parts, Prompts, rowOf, rowTexts, tasksOver, until } from '../support/editorParts';

const root = process.env['STRATA_TEST_WORKSPACE'] ?? '';
const file = (path: string): string => join(root, path);
const read = (path: string): string => readFileSync(file(path), 'utf8');
const yes = ({ choices }: { choices: readonly string[] }): string | undefined => choices[0];

/** Objects in a cache or remote, by count. */
function objects(folder: string): number {
  if (!existsSync(file(folder))) return 0;
  return readdirSync(file(folder), { recursive: true }).filter((name) =>
    /[\\/][0-9a-f]{30}(\.dir)?$/.test(String(name)),
  ).length;
}

/** Exit code of the next task of ours. */
function nextExit(): Promise<number | undefined> {
  return new Promise((resolve) => {
    const listener = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.source !== 'strata') return;
      listener.dispose();
      resolve(exitCode);
    });
  });
}

describe('the sample, acted on', () => {
  let prompts: Prompts;
  before(() => (prompts = new Prompts()));
  beforeEach(() => prompts.reset(yes));
  after(() => prompts.dispose());
  afterEach(() => assert.deepEqual(prompts.texts('error'), []));

  it('add: tracks a file, keeps it from Git, stores it, and shows its row', async () => {
    const { views } = await parts();
    writeFileSync(file('labels.csv'), 'id,label\n1,cat\n');
    prompts.reset();
    await command('add', vscode.Uri.file(file('labels.csv')));
    assert.match(read('labels.csv.dvc'), /md5: [0-9a-f]{32}[^]*path: labels\.csv/);
    assert.match(read('.gitignore'), /^\/labels\.csv$/m);
    assert.match((await rowTexts(views.data)).join('\n'), /^labels\.csv/m);
    assert.equal(prompts.texts('status').length, 1);
    assert.match(prompts.texts('status')[0] ?? '', /^Tracked labels\.csv/);
  });

  it('add without an argument: tracks what is picked, a folder too', async () => {
    const { views } = await parts();
    await vscode.workspace.fs.createDirectory(vscode.Uri.file(file('more')));
    writeFileSync(file('more/a.txt'), 'a');
    prompts.reset(() => file('more'));
    await command('add');
    assert.equal(existsSync(file('more.dvc')), true);
    assert.match((await rowTexts(views.data)).join('\n'), /^more \| new · 1 file/m);
  });

  it('a Git commit made elsewhere: new data is no longer new', async () => {
    const { statusBar } = await parts();
    await until('two new', () => statusBar.shown === 'Strata: 2 changed');
    await git(root, 'add', '-A');
    await git(root, 'commit', '-q', '-m', 'Track labels');
    await until('nothing changed', () => statusBar.shown === 'Strata: no changes');
  });

  it('a changed file: letter, row, badge and status bar within a second, and without a refresh', async () => {
    const { views, decorations, statusBar } = await parts();
    const session = await onlySession();
    await decorations.provideFileDecoration(session.uri('labels.csv'));
    const told: string[] = [];
    const listener = decorations.onDidChangeFileDecorations((uris) => told.push(...uris.map(({ path }) => path)));
    writeFileSync(file('labels.csv'), 'id,label\n1,dog\n');
    const start = Date.now();
    await until(
      'the letter',
      async () => (await decorations.provideFileDecoration(session.uri('labels.csv')))?.badge === 'M',
    );
    await until('the event', () => told.some((path) => path.endsWith('labels.csv')));
    await until('the status bar', () => statusBar.shown === 'Strata: 1 changed');
    assert.ok(Date.now() - start < 3000, `${Date.now() - start} ms`);
    listener.dispose();
    await rowTexts(views.data);
    assert.equal(views.data.view.badge?.value, 1);
  });

  it('checkout: names what would be lost in a modal, does nothing on Escape, restores on yes', async () => {
    prompts.reset();
    await command('checkout', vscode.Uri.file(file('labels.csv')));
    const [question] = prompts.asked;
    assert.deepEqual([question?.kind, question?.modal, question?.detail], ['warning', true, 'labels.csv']);
    assert.match(question?.text ?? '', /in no cache and would be lost/);
    assert.equal(read('labels.csv'), 'id,label\n1,dog\n');
    prompts.reset(yes);
    await command('checkout', vscode.Uri.file(file('labels.csv')));
    assert.equal(read('labels.csv'), 'id,label\n1,cat\n');
  });

  it('commit: records the change', async () => {
    const before = read('labels.csv.dvc');
    writeFileSync(file('labels.csv'), 'id,label\n1,bird\n');
    await command('commit', vscode.Uri.file(file('labels.csv')));
    assert.notEqual(read('labels.csv.dvc'), before);
    assert.equal(
      (await (await onlySession()).call('data.status', { targets: [], granular: false })).uncommitted?.modified
        ?.length ?? 0,
      0,
    );
  });

  it('restore: brings an earlier version, and Undo takes it back', async () => {
    const now = read('data/digits.csv');
    const session = await onlySession();
    const { versions } = await session.call('history', { targets: ['data/digits.csv'] });
    const oldest = versions.at(-1);
    prompts.reset(({ kind, choices }) => (kind === 'quickPick' ? choices.at(-1) : choices[0]));
    await command('restore', vscode.Uri.file(file('data/digits.csv')));
    assert.match(prompts.texts('warning')[0] ?? '', new RegExp(oldest?.commit.slice(0, 7) ?? 'x'));
    // The message with Undo was answered with Undo.
    await until('Undo offered', () => prompts.asked.some(({ choices }) => choices.includes('Undo')));
    await until('the state before', () => prompts.texts('status').some((text) => /before the restore/.test(text)));
    assert.equal(read('data/digits.csv'), now);
    prompts.reset(({ kind, choices }) =>
      kind === 'quickPick' ? choices.at(-1) : choices.includes('Undo') ? undefined : choices[0],
    );
    await command('restore', vscode.Uri.file(file('data/digits.csv')));
    assert.notEqual(read('data/digits.csv').length, now.length);
    await command('restoreUndo');
    assert.equal(read('data/digits.csv'), now);
  });

  it('push: says what it would send, sends nothing on Escape, then sends it; pull brings it back', async () => {
    const before = objects('remote');
    prompts.reset();
    await command('push');
    assert.match(prompts.texts('information')[0] ?? '', /^Push \d+ objects? \(.*\) to storage\?$/);
    assert.equal(objects('remote'), before);
    prompts.reset(yes);
    await command('push');
    assert.ok(objects('remote') > before);
    rmSync(file('.dvc/cache/files'), { recursive: true });
    rmSync(file('labels.csv'));
    await command('pull');
    assert.equal(read('labels.csv'), 'id,label\n1,bird\n');
    prompts.reset(yes);
    await command('push');
    assert.deepEqual(prompts.texts('information', 'status'), ['Everything is on the remote already']);
  });

  it('verify: all whole', async () => {
    await command('verify');
    assert.match(prompts.texts('information')[0] ?? '', /all are whole/);
  });

  it('repro: shows new commands in full, runs them in a task with exit code 0, and the view follows', async () => {
    const { views, follower } = await parts();
    const session = await onlySession();
    writeFileSync(file('params.yaml'), read('params.yaml').replace(/epochs: \d+/, 'epochs: 2'));
    await until('train is stale', async () =>
      (await rowTexts(views.pipeline)).some((row) => /^train \| epochs|^train \| .*epochs \d+ → 2/.test(row)),
    );
    const exit = nextExit();
    let seen = false;
    const listener = follower.onDidChange(
      ({ status }) => (seen ||= status.stages.some((stage) => stage.state === 'running')),
    );
    await command('repro');
    assert.equal(await exit, 0);
    listener.dispose();
    await tasksOver();
    assert.equal(seen, true, 'the run was seen running');
    const question = prompts.asked.find(({ modal }) => modal);
    assert.equal(question?.detail, '> python3 src/train.py\n> python3 src/evaluate.py');
    assert.match(read('dvc.lock'), /train\.epochs: 2/);
    await until('the run over', () => follower.running(session) === undefined);
    assert.equal(
      (await rowTexts(views.pipeline)).every((row) => row.includes('up to date')),
      true,
    );
  }).timeout(60_000);

  it('repro again: nothing to run, nothing asked', async () => {
    const exit = nextExit();
    await command('repro');
    assert.equal(await exit, 0);
    await tasksOver();
    assert.deepEqual(
      prompts.asked.filter(({ modal }) => modal),
      [],
    );
  });

  it('a stage that fails ends its task with its exit code and is shown as failed', async () => {
    const { views } = await parts();
    writeFileSync(file('bad.yaml'), '');
    const before = read('dvc.yaml');
    writeFileSync(file('dvc.yaml'), before.replace('stages:\n', 'stages:\n  fails:\n    cmd: exit 7\n'));
    await until('the new stage', async () => (await rowTexts(views.pipeline)).some((row) => row.startsWith('fails')));
    const exit = nextExit();
    await command('repro', await rowOf(views.pipeline, 'fails'));
    assert.equal(await exit, 7);
    await tasksOver();
    writeFileSync(file('dvc.yaml'), before);
    rmSync(file('bad.yaml'));
  });

  it('cancelRun: ends a run within two seconds; a second run is refused meanwhile', async () => {
    const { views, follower } = await parts();
    const session = await onlySession();
    const before = read('dvc.yaml');
    writeFileSync(file('dvc.yaml'), before.replace('stages:\n', 'stages:\n  sleeps:\n    cmd: sleep 60\n'));
    await until('the new stage', async () => (await rowTexts(views.pipeline)).some((row) => row.startsWith('sleeps')));
    const exit = nextExit();
    await command('repro', await rowOf(views.pipeline, 'sleeps'));
    await until('the run', () => follower.running(session)?.stages.some((stage) => stage.state === 'running'));
    prompts.reset(yes);
    await command('repro');
    assert.match(prompts.texts('information')[0] ?? '', /running already/);
    const start = Date.now();
    await command('cancelRun');
    assert.equal(await exit, 130);
    assert.ok(Date.now() - start < 3000, `${Date.now() - start} ms`);
    await tasksOver();
    await until('the run over', () => follower.running(session) === undefined);
    writeFileSync(file('dvc.yaml'), before);
    prompts.reset(yes);
    await command('cancelRun');
    assert.deepEqual(prompts.texts('information'), ['Nothing is running.']);
  });

  it('models: registers a version, promotes it behind the gate, rolls back: one annotated tag each', async () => {
    const { views } = await parts();
    await git(root, 'add', '-A');
    await git(root, 'commit', '-q', '-m', 'Two epochs');
    const tags = async (): Promise<string[]> => (await git(root, 'tag')).split('\n').sort();
    prompts.reset(({ kind, choices }) => (kind === 'inputBox' ? 'v0.2.0' : choices[0]));
    await command('registry.register', await rowOf(views.models, 'digits'));
    assert.deepEqual(await tags(), ['digits#prod#1', 'digits@v0.1.0', 'digits@v0.2.0']);
    const version = await rowOf(views.models, 'v0.2.0', await rowOf(views.models, 'digits'));
    prompts.reset(({ kind }) => (kind === 'quickPick' ? 'prod' : undefined));
    await command('promote', version);
    const gate = prompts.asked.find(({ modal }) => modal);
    assert.match(gate?.detail ?? '', /[✓✗?] /);
    assert.deepEqual((await tags()).length, 3, 'Escape at the gate makes no tag');
    prompts.reset(({ kind, choices }) =>
      kind === 'inputBox' ? 'A try' : choices.includes('prod') ? 'prod' : choices[0],
    );
    await command('promote', version);
    assert.deepEqual(await tags(), ['digits#prod#1', 'digits#prod#2', 'digits@v0.1.0', 'digits@v0.2.0']);
    prompts.reset(yes);
    await command('rollback', await rowOf(views.models, 'digits'));
    assert.deepEqual((await tags()).length, 5);
    assert.match(await git(root, 'cat-file', '-t', 'digits#prod#3'), /^tag$/);
    assert.match((await rowTexts(views.models)).join('\n'), /prod v0\.1\.0/);
  });
});
