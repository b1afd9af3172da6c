/** Data from elsewhere, from inside the editor: steps with a way back, what is in the way, updates, and downloads that nothing tracks. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { command, git, onlySession, parts, Prompts, rowOf, rowTexts, until, type Asked } from '../support/editorParts';
import { BACK } from '../support/quickInputs';

const root = process.env['STRATA_TEST_WORKSPACE'] ?? '';
const other = join(dirname(root), 'other');
const file = (path: string): string => join(root, path);
const read = (path: string): string => readFileSync(file(path), 'utf8');
const numbers = 'id,n\n1,1\n2,4\n3,9\n';

/** Answers a box by its step; anything else with Escape, unless `more` knows better. */
const steps =
  (answers: readonly (string | undefined)[], more: (asked: Asked) => string | undefined = () => undefined) =>
  (asked: Asked): string | undefined => {
    const step = /\((\d)\/\d\)/.exec(asked.text)?.[1];
    return step === undefined ? more(asked) : answers[Number(step) - 1];
  };

describe('the sample, with data from elsewhere', () => {
  let prompts: Prompts;

  /** Records a version of a table in the other repository. */
  async function publish(text: string, message: string): Promise<void> {
    writeFileSync(join(other, 'numbers.csv'), text);
    const session = await onlySession();
    assert.notEqual(session.root, other);
    await git(other, 'add', '-A');
    await git(other, '-c', 'user.name=A', '-c', 'user.email=a@b.c', 'commit', '-q', '-m', message);
  }

  before(async () => {
    cpSync(root, other, { recursive: true });
    await publish(numbers, 'Numbers');
    prompts = new Prompts();
  });
  beforeEach(() => prompts.reset());
  after(() => prompts.dispose());
  afterEach(() => assert.deepEqual(prompts.texts('error'), []));

  it('import: one step after the other, Escape at each of them brings nothing', async () => {
    const answers = ['../other', '', 'data/digits.csv', 'imported.csv'];
    for (let n = 0; n < 4; n += 1) {
      prompts.reset(steps(answers.slice(0, n)));
      await command('import');
      assert.equal(prompts.asked.length, n + 1);
    }
    const [address, revision, path, out] = prompts.asked;
    assert.match(address?.text ?? '', /^Import from Repository \(1\/4\) Address of the repository/);
    assert.match(revision?.text ?? '', /^Import from Repository \(2\/4\) Branch, tag or commit/);
    assert.ok(path?.choices.includes('data/digits.csv') && path.choices.includes('README.md'));
    assert.ok((path?.choices.indexOf('data/digits.csv') ?? 9) < (path?.choices.indexOf('README.md') ?? 0));
    assert.deepEqual(out?.choices, ['digits.csv']);
    assert.equal(existsSync(file('imported.csv')), false);
  });

  it('import: an address that leads nowhere is told under the address, an empty one is not taken, Back leads back', async () => {
    const first = ['', 'nowhere', '../other', '../other'];
    const second = ['', BACK, ''];
    prompts.reset(({ text }) => {
      if (text.includes('(1/4)')) return first.shift();
      return text.includes('(2/4)') ? second.shift() : undefined;
    });
    await command('import');
    const told = prompts.asked.map(({ text, choices, detail }) => [/\d\/\d/.exec(text)?.[0], choices[0], detail]);
    assert.deepEqual(told.slice(0, 2), [
      ['1/4', '', ''],
      ['1/4', '', 'Enter something first.'],
    ]);
    const [, , , again] = told;
    assert.deepEqual(again?.slice(0, 2), ['1/4', 'nowhere']);
    assert.match(again?.[2] ?? '', /nowhere is not a Git repository/);
    assert.deepEqual(
      told.slice(4, 7).map(([step]) => step),
      ['2/4', '1/4', '2/4'],
    );
  });

  it('import: brings a file of Git, tracks it, and its row says where it is from', async () => {
    const { views } = await parts();
    prompts.reset(steps(['../other', '', 'numbers.csv', 'numbers.csv']));
    await command('import');
    assert.equal(read('numbers.csv'), numbers);
    assert.match(read('numbers.csv.dvc'), /url: \.\.\/other[^]*rev_lock: [0-9a-f]{40}/);
    assert.match(prompts.texts('status')[0] ?? '', /^Imported numbers\.csv from numbers\.csv \(\.\.\/other\)/);
    const row = await rowOf(views.data, 'numbers.csv');
    assert.match((await rowTexts(views.data)).join('\n'), /^numbers\.csv \| new · \d+ B · imported$/m);
    assert.match(row.item.contextValue ?? '', /^out\.file\.\w+\.dvc\.import$/);
    const tooltip = typeof row.item.tooltip === 'string' ? row.item.tooltip : '';
    assert.match(tooltip, /imported from numbers\.csv \(\.\.\/other\)\nat commit [0-9a-f]{7}$/);
  });

  it('import: a typed path and a revision; what is in the way is replaced only after a question', async () => {
    writeFileSync(file('mine.csv'), 'mine\n');
    const answers = ['../other', 'HEAD', 'data/../numbers.csv', 'mine.csv'];
    prompts.reset(steps(answers));
    await command('import');
    const question = prompts.asked.at(-1);
    assert.deepEqual([question?.kind, question?.modal, question?.choices], ['warning', true, ['Replace']]);
    assert.match(question?.text ?? '', /^mine\.csv exists already/);
    assert.equal(read('mine.csv'), 'mine\n');
    prompts.reset(steps(answers, ({ choices }) => choices[0]));
    await command('import');
    assert.equal(read('mine.csv'), numbers);
    assert.match(read('mine.csv.dvc'), /rev: HEAD/);
  });

  it('import-url: a file of this computer; update brings what it has become', async () => {
    const outside = join(dirname(root), 'outside.csv');
    writeFileSync(outside, 'a\n');
    prompts.reset(steps([outside, 'from/outside.csv']));
    mkdirSync(file('from'));
    await command('import-url');
    assert.deepEqual(prompts.asked[1]?.choices, ['outside.csv']);
    assert.equal(read('from/outside.csv'), 'a\n');
    const { views } = await parts();
    const row = await rowOf(views.data, 'outside.csv');
    prompts.reset();
    await command('update', row);
    assert.deepEqual(prompts.texts('status'), ['from/outside.csv is up to date']);
    writeFileSync(outside, 'b\n');
    prompts.reset();
    await command('update', row);
    assert.match(prompts.texts('status')[0] ?? '', /^Updated from\/outside\.csv/);
    assert.equal(read('from/outside.csv'), 'b\n');
  });

  it('update without an argument: all imports, one of them, a revision to follow; Escape changes nothing', async () => {
    const first = await git(other, 'rev-parse', 'HEAD');
    await publish(`${numbers}4,16\n`, 'More numbers');
    await command('update');
    const [pick] = prompts.asked;
    assert.deepEqual(pick?.choices.slice(0, 2), ['All imports', 'from/outside.csv']);
    assert.equal(read('numbers.csv'), numbers);
    prompts.reset(({ kind }) => (kind === 'quickPick' ? 'All imports' : undefined));
    await command('update');
    assert.deepEqual(prompts.texts('status'), ['Updated 2 imports']);
    assert.equal(read('numbers.csv'), `${numbers}4,16\n`);
    prompts.reset(({ kind }) => (kind === 'quickPick' ? 'numbers.csv' : undefined));
    await command('update');
    assert.equal(prompts.asked[1]?.text, 'Update numbers.csv');
    assert.equal(read('numbers.csv'), `${numbers}4,16\n`);
    prompts.reset(({ kind }) => (kind === 'quickPick' ? 'numbers.csv' : kind === 'inputBox' ? first : undefined));
    await command('update');
    assert.equal(read('numbers.csv'), numbers);
    assert.match(read('numbers.csv.dvc'), new RegExp(`rev: ${first}`));
  });

  it('update: data that no cache holds is overwritten only after a question; what was not imported is told', async () => {
    writeFileSync(file('mine.csv'), 'edited\n');
    await publish(`${numbers}5,25\n`, 'Still more numbers');
    await command('update', vscode.Uri.file(file('mine.csv')));
    const [question] = prompts.asked;
    assert.deepEqual([question?.modal, question?.detail, question?.choices], [true, 'mine.csv', ['Overwrite']]);
    assert.equal(read('mine.csv'), 'edited\n');
    prompts.reset(({ choices }) => choices[0]);
    await command('update', vscode.Uri.file(file('mine.csv')));
    assert.equal(read('mine.csv'), `${numbers}5,25\n`);
    prompts.reset();
    await command('update', vscode.Uri.file(file('data/digits.csv')));
    assert.match(prompts.texts('error')[0] ?? '', /^data\/digits\.csv was not imported.*says “imported”/);
    prompts.reset();
  });

  it('get: tracked data of another repository, without tracking it; get-url: what lies at an address', async () => {
    prompts.reset(steps(['../other', '', 'data/digits.csv', 'got.csv']));
    await command('get');
    assert.equal(read('got.csv'), read('data/digits.csv'));
    assert.match(prompts.texts('status')[0] ?? '', /^Downloaded got\.csv \(273 kB\)/);
    prompts.reset(steps([join(other, 'numbers.csv'), 'got2.csv']));
    await command('get-url');
    assert.equal(read('got2.csv'), `${numbers}5,25\n`);
    assert.deepEqual([existsSync(file('got.csv.dvc')), existsSync(file('got2.csv.dvc'))], [false, false]);
    prompts.reset(steps([join(other, 'numbers.csv'), 'got2.csv']));
    await command('get-url');
    assert.equal(prompts.asked.at(-1)?.modal, true);
  });

  it('cancelAct: ends an import that waits for its server, within two seconds, and leaves nothing behind', async () => {
    let asked = 0;
    const server = createServer((request, response) => {
      asked += 1;
      response.writeHead(200, { 'content-length': '1000000', etag: '"1"' });
      if (request.method === 'HEAD') response.end();
      else response.write('x'.repeat(1000));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      prompts.reset(steps([`http://127.0.0.1:${port}/slow.bin`, 'slow.bin']));
      const act = command('import-url');
      await until('the request', () => asked > 1);
      const start = Date.now();
      await command('cancelAct');
      await act;
      assert.ok(Date.now() - start < 2000, `${Date.now() - start} ms`);
      assert.deepEqual([existsSync(file('slow.bin')), existsSync(file('slow.bin.dvc'))], [false, false]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
