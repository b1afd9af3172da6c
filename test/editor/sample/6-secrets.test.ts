/**
 * What a remote asks on the way in, as dialogs of the editor: the key of a computer, the passphrase of a key, a password. Real servers ask. What
 * proved right is kept in the editor's secret store; a command removes it.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { skip } from '../../support/skip';
import { PASSWORD, startSshd, USER, type SshServer } from '../../support/sshServer';
import { LOGIN, startNginx, type WebServer } from '../../support/webServers';
import { command, onlySession, parts, Prompts, until } from '../support/editorParts';

const root = process.env['STRATA_TEST_WORKSPACE'] ?? '';
const file = (path: string): string => join(root, path);
const knownHosts = join(homedir(), '.ssh', 'known_hosts');
/** Names of objects below a folder. */
const objects = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /[0-9a-f]{30}(\.dir)?$/.test(name));

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));

const SECRET = 'wJalrXUtnFEMIK7MDENGbPxRfiCY';
/** How secrets stand in messages, addresses and settings. */
const SECRET_SHAPES = [
  `https://ana:${SECRET}@host/data.git cannot be read`,
  `ssh://ana:${SECRET}@host:22/data`,
  `Authorization: Bearer ${SECRET}`,
  `authorization: Basic ${SECRET}`,
  `secret_access_key = ${SECRET}`,
  `AWS_SECRET_ACCESS_KEY=${SECRET}`,
  `"password": "${SECRET}"`,
  `password = ${SECRET}`,
  `token=${SECRET}&x=1`,
  `connection_string = ${SECRET}`,
  `api_key: ${SECRET}`,
  `sas=${SECRET}`,
] as const;

