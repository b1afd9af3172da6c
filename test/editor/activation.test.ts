/** When the extension wakes, and what its commands do where there is no project. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { allCommands, command, extension, parts, Prompts, rowTexts, until } from './support/editorParts';
import { everyCommand } from './support/everyCommand';

const workspace = process.env['STRATA_TEST_WORKSPACE'] ?? '';

describe('an empty folder', () => {
  it('sleeps in a folder that is no project', () => {
    assert.equal(extension().isActive, false);
  });

  it('answers to every command of the manifest once it is awake', async () => {
    await extension().activate();
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      allCommands().filter((id) => !known.has(`strata.${id}`)),
      [],
    );
  });

  it('starts no worker and watches nothing before something is looked at', async () => {
    const { app } = await parts();
    assert.deepEqual(app.sessions.known, []);
  });

  it('C3: every command survives without a project, whatever it is given', async () => {
    const inside = vscode.Uri.file(join(workspace, 'file.txt'));
    assert.deepEqual(await everyCommand({ nothing: [], 'a file': [inside, [inside]] }, ['init']), []);
  });

  it('get-url: fetches into the folder, which stays no project', async () => {
    const source = join(dirname(workspace), 'source.csv');
    writeFileSync(source, 'id\n1\n');
    const prompts = new Prompts();
    prompts.reset(({ text }) => (/\(1\/2\)/.test(text) ? source : 'fetched.csv'));
    try {
      await command('get-url');
      assert.deepEqual(prompts.texts('error', 'status'), ['Downloaded fetched.csv (5 B)']);
      assert.equal(readFileSync(join(workspace, 'fetched.csv'), 'utf8'), 'id\n1\n');
      assert.equal(existsSync(join(workspace, '.dvc')), false);
    } finally {
      prompts.dispose();
      rmSync(join(workspace, 'fetched.csv'), { force: true });
    }
  });

  it('says that a file where .dvc should be is no project, and starts none there', async () => {
    writeFileSync(join(workspace, '.dvc'), 'not a folder');
    const prompts = new Prompts();
    prompts.reset(({ choices }) => choices.at(-1));
    try {
      await command('init');
      const said = await until('a sentence', () => prompts.texts('error')[0]);
      assert.match(said, /\.dvc/);
    } finally {
      prompts.dispose();
      rmSync(join(workspace, '.dvc'));
    }
  });

  it('starts a project, shows its empty views and finds it gone again when its folder is deleted', async () => {
    const { app, views } = await parts();
    const prompts = new Prompts();
    try {
      await command('init');
      assert.equal(existsSync(join(workspace, '.dvc')), false, 'Escape starts nothing');
      prompts.reset(({ choices }) => choices.at(-1));
      await command('init');
      assert.deepEqual(prompts.texts('error'), []);
      assert.equal(existsSync(join(workspace, '.dvc', 'config')), true);
      assert.equal(app.sessions.known.length, 1);
      for (const view of Object.values(views)) assert.deepEqual(await rowTexts(view), []);
      const { data, pipeline, runs, models } = views;
      assert.deepEqual(
        [data, pipeline, runs].map(({ view }) => view.message ?? ''),
        ['', '', ''],
      );
      assert.match(models.view.message ?? '', /Git/, 'without Git there are no models, and the view says so');
      rmSync(join(workspace, '.dvc'), { recursive: true });
      await until('no project', () => app.sessions.known.length === 0);
    } finally {
      prompts.dispose();
    }
  });
});
