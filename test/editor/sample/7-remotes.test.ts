/** Adding a remote by steps: it is asked at once, what is wrong is said in words, and a project without one offers to add it. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { command, parts, Prompts, until, type Asked } from '../support/editorParts';

const root = process.env['STRATA_TEST_WORKSPACE'] ?? '';
const config = join(root, '.dvc', 'config');
const read = (): string => readFileSync(config, 'utf8');
const USUAL = 'Use it for push, pull and fetch';
const OTHER = 'Only where it is named';

describe('the sample, with remotes', () => {
  let prompts: Prompts;
  let initial = '';
  const steps =
    (...answers: (string | undefined)[]) =>
    ({ text }: Asked): string | undefined =>
      answers[Number(/\((\d)\/3\)/.exec(text)?.[1] ?? 9) - 1];

  before(() => {
    prompts = new Prompts();
    initial = read();
    mkdirSync(join(dirname(root), 'shelf'), { recursive: true });
  });
  beforeEach(() => prompts.reset());
  after(() => {
    prompts.dispose();
    writeFileSync(config, initial);
  });

  it('a folder: three steps, and it answers; Escape at each of them changes nothing', async () => {
    const answers = ['../shelf', 'shelf', USUAL];
    for (let n = 0; n < 3; n += 1) {
      prompts.reset(steps(...answers.slice(0, n)));
      await command('remote.add');
      assert.equal(prompts.asked.length, n + 1);
      assert.equal(read(), initial);
    }
    assert.deepEqual(prompts.asked[2]?.choices, [OTHER, USUAL]);
    prompts.reset(steps(...answers));
    await command('remote.add');
    assert.match(read(), /remote = shelf[^]*\['remote "shelf"'\]\n\s+url = \.\.\/\.\.\/shelf/);
    assert.match(
      prompts.texts('status')[0] ?? '',
      /^Remote shelf added: it answers, \d+ objects \(.*B\) are not there/,
    );
    prompts.reset(({ choices }) => choices.find((one) => one === 'Push'));
    await command('push');
    assert.match(prompts.texts('information')[0] ?? '', /to shelf\?$/);
    assert.ok(readdirSync(join(dirname(root), 'shelf'), { recursive: true }).length > 3);
  });

  it('refuses a password in an address and a name that is taken, and says why', async () => {
    const typed = ['https://ana:secret@host/x', 'https://host/x'];
    const names = ['shelf', 'a b', undefined];
    prompts.reset(({ text }) => (text.includes('(1/3)') ? typed.shift() : names.shift()));
    await command('remote.add');
    assert.deepEqual(
      prompts.asked.map(({ detail }) => detail.split('.')[0]),
      [
        '',
        'Leave the password out: the file that keeps this address is in Git',
        '',
        ...['There is a remote shelf already', 'Use letters, digits, - and _ only'],
      ],
    );
    assert.doesNotMatch(read(), /secret/);
  });

  it('one that does not answer is added all the same, and the sentence says what is wrong; S3 asks for its server', async () => {
    const port = 9;
    prompts.reset(steps(`http://127.0.0.1:${port}/x`, 'web', OTHER));
    await command('remote.add');
    const [told] = prompts.texts('warning');
    assert.match(told ?? '', /^Remote web is added, and does not answer as it should\. .*127\.0\.0\.1:9.*ECONNREFUSED/);
    assert.match(read(), /remote = shelf[^]*\['remote "web"'\]/);
    prompts.reset(({ text }) =>
      /\((\d)\/3\)/.test(text) ? steps('s3://bucket/x', 'cloud', OTHER)({ text } as Asked) : undefined,
    );
    await command('remote.add');
    assert.doesNotMatch(read(), /cloud/);
  });

  it('without a remote, push says so and offers to add one', async () => {
    writeFileSync(config, '');
    prompts.reset(({ kind, choices }) => (kind === 'error' ? choices[0] : undefined));
    await command('push');
    await until('the first step', () => prompts.asked.some(({ text }) => text.startsWith('Add Remote (1/3)')));
    const error = prompts.asked.find(({ kind }) => kind === 'error');
    assert.match(error?.text ?? '', /^No remote is chosen for this project/);
    assert.deepEqual(error?.choices, ['Add Remote…']);
    assert.equal((await parts()).app.sessions.known.length, 1);
  });
});
