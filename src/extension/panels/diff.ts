/** The Diff panel's host: versions of a path, what changed between two, and restoring one. */

import * as vscode from 'vscode';
import { quietCall } from '../../base/cancel';
import { unsafePath } from '../../base/paths';
import { StrataError } from '../../engine/errors';
import { type AnswerOf } from '../../engine/verbs/verbs';
import { diffContract, type Version } from '../../protocol/diff';
import { type AnswerOf as ProtocolAnswer, type Handlers } from '../../protocol/contract';
import { type App } from '../app';
import { type Session } from '../session';
import { type Texts } from '../texts';
import { PanelKind, type PanelView } from './panel';
import { versionUri } from '../versions';

type DiffMessage = ProtocolAnswer<typeof diffContract, 'diff'>;

/** How many differing rows the page gets. */
const ROWS = 5000;

/** What the panel opens on. */
export interface DiffTarget {
  readonly path: string;
  /** Commit, branch, tag or `workspace`. */
  readonly a: string;
  readonly b: string;
}

/** The Diff panel. */
export class DiffPanel {
  private readonly kind: PanelKind<typeof diffContract>;
  private readonly targets = new Map<string, DiffTarget>();

  constructor(private readonly app: App) {
    this.kind = new PanelKind(app, {
      contract: diffContract,
      icon: 'diff',
      title: (session) => this.title(session),
      state: (session) => {
        const target = this.targets.get(session.root) ?? { path: '', a: '', b: '' };
        return { ...target, key: [], column: null };
      },
      handlers: (view) => this.handlers(view),
      opened: (view) => {
        view.owned.add(view.session.onDidChange((change) => change.data && view.emit('changed', {})));
      },
    });
  }

  /** Shows what changed in a path. */
  show(session: Session, target: DiffTarget): void {
    this.targets.set(session.root, target);
    const open = this.kind.of(session);
    const view = this.kind.show(session);
    if (!open) return;
    view.webview.title = this.title(session);
    view.emit('show', target);
  }

  private title(session: Session): string {
    const path = this.targets.get(session.root)?.path;
    return path === undefined ? this.app.text.t('panel.diff') : this.app.text.t('panel.diffOf', { path });
  }

  private handlers(view: PanelView): Handlers<typeof diffContract> {
    const { session } = view;
    const { text } = this.app;
    return {
      versions: async ({ path }, call) => {
        refuseOutside(path);
        const { versions } = await session.call('history', { targets: [path] }, quietCall(call.signal));
        return { versions: [workspaceVersion(text), ...versions.map((version) => versionOf(text, version))] };
      },
      diff: async ({ path, a, b, key }, call) => {
        refuseOutside(path);
        const args = { targets: [a, b, path], rows: ROWS, ...(key.length > 0 ? { key } : {}) };
        return diffOf(text, await session.call('diff.content', args, quietCall(call.signal)));
      },
      open: async ({ path, a, b }) => {
        refuseOutside(path);
        await openTextDiff(session, { path, a, b }, text);
        return {};
      },
      restore: async ({ path, version }) => {
        refuseOutside(path);
        const restored = await vscode.commands.executeCommand<boolean>('strata.restore', session.uri(path), version);
        return { restored: restored === true };
      },
    };
  }
}

/** Pages are not trusted: what they ask for lies in the project, and neither in `.git` nor in `.dvc`. */
function refuseOutside(path: string): void {
  if (unsafePath(path) !== undefined) throw new StrataError('data.outside', { path });
}

/** The editor's own diff of two versions of a file. */
export async function openTextDiff(session: Session, target: DiffTarget, text: Texts): Promise<void> {
  const side = (rev: string): vscode.Uri =>
    rev === 'workspace' ? session.uri(target.path) : versionUri(session.root, rev, target.path);
  const title = text.t('diff.title', { path: target.path, a: short(target.a, text), b: short(target.b, text) });
  await vscode.commands.executeCommand('vscode.diff', side(target.a), side(target.b), title);
}

function short(rev: string, text: Texts): string {
  if (rev === 'workspace') return text.t('diff.workspace');
  return /^[0-9a-f]{40,64}$/.test(rev) ? rev.slice(0, 7) : rev;
}

function workspaceVersion(text: Texts): Version {
  return {
    id: 'workspace',
    label: text.t('diff.workspace'),
    date: '',
    author: '',
    message: '',
    size: '',
    nfiles: null,
    registered: [],
    cached: true,
    current: true,
  };
}

function versionOf(text: Texts, version: AnswerOf<'history'>['versions'][number]): Version {
  return {
    id: version.commit,
    label: version.commit.slice(0, 7),
    date: text.date(Date.parse(version.date)),
    author: version.author,
    message: version.message.split('\n')[0] ?? '',
    size: version.size === undefined ? '' : text.size(version.size),
    nfiles: version.nfiles ?? null,
    registered: version.registered ?? [],
    cached: version.cached,
    current: false,
  };
}

function diffOf(text: Texts, answer: AnswerOf<'diff.content'>): DiffMessage {
  if (answer.kind === 'table') {
    const { kind, header, key, schema, rows, sample, total } = answer;
    const columns = Object.entries(answer.columns).map(([name, { changed }]) => ({ name, changed }));
    const { added, removed, changed } = rows;
    const summary =
      added + removed + changed === 0
        ? text.t('diff.sameRows', { n: rows.same })
        : text.t('diff.rows', { added, removed, changed });
    return { kind, header, key, schema, rows, columns, sample, total, summary };
  }
  if (answer.kind === 'folder') {
    const size = (bytes: number | undefined): string => (bytes === undefined ? '' : text.size(bytes));
    const files = answer.files.map(({ a, b, ...file }) => ({ ...file, a: size(a), b: size(b) }));
    return {
      kind: 'folder',
      files,
      same: answer.same,
      summary: text.t('diff.files', { n: files.length, same: answer.same }),
    };
  }
  const facts = (v: { size: number; hash: string } | null): { size: string; hash: string } | null =>
    v && { size: text.size(v.size), hash: v.hash };
  const summary = text.t(answer.same ? 'diff.identical' : `diff.kind.${answer.kind}`);
  return { kind: answer.kind, a: facts(answer.a), b: facts(answer.b), same: answer.same, summary };
}