describe('the sample, pushed to another computer', () => {
  let prompts: Prompts;
  let server: SshServer;
  let web: WebServer;
  let config = '';
  let passwords: (boolean | undefined)[] = [];
  const kept = async (): Promise<string[]> => (await parts()).app.secrets.kept.map(({ label }) => label);
  const useRemote = (name: string, url: string, options: readonly string[]): void => {
    const lines = [`url = ${url}`, ...options].map((line) => `    ${line}\n`).join('');
    writeFileSync(
      file('.dvc/config'),
      `${config.replace(/remote = \w+/, `remote = ${name}`)}['remote "${name}"']\n${lines}`,
    );
  };
  const useWeb = (): void =>
    useRemote('web', web.url, ['auth = basic', `user = ${LOGIN.user}`, 'ask_password = true', 'method = PUT']);

  before(async function () {
    const { STRATA_SSHD = '', STRATA_NO_SSHD = '', STRATA_NGINX = '', STRATA_NO_NGINX = '' } = process.env;
    if (STRATA_SSHD === '') return skip(this, STRATA_NO_SSHD);
    if (STRATA_NGINX === '') return skip(this, STRATA_NO_NGINX);
    server = await startSshd(STRATA_SSHD);
    web = await startNginx(STRATA_NGINX, LOGIN);
    config = readFileSync(file('.dvc/config'), 'utf8');
    prompts = new Prompts();
    const shown = vscode.window.showInputBox.bind(vscode.window);
    vscode.window.showInputBox = (options?: vscode.InputBoxOptions, token?: vscode.CancellationToken) => {
      passwords.push(options?.password);
      return shown(options, token);
    };
  });
  beforeEach(() => {
    prompts.reset();
    passwords = [];
  });
  after(async () => {
    prompts?.dispose();
    if (config) writeFileSync(file('.dvc/config'), config);
    server?.stop();
    await web?.stop();
  });

  it('an edited configuration counts at once; an unknown computer is asked about, and nothing is sent after Escape', async () => {
    const url = `ssh://${USER}@127.0.0.1:${server.port}${server.store}`;
    useRemote('far', url, [`keyfile = ${server.key('locked')}`, 'allow_agent = false']);
    await command('push');
    const [question] = prompts.asked;
    assert.deepEqual(
      [question?.kind, question?.modal, question?.choices],
      ['warning', true, ['yes, remember its key']],
    );
    assert.match(question?.text ?? '', /The key of \[127\.0\.0\.1\]:\d+ is not known yet: ed25519, SHA256:/);
    assert.deepEqual([prompts.texts('error'), objects(server.store)], [[], []]);
  });

  it('a locked key is asked for its passphrase, hidden, again when it was wrong; then the data goes', async () => {
    const typed = ['not this', PASSWORD];
    prompts.reset(({ kind, choices }) => (kind === 'inputBox' ? typed.shift() : choices[0]));
    await command('push');
    const question = `Passphrase of the key ${server.key('locked')}`;
    assert.deepEqual(prompts.texts('inputBox'), [question, `That was wrong. ${question}`]);
    assert.deepEqual(passwords, [true, true]);
    assert.deepEqual(prompts.texts('error'), []);
    assert.ok(objects(server.store).length > 0);
    const found = execFileSync('ssh-keygen', ['-F', `[127.0.0.1]:${server.port}`, '-f', knownHosts], {
      encoding: 'utf8',
    });
    assert.match(found, /ssh-ed25519/);
    assert.deepEqual(await kept(), [question]);
  });

  it('it is kept: an engine that starts afresh does not ask; the settings and the log hold nothing of it', async () => {
    (await onlySession()).reopen();
    rmSync(server.store, { recursive: true });
    prompts.reset(({ kind, choices }) => (kind === 'inputBox' ? undefined : choices[0]));
    await command('push');
    assert.deepEqual([prompts.texts('inputBox'), prompts.texts('error')], [[], []]);
    assert.ok(objects(server.store).length > 0);
    const { app } = await parts();
    const memory = app.context.workspaceState.keys().map((key) => app.context.workspaceState.get(key));
    assert.doesNotMatch(JSON.stringify([memory, readFileSync(file('.dvc/config'), 'utf8')]), new RegExp(PASSWORD));
  });

  it('forgetSecrets: lists what is kept, removes nothing on Escape, then it is asked for again', async () => {
    const [label = ''] = await kept();
    await command('forgetSecrets');
    assert.deepEqual(prompts.asked[0]?.choices, [label]);
    assert.deepEqual(await kept(), [label]);
    prompts.reset(({ choices }) => choices[0]);
    await command('forgetSecrets');
    assert.deepEqual([await kept(), prompts.texts('status')], [[], ['1 password or key removed']]);
    prompts.reset();
    await command('push');
    assert.deepEqual(prompts.texts('inputBox'), [label]);
    prompts.reset();
    await command('forgetSecrets');
    assert.deepEqual(prompts.texts('status'), ['No password is kept for this workspace']);
  });

  it('the password of a web server: a wrong one is not kept and asked for again, the right one is', async () => {
    useWeb();
    const typed = ['not this', LOGIN.password];
    const answer = ({ kind, choices }: { kind: string; choices: readonly string[] }): string | undefined =>
      kind === 'inputBox' ? typed.shift() : choices.find((one) => one === 'Push');
    prompts.reset(answer);
    await command('push');
    assert.match(prompts.texts('error')[0] ?? '', /wants to know who asks \(status 401\)/);
    assert.deepEqual(await kept(), []);
    prompts.reset(answer);
    await command('push');
    assert.deepEqual(prompts.texts('inputBox'), [`Password of ana for ${web.url}`]);
    assert.deepEqual(prompts.texts('error'), []);
    assert.ok(objects(web.root).length > 0);
    assert.deepEqual(await kept(), [`Password of ana for ${web.url}`]);
  });

  it('a bucket without keys: both halves are asked for, and kept', async () => {
    const { STRATA_S3: endpoint = '' } = process.env;
    useRemote('cloud', 's3://data/sample', [`endpointurl = ${endpoint}`, 'region = us-east-1']);
    const questions = ['Access key id for the remote', 'Secret access key for the remote'];
    await command('push');
    assert.match(prompts.texts('inputBox').join(), /^Access key id for the remote cloud \(s3:\/\/data\/sample\)$/);
    assert.deepEqual([prompts.texts('error'), passwords], [[], [true]]);
    const typed = ['strata-test', 'not-a-secret-1234567890'];
    prompts.reset(({ kind, choices }) => (kind === 'inputBox' ? typed.shift() : choices.find((one) => one === 'Push')));
    await command('push');
    assert.deepEqual(prompts.texts('error'), []);
    assert.deepEqual(
      prompts.texts('inputBox').map((text) => text.split(' cloud')[0]),
      questions,
    );
    assert.match(prompts.texts('status')[0] ?? '', /^\d+ objects pushed/);
    (await onlySession()).reopen();
    prompts.reset();
    await command('push');
    assert.deepEqual(prompts.texts('inputBox', 'status'), ['Everything is on the remote already']);
    assert.deepEqual(
      (await kept()).slice(-2).map((text) => text.split(' cloud')[0]),
      questions,
    );
    prompts.reset(({ choices }) => choices.at(-1));
    await command('forgetSecrets');
    await command('forgetSecrets');
  });

  it('H1: secrets of twelve shapes are not in the log, and neither is what was typed', async () => {
    const { app } = await parts();
    for (const [n, shape] of SECRET_SHAPES.entries()) app.log.error(`${n}: ${shape}`);
    app.log.error('that was all of them');
    const text = await until('the log on disk', () => {
      const logs = filesBelow(app.context.logUri.fsPath).filter((path: string) => path.endsWith('Strata.log'));
      const all = logs.map((path) => readFileSync(path, 'utf8')).join('');
      return all.includes('that was all of them') ? all : undefined;
    });
    assert.match(text, /: .*\*\*\*/);
    assert.deepEqual(
      [SECRET, PASSWORD, LOGIN.password, 'not this'].filter((secret) => text.includes(secret)),
      [],
    );
  });

  it('a kept password that no longer fits is dropped', async () => {
    const { app } = await parts();
    useWeb();
    const [one] = app.secrets.kept;
    await app.context.secrets.store(one?.id ?? '', 'old');
    (await onlySession()).reopen();
    await command('push');
    assert.match(prompts.texts('error')[0] ?? '', /status 401/);
    assert.deepEqual(await kept(), []);
  });
});
