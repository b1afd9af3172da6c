/** T1, X1: in Restricted Mode the reading views work, nothing starts, nothing is written, and acts refuse in one sentence. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import {
  allCommands,
  command,
  extension,
  onlySession,
  parts,
  Prompts,
  rowOf,
  rowTexts,
  until,
} from '../support/editorParts';
import { everyCommand, NONSENSE } from '../support/everyCommand';
import { skip } from '../../support/skip';
import { tapPanels } from '../support/tapPanels';

const root = process.env['STRATA_TEST_WORKSPACE'] ?? '';

/** Names, sizes and bytes of every file of the project, Git's and ours too. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(root, name);
    const isFile = statSync(path).isFile();
    hash.update(`${name}\0${isFile ? readFileSync(path).toString('base64') : 'folder'}\0`);
  }
  return hash.digest('hex');
}

/** Search and language servers of the editor itself, and how its server looks for open ports. */
const EDITORS_OWN = /[\\/](vscode|Code)[\\/]|^\/bin\/sh -c (ls -l \/proc|ps -F)|^$/;

/** Watches which programs this process has started, by looking every few milliseconds; Linux only. */
class Children {
  readonly seen = new Set<string>();
  private readonly timer = setInterval(() => this.look(), 3);
  private readonly before = this.now();

  private now(): Map<string, string> {
    const found = new Map<string, string>();
    for (const task of readdirSync('/proc/self/task')) {
      for (const pid of readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ')) {
        if (pid.trim() === '') continue;
        found.set(pid, readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      }
    }
    return found;
  }

  private look(): void {
    try {
      for (const [pid, line] of this.now()) if (!this.before.has(pid)) this.seen.add(line);
    } catch {
      // A thread or process that ended between two looks.
    }
  }

  stop(): string[] {
    clearInterval(this.timer);
    return [...this.seen];
  }
}

describe('restricted mode', () => {
  const prompts = { now: undefined as Prompts | undefined };
  const asked = (): Prompts => (prompts.now ??= new Prompts());
  let print = '';
  let children: Children | undefined;
  before(() => {
    asked();
    if (process.platform === 'linux') children = new Children();
    print = fingerprint();
  });
  beforeEach(() => asked().reset());
  after(() => asked().dispose());

  it('wakes in a folder that is not trusted', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it('shows data, stages and the runs of the workspace; models need Git and say so', async () => {
    const { views } = await parts();
    assert.match((await rowTexts(views.data)).join('\n'), /^digits\.csv \| data · 273 kB$/m);
    assert.equal((await rowTexts(views.data, await rowOf(views.data, 'prepared'))).length, 2);
    assert.match((await rowTexts(views.pipeline)).join('\n'), /^train \| up to date/m);
    assert.match((await rowTexts(views.runs)).join('\n'), /accuracy 0\.9285/);
    assert.deepEqual(await rowTexts(views.models), []);
    assert.match(views.models.view.message ?? '', /trust/i);
    assert.deepEqual(asked().asked, []);
  });

  it('shows stages and commands as text: lenses and letters are there', async () => {
    const session = await onlySession();
    const { decorations } = await parts();
    assert.equal((await decorations.provideFileDecoration(session.uri('data/digits.csv')))?.badge, 'T');
    const uri = session.uri('dvc.yaml');
    await vscode.window.showTextDocument(uri);
    const all = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
    assert.equal(all.filter(({ command: act }) => act?.command === 'strata.repro').length, 3);
  });

  it('refuses every act in the same sentence, however it is called', async () => {
    const { contributes } = extension().packageJSON as {
      contributes: { commands: { command: string; enablement?: string }[] };
    };
    const guarded = contributes.commands
      .filter(({ enablement }) => enablement?.includes('isWorkspaceTrusted'))
      .map((one) => one.command.replace('strata.', ''));
    const open = allCommands().filter((id) => !guarded.includes(id));
    assert.deepEqual(open.sort(), [
      'cancelAct',
      'cancelRun',
      'copyRunId',
      'forgetSecrets',
      'live',
      'openStage',
      'refresh',
      'showLog',
      'verify',
    ]);
    const data = vscode.Uri.file(join(root, 'data', 'digits.csv'));
    const { views } = await parts();
    const rows = [[], [data, [data]], [await rowOf(views.pipeline, 'train')], [data, 'HEAD']];
    for (const id of guarded) {
      for (const args of rows) {
        asked().reset();
        await command(id, ...args);
        assert.equal(asked().asked.length, 1, id);
        assert.match(asked().texts('error')[0] ?? '', /needs a trusted workspace/, id);
        assert.deepEqual(asked().asked[0]?.choices, ['Manage Trust']);
      }
    }
  });

  it('the engine refuses too when it is asked past the commands', async () => {
    const session = await onlySession();
    const refused = { code: 'trust.required' };
    await assert.rejects(session.call('add', { targets: ['README.md'] }), refused);
    await assert.rejects(session.call('repro', { targets: [] }), refused);
    await assert.rejects(session.call('runStart', { targets: [] }), refused);
    await assert.rejects(session.call('push', { targets: [] }), refused);
    await assert.rejects(session.call('checkout', { targets: [], dry: true }), refused);
    await assert.rejects(session.call('promote', { targets: ['digits'], stage: 'prod' }), refused);
  });

  it('a panel that asks for an act is refused', async () => {
    const { panels } = await parts();
    const session = await onlySession();
    const tap = tapPanels();
    panels.live.show(session);
    panels.compare.show(session);
    panels.diff.show(session, { path: 'data/digits.csv', a: 'HEAD', b: 'workspace' });
    tap.dispose();
    const [live, compare, diff] = tap.panels;
    asked().reset();
    await live?.call('run', {});
    await compare?.call('run', {});
    const restored = await diff?.call('restore', { path: 'data/digits.csv', version: 'HEAD' });
    assert.deepEqual(restored?.['value'], { restored: false });
    assert.equal(asked().texts('error').length, 3);
    assert.ok(
      asked()
        .texts('error')
        .every((text) => /needs a trusted workspace/.test(text)),
    );
    const versions = await diff?.call('versions', { path: 'data/digits.csv' });
    assert.equal(versions?.['k'], 'fail');
    const curves = await live?.call('read', { runs: [], width: 100, smoothing: 0, generation: 1 });
    assert.equal(curves?.['k'], 'done');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('C3: every other command survives whatever it is given', async () => {
    asked().dispose();
    prompts.now = undefined;
    const data = vscode.Uri.file(join(root, 'data', 'digits.csv'));
    assert.deepEqual(await everyCommand({ nothing: [], 'a file': [data, [data]], ...NONSENSE }), []);
  }).timeout(60_000);

  it('A3: after all this no byte of the folder is different', async () => {
    await until('the views still there', async () => (await rowTexts((await parts()).views.data)).length > 0);
    assert.equal(fingerprint(), print);
  });

  it('X1: after all this no program was started but the editor’s own', function () {
    if (!children) skip(this, 'the programs of a process are listed on Linux only');
    assert.deepEqual(
      children.stop().filter((line) => !EDITORS_OWN.test(line)),
      [],
    );
  });
});
