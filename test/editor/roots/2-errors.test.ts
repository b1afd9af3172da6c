/** What the views say of a project that is broken, each in its own sentence, and that they recover by themselves once it is repaired. */
import assert from 'node:assert/strict';
import { type Worker } from 'node:worker_threads';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { openFolders, openProjects, prepared } from '../support/editorFolders';
import { command, onlySession, parts, Prompts, rowOf, rowTexts, until } from '../support/editorParts';

const root = prepared('digits');
const file = (path: string): string => join(root, path);

type View = 'data' | 'pipeline' | 'runs' | 'models';

/** What a view says: the line above its rows, and the rows. */
async function says(name: View): Promise<string> {
  const view = (await parts()).views[name];
  const rows = await rowTexts(view);
  return [...(view.view.message === undefined ? [] : [`! ${view.view.message}`]), ...rows].join('\n');
}

async function all(): Promise<string> {
  return [await says('data'), await says('pipeline'), await says('runs'), await says('models')].join('\n---\n');
}

/** A file, what it is broken to (undefined: removed), the views that must say so, and how. */
type Row = readonly [path: string, text: string | undefined, views: readonly View[], sentence: RegExp];

const BROKEN: readonly Row[] = [
  ['dvc.yaml', 'stages: [', ['data', 'pipeline'], /^dvc\.yaml \| dvc\.yaml.*line 1/m],
  ['dvc.yaml', undefined, ['pipeline'], /^$/],
  ['dvc.lock', 'schema: "2.0', ['data', 'pipeline'], /^dvc\.lock \| dvc\.lock/m],
  [
    'data/digits.csv.dvc',
    'outs: [',
    ['data', 'pipeline'],
    /^data\/digits\.csv\.dvc \| data\/digits\.csv\.dvc.*line 1/m,
  ],
  [
    'data/digits.csv.dvc',
    'outs:\n- path: ../../outside\n  md5: x\n',
    ['data', 'pipeline'],
    /^data\/digits\.csv\.dvc \| /m,
  ],
  ['params.yaml', 'a: [', ['data', 'pipeline'], /^params\.yaml \| params\.yaml.*line 1/m],
  ['.dvc/config', '[core', ['data', 'pipeline', 'runs', 'models'], /^! .*config/m],
];

describe('broken projects', () => {
  let prompts: Prompts;
  let whole = '';
  before(async () => {
    prompts = new Prompts();
    await openProjects([root]);
    await vscode.commands.executeCommand('strata.data.focus');
    whole = await all();
  });
  after(async () => {
    prompts.dispose();
    await openFolders();
  });
  afterEach(async () => {
    await until('the views as before', async () => {
      assert.equal(await all(), whole);
      return true;
    });
    assert.deepEqual(prompts.asked, [], 'a view tells it, no notification does');
  });

  for (const [path, text, views, sentence] of BROKEN) {
    it(`${path} ${text === undefined ? 'missing' : 'broken'}: ${views.join(', ')} say so, and recover`, async () => {
      const { data } = (await parts()).views;
      const before = readFileSync(file(path));
      if (text === undefined) rmSync(file(path));
      else writeFileSync(file(path), text);
      try {
        for (const view of views) {
          await until(`${view} says it`, async () => {
            const said = await says(view);
            assert.match(said, sentence);
            assert.doesNotMatch(said, /formats\.|\{"|undefined/);
            return true;
          });
        }
      } finally {
        const again = new Promise<void>((resolve) => {
          const listener = data.onDidChangeTreeData(() => {
            listener.dispose();
            resolve();
          });
        });
        writeFileSync(file(path), before);
        if (data.view.visible) await again;
      }
    });
  }

  it('an object that is missing in the cache: its row says so', async () => {
    const { views } = await parts();
    const hash = /md5: ([0-9a-f]{32})/.exec(readFileSync(file('data/digits.csv.dvc'), 'utf8'))?.[1] ?? '';
    const object = file(`.dvc/cache/files/md5/${hash.slice(0, 2)}/${hash.slice(2)}`);
    renameSync(object, `${object}.aside`);
    try {
      await until('the row', async () => /^digits\.csv \| .*not in the cache/m.test(await says('data')));
      const row = await rowOf(views.data, 'digits.csv');
      assert.match(row.item.accessibilityInformation?.label ?? '', /not in the cache/);
    } finally {
      renameSync(`${object}.aside`, object);
    }
  });

  it('a file where the .dvc folder was: no project any more, and found again by itself', async () => {
    const { app } = await parts();
    renameSync(file('.dvc'), prepared('aside'));
    writeFileSync(file('.dvc'), 'a file');
    try {
      await until('no project', () => app.sessions.known.length === 0);
      assert.deepEqual(await rowTexts((await parts()).views.data), []);
    } finally {
      rmSync(file('.dvc'));
      renameSync(prepared('aside'), file('.dvc'));
    }
    await until('the project again', () => app.sessions.known.length === 1);
  });

  it('an engine that dies is a sentence, and the next look starts it afresh', async () => {
    const session = await onlySession();
    await session.call('dataTree', {});
    const worker = Reflect.get(Reflect.get(session, 'engine') as object, 'worker') as Worker;
    const pending = session.call('verify', { targets: [] });
    await Promise.all([worker.terminate(), assert.rejects(pending, { code: 'engine.ended' })]);
  });

  it('in a window with a second project, a broken one has its sentence below its own row', async () => {
    await openProjects([root, prepared('second')]);
    const { views } = await parts();
    const config = readFileSync(file('.dvc/config'));
    writeFileSync(file('.dvc/config'), '[core');
    try {
      await until('the sentence', async () =>
        /config/.test((await rowTexts(views.data, await rowOf(views.data, 'digits'))).join()),
      );
      assert.match((await rowTexts(views.data, await rowOf(views.data, 'second'))).join('\n'), /^digits\.csv/m);
      await command('refresh');
    } finally {
      writeFileSync(file('.dvc/config'), config);
      await openProjects([root]);
    }
  });
});
