/** The panels' hosts: one panel a project, answers as the contract says, and nothing else is listened to. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import * as vscode from 'vscode';
import { command, onlySession, parts, Prompts, until } from '../support/editorParts';
import { Uncaught } from '../support/everyCommand';
import { tapPanels, type Tap, type Tapped } from '../support/tapPanels';
import { compareContract } from '../../../src/protocol/compare';
import { type Contract } from '../../../src/protocol/contract';
import { diffContract } from '../../../src/protocol/diff';
import { liveContract } from '../../../src/protocol/live';

const root = process.env['STRATA_TEST_WORKSPACE'] ?? '';
const state = (): string =>
  execFileSync('git', ['status', '--porcelain', '--ignored'], { cwd: root, encoding: 'utf8' });
const tabs = (): number =>
  vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview).length;

/** What no page of ours sends. */
const MALFORMED: readonly unknown[] = [
  null,
  undefined,
  7,
  'call',
  [],
  {},
  { v: 2, k: 'call', id: 1, method: 'read', args: {} },
  { v: 1, k: 'nothing', id: 1 },
  { v: 1, k: 'cancel', id: {} },
  { v: 1, k: 'answer', question: 99, value: 'yes' },
  { v: 1, k: 'progress', id: 1, value: null },
  { v: 1, k: 'call' },
  { v: 1, k: 'call', id: null, method: null, args: null },
];

