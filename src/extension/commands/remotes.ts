/** Adding a remote: where it is, what it is called, whether it is the usual one; then it is asked, and what is wrong is said in words. */

import * as vscode from 'vscode';
import { isCancelled } from '../../base/cancel';
import { type App } from '../app';
import { sentence } from '../prompts/errors';
import { withProgress } from '../prompts/progress';
import { askInSteps, type Step } from '../prompts/steps';
import { type Session } from '../session';
import { registerCommand, sessionOf, tell } from './command';

/** Registers them. */
export function registerRemoteCommands(app: App): void {
  registerCommand(app, 'remote.add', (row) => addRemote(app, row));
}

async function addRemote(app: App, row: unknown): Promise<void> {
  const session = await sessionOf(app, row);
  if (!session) return;
  const { text } = app;
  const known = (await session.call('remote.list', { targets: [] })).lines.map((line) => line.split(/\s/)[0] ?? '');
  const answers = await askInSteps(text.t('remote.title'), remoteSteps(app, known), text);
  if (!answers) return;
  const [url = '', name = '', usual = ''] = answers;
  const endpoint = url.startsWith('s3://') ? await askEndpoint(app) : '';
  if (endpoint === undefined) return;
  await session.call('remote.add', { targets: [name, url], default: usual === text.t('remote.usual') });
  if (endpoint !== '') await session.call('remote.modify', { targets: [name, 'endpointurl', endpoint] });
  await tryRemote(app, session, name);
}

function remoteSteps(app: App, known: readonly string[]): Step[] {
  const { text } = app;
  const usual = { label: text.t('remote.usual'), description: text.t('remote.usualDetail') };
  const other = { label: text.t('remote.other'), description: text.t('remote.otherDetail') };
  return [
    {
      kind: 'type',
      prompt: text.t('remote.url'),
      placeholder: text.t('remote.urlExample'),
      check: (value) => urlProblem(app, value),
    },
    {
      kind: 'type',
      prompt: text.t('remote.name'),
      value: () => (known.includes('storage') ? '' : 'storage'),
      check: (value) => nameProblem(app, value, known),
    },
    {
      kind: 'choose',
      placeholder: text.t('remote.which'),
      items: () => Promise.resolve(known.length === 0 ? [usual, other] : [other, usual]),
    },
  ];
}

/** Passwords have no place in a file that Git holds. */
function urlProblem({ text }: App, value: string): string | undefined {
  if (value === '') return text.t('steps.empty');
  return /^[\w+.-]+:\/\/[^/@:]*:[^/@]+@/.test(value) ? text.t('remote.noPassword') : undefined;
}

function nameProblem({ text }: App, value: string, known: readonly string[]): string | undefined {
  if (value === '') return text.t('steps.empty');
  if (!/^[\w-]+$/.test(value)) return text.t('remote.badName');
  return known.includes(value) ? text.t('remote.taken', { name: value }) : undefined;
}

/** The address of an S3 server; empty for Amazon's own, undefined after Escape. */
async function askEndpoint({ text }: App): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    title: text.t('remote.title'),
    prompt: text.t('remote.endpoint'),
    placeHolder: text.t('remote.endpointExample'),
    ignoreFocusOut: true,
  });
  return typed?.trim();
}

/** Asks the remote what it has of the present data. A remote that does not answer stays in the configuration, and the sentence says why. */
async function tryRemote(app: App, session: Session, name: string): Promise<void> {
  const { text } = app;
  try {
    const plan = await withProgress(app, text.t('remote.trying', { name }), (call) =>
      session.call('push', { targets: [], remote: name, dry: true }, call),
    );
    tell(text.t('remote.answers', { name, n: plan.pushed, size: text.size(plan.bytes) }));
  } catch (error) {
    if (isCancelled(error)) return tell(text.t('remote.added', { name }));
    const problem = sentence(error, text);
    app.log.error(problem);
    void vscode.window.showWarningMessage(text.t('remote.addedBut', { name, problem }));
  }
}
