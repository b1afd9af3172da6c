/** Keeping a project in order from inside the editor: moving, freezing, no longer tracking, freeing space. The prompts answer by themselves. */
import assert from 'node:assert/strict';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { command, onlySession, parts, Prompts, rowOf, rowTexts, until } from '../support/editorParts';

const root = process.env['STRATA_TEST_WORKSPACE'] ?? '';
const file = (path: string): string => join(root, path);
const uri = (path: string): vscode.Uri => vscode.Uri.file(file(path));
const read = (path: string): string => readFileSync(file(path), 'utf8');

/** Hashes of all objects in the cache. */
function objects(): string[] {
  const base = file('.dvc/cache/files/md5');
  const names = readdirSync(base, { recursive: true }).map(String);
  return names.filter((name) => /[0-9a-f]{30}(\.dir)?$/.test(name)).map((name) => name.replace(/[\\/]/, ''));
}

describe('the sample, kept in order', () => {
  let prompts: Prompts;
  before(() => (prompts = new Prompts()));
  beforeEach(() => prompts.reset());
  after(() => prompts.dispose());
  afterEach(() => assert.deepEqual(prompts.texts('error'), []));

  it('move: asks for the new path, does nothing on Escape, moves data, pointer and row', async () => {
    const { views } = await parts();
    writeFileSync(file('notes.csv'), 'id\n1\n');
    await command('add', uri('notes.csv'));
    prompts.reset();
    await command('move', uri('notes.csv'));
    assert.deepEqual(prompts.asked[0]?.choices, ['notes.csv']);
    assert.equal(existsSync(file('notes.csv')), true);
    prompts.reset(({ kind }) => (kind === 'inputBox' ? 'data/notes2.csv' : undefined));
    await command('move', uri('notes.csv'));
    assert.equal(read('data/notes2.csv'), 'id\n1\n');
    assert.deepEqual([existsSync(file('notes.csv')), existsSync(file('notes.csv.dvc'))], [false, false]);
    assert.deepEqual(prompts.texts('status'), ['Moved notes.csv to data/notes2.csv']);
    await until('its row', async () => (await rowTexts(views.data)).some((row) => row.startsWith('notes2.csv | data')));
  });

  it('unprotect: a link into the cache becomes a file of its own', async () => {
    const md5 = /md5: (\w+)/.exec(read('data/notes2.csv.dvc'))?.[1] ?? '';
    rmSync(file('data/notes2.csv'));
    symlinkSync(file(`.dvc/cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`), file('data/notes2.csv'));
    await command('unprotect', uri('data/notes2.csv'));
    const stat = lstatSync(file('data/notes2.csv'));
    assert.deepEqual([stat.isSymbolicLink(), stat.mode & 0o200], [false, 0o200]);
    assert.deepEqual(prompts.texts('status'), ['One file may be edited now']);
  });

  it('freeze and unfreeze: a stage from its row, and one that is picked', async () => {
    const { views } = await parts();
    const before = read('dvc.yaml');
    await command('freeze', await rowOf(views.pipeline, 'train'));
    assert.match(read('dvc.yaml'), /frozen: true/);
    prompts.reset(({ kind }) => (kind === 'quickPick' ? 'train' : undefined));
    await command('unfreeze');
    assert.equal(read('dvc.yaml'), before);
  });

  it('remove: says what goes and what stays, keeps the data, or deletes it when asked to', async () => {
    const { views } = await parts();
    await command('remove', await rowOf(views.data, 'notes2.csv'));
    const [question] = prompts.asked;
    assert.deepEqual([question?.kind, question?.modal], ['warning', true]);
    assert.deepEqual(question?.choices, ['Stop Tracking', 'Stop Tracking and Delete Data']);
    assert.match(question?.detail ?? '', /^data\/notes2\.csv\.dvc\n\n.*stays where it is/);
    assert.equal(existsSync(file('data/notes2.csv.dvc')), true);
    prompts.reset(({ choices }) => choices[0]);
    await command('remove', uri('data/notes2.csv'));
    assert.deepEqual([existsSync(file('data/notes2.csv.dvc')), read('data/notes2.csv')], [false, 'id\n1\n']);
    await command('add', uri('data/notes2.csv'));
    writeFileSync(file('data/notes2.csv'), 'unsaved\n');
    prompts.reset(({ choices }) => (choices.includes('Stop Tracking and Delete Data') ? choices[1] : undefined));
    await command('remove', uri('data/notes2.csv'));
    assert.match(prompts.texts('warning')[1] ?? '', /is in no cache/);
    assert.equal(read('data/notes2.csv'), 'unsaved\n');
    prompts.reset(({ choices }) => choices.at(-1));
    await command('remove', uri('data/notes2.csv'));
    assert.equal(existsSync(file('data/notes2.csv')), false);
  });

  it('gc: a scope, then what would go, then it goes; nothing on Escape', async () => {
    const session = await onlySession();
    // What commits need has to be there: of a list that is gone nobody can tell what it names, and gc keeps it all.
    await session.call('fetch', { targets: [], allCommits: true });
    const plan = await session.call('gc', { targets: [], allCommits: true, dry: true });
    const { objects: unused = [] } = plan;
    assert.ok(unused.length > 0, JSON.stringify(plan));
    const before = objects();
    prompts.reset(({ kind, choices }) => (kind === 'quickPick' ? choices[0] : undefined));
    await command('gc');
    const [scope, question] = prompts.asked;
    assert.equal(scope?.choices.length, 3);
    assert.match(question?.text ?? '', /^Delete (one object|\d+ objects) \(.*B\) from the cache\?$/);
    assert.ok(question?.modal && question.detail.includes(unused[0] ?? '-'));
    assert.match(question?.detail ?? '', /This cannot be undone\./);
    assert.deepEqual(objects(), before);
    prompts.reset(({ choices }) => choices[0]);
    await command('gc');
    assert.deepEqual(objects().sort(), before.filter((hash) => !unused.includes(hash)).sort());
    prompts.reset(({ choices }) => choices[0]);
    await command('gc');
    assert.deepEqual(prompts.texts('status'), ['There is nothing to free']);
  });

  it('gc that keeps the workspace only: names the versions that would go, and keeps them on Escape', async () => {
    const session = await onlySession();
    const before = objects();
    prompts.reset(({ kind, choices }) => (kind === 'quickPick' ? choices[2] : undefined));
    await command('gc');
    const question = prompts.asked.at(-1);
    assert.equal(question?.modal, true);
    const { versions } = await session.call('history', { targets: ['data/digits.csv'] });
    const [, earlier] = versions;
    assert.match(question?.detail ?? '', /^(One version|\d+ versions) can no longer be restored from here:\n/);
    assert.match(question?.detail ?? '', new RegExp(`^data/digits\\.csv · ${earlier?.commit.slice(0, 7)} · \\S`, 'm'));
    assert.deepEqual(objects(), before);
  });
});