describe('panels', () => {
  let tap: Tap;
  let prompts: Prompts;
  const uncaught = new Uncaught();
  before(async () => {
    prompts = new Prompts();
    tap = tapPanels();
    await command('compare');
    await command('live');
    await command('history', vscode.Uri.file(`${root}/data/digits.csv`));
    assert.deepEqual(
      tap.panels.map(({ type }) => type),
      ['strata.compare', 'strata.live', 'strata.diff'],
    );
  });
  after(async () => {
    tap.dispose();
    prompts.dispose();
    uncaught.dispose();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  const panelOf = (type: string): Tapped => {
    const found = tap.panels.find((one) => one.type === `strata.${type}`);
    assert.ok(found);
    return found;
  };

  it('W8: opened again they come to the front, each once', async () => {
    for (const id of ['compare', 'live']) await command(id);
    await command('diff.content', vscode.Uri.file(`${root}/data/digits.csv`));
    assert.equal(tap.panels.length, 3);
    await until('three tabs', () => tabs() === 3);
  });

  it('the real page speaks to the host as soon as it stands', async () => {
    await command('live');
    await until('an answer to the page itself', () =>
      panelOf('live').sent.some((message) => message['k'] === 'done' && Number(message['id']) < 1000),
    );
  });

  it('the policy of the page is the strict one, its nonce new each time', () => {
    const pages = tap.panels.map(({ panel }) => panel.webview.html);
    for (const html of pages) {
      assert.match(html, /default-src 'none'/);
      assert.doesNotMatch(html, /unsafe-inline|unsafe-eval|\son\w+=|style=|http:\/\//);
      assert.match(html, /connect-src 'none'; frame-src 'none'; form-action 'none'; base-uri 'none'/);
    }
    const nonces = pages.map((html) => /nonce="([^"]+)"/.exec(html)?.[1]);
    assert.equal(new Set(nonces).size, 3);
    assert.ok(tap.panels.every(({ panel }) => panel.webview.options.localResourceRoots?.length === 1));
  });

  const contracts: readonly Contract[] = [compareContract, liveContract, diffContract];
  for (const contract of contracts) {
    it(`W9: ${contract.panel} refuses what is not in its contract`, async () => {
      const page = panelOf(contract.panel);
      for (const message of MALFORMED) page.send(message);
      for (const method of ['nothing', '__proto__', 'constructor', 'toString', '', 'data.status', 'add']) {
        const answer = await page.call(method, {});
        assert.equal((answer['error'] as { code: string }).code, 'protocol.unknownMethod', method);
      }
      for (const method of Object.keys(contract.methods)) {
        const bad: unknown[] = [null, 7, 'x', [], { runs: 7, path: 7 }, { runs: [{}], path: {} }];
        const loose = Object.keys((contract.methods[method]?.args as { shape?: object }).shape ?? {}).length === 0;
        for (const args of loose ? bad.slice(0, 4) : bad) {
          const answer = await page.call(method, args);
          assert.equal(
            (answer['error'] as { code: string }).code,
            'protocol.badArguments',
            `${method} ${JSON.stringify(args)}`,
          );
        }
      }
    });
  }

  it('W3: 600 random messages throw nothing, ask nothing and change nothing', async () => {
    const before = state();
    prompts.reset();
    const methods = contracts
      .flatMap(({ methods: all }) => Object.keys(all))
      .filter((name) => !/^(run|open|showLogSnippet)$/.test(name));
    const message = fc.oneof(
      fc.anything({ maxDepth: 2 }),
      fc.record({
        v: fc.constant(1),
        k: fc.constantFrom('call', 'cancel', 'answer', 'event', 'done'),
        id: fc.oneof(fc.nat(50), fc.anything({ maxDepth: 1 })),
        method: fc.constantFrom(...methods, '__proto__', 'hasOwnProperty'),
        args: fc.oneof(
          fc.anything({ maxDepth: 3 }),
          fc.record({ runs: fc.array(fc.string()), path: fc.string(), version: fc.string() }),
        ),
      }),
    );
    const seed = Date.now() & 0xffff;
    for (const one of fc.sample(message, { seed, numRuns: 200 })) {
      for (const page of tap.panels) page.send(one);
    }
    await (await onlySession()).call('dataTree', {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(
      { asked: prompts.asked.filter(({ modal }) => modal), uncaught: uncaught.found, state: state() },
      { asked: [], uncaught: [], state: before },
      `seed ${seed}`,
    );
    assert.equal(Object.keys(Object.prototype).length, 0);
  }).timeout(60_000);

  it('Diff never leaves the project, whatever path it is given', async () => {
    const page = panelOf('diff');
    for (const path of [
      '../outside.csv',
      '/etc/passwd',
      'data/../../x',
      '.git/config',
      '.dvc/config',
      'C:\\x',
      '-x',
      'a\0b',
    ]) {
      const answer = await page.call('diff', { path, a: 'HEAD', b: 'workspace', key: [] });
      assert.equal(answer['k'], 'fail', path);
      const message = (answer['error'] as { message: string }).message;
      assert.doesNotMatch(message, /root:|Something went wrong/, `${path}: ${message}`);
    }
    for (const rev of ['--output=x', '-x', 'HEAD:x', '@{-1', 'nothing', '']) {
      const answer = await page.call('diff', { path: 'data/digits.csv', a: rev, b: 'workspace', key: [] });
      assert.equal(answer['k'], 'fail', rev);
    }
  });

  it('ticks in Compare are the ticks of the Runs view, and those of Live', async () => {
    const { selection, views } = await parts();
    const session = await onlySession();
    const rows = await session.call('runs', { max: 5 });
    const ids = rows.slice(0, 2).map(({ id }) => id);
    await panelOf('compare').call('select', { runs: ids });
    assert.deepEqual(selection.of(session), ids);
    const ticked = (await views.runs.getChildren()).filter(
      ({ item }) =>
        (item.checkboxState as { state: number } | undefined)?.state === vscode.TreeItemCheckboxState.Checked,
    );
    assert.equal(ticked.length, 2);
    await until('Live is told', () =>
      panelOf('live').sent.some((message) => message['k'] === 'event' && message['name'] === 'selection'),
    );
  });

  it('a closed panel lets go of its listeners', async () => {
    const session = await onlySession();
    const watchers = session.held.watchers;
    panelOf('live').panel.dispose();
    await until('one watcher less', () => session.held.watchers < watchers || watchers === 0);
    assert.equal((await parts()).panels.live.of(session), undefined);
  });
});
