/** The Data view: tracked outputs and `.dvc` files, folders with children on demand, a letter for each state. */

import * as vscode from 'vscode';
import { type DataNode, type DataState } from '../../engine/verbs/dataViews';
import { type App } from '../app';
import { type Session } from '../session';
import { fileErrorRow } from './fileErrors';
import { ProjectTree, type Node } from './tree';

/** Scheme of the rows' resources; `decorations.ts` gives them their letter. */
export const ROW_SCHEME = 'strata-row';

/** The resource of a row. No path of a disk is in it, so that no other extension dims what Git ignores. */
export function rowUri(session: Session, path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: ROW_SCHEME, path: `/${path}`, query: session.root });
}

/** A row of the Data view. */
export interface DataRow extends Node {
  readonly data: DataNode;
}

/** The letter of a state; unchanged has none. */
export const LETTERS: Readonly<Record<DataState, string>> = {
  unchanged: '',
  modified: 'M',
  added: 'A',
  deleted: 'D',
  notInCache: '!',
  unknown: '?',
};

/** Theme colour of a state. */
export const COLORS: Readonly<Record<DataState, string | undefined>> = {
  unchanged: undefined,
  modified: 'gitDecoration.modifiedResourceForeground',
  added: 'gitDecoration.addedResourceForeground',
  deleted: 'gitDecoration.deletedResourceForeground',
  notInCache: 'list.warningForeground',
  unknown: 'disabledForeground',
};

/** Opens the view. */
export function createDataView(app: App): ProjectTree<Node> {
  return new ProjectTree<Node>(
    app,
    {
      id: 'strata.data',
      roots: async (session) => {
        const { nodes, errors } = await session.call('dataTree', {});
        return [
          ...errors.map((error) => fileErrorRow(app, session, error)),
          ...nodes.map((node) => row(app, session, node)),
        ];
      },
      concerns: (change) => change.data,
      badge: (rows) => {
        const n = rows.filter((r) => ((r as Partial<DataRow>).data?.state ?? 'unchanged') !== 'unchanged').length;
        return { value: n, tooltip: app.text.t('data.badge', { n }) };
      },
    },
    { canSelectMany: true },
  );
}

function row(app: App, session: Session, data: DataNode): DataRow {
  return {
    id: `${session.root}:${data.path}`,
    session,
    data,
    item: itemOf(app, session, data),
    ...(data.expandable
      ? {
          children: async () =>
            (await session.call('dataTree', { path: data.path })).nodes.map((child) => row(app, session, child)),
        }
      : {}),
  };
}

function itemOf(app: App, session: Session, data: DataNode): vscode.TreeItem {
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(data.name, data.expandable ? Collapsed : None);
  const isRoot = data.path === data.out;
  item.id = `${session.root}:${data.path}`;
  // Not a file uri: the letter is ours, and what Git ignores is not dimmed here.
  item.resourceUri = rowUri(session, data.path);
  item.iconPath = data.kind === 'folder' ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
  item.description = description(app, data, isRoot);
  item.tooltip = tooltip(app, data);
  const tracker = data.stage ? 'stage' : data.imported ? 'dvc.import' : 'dvc';
  item.contextValue = [isRoot ? 'out' : 'inside', data.kind, data.state, tracker].join('.');
  item.accessibilityInformation = {
    label: `${data.name}, ${app.text.t(`data.state.${data.state}`)}, ${item.description}`,
  };
  if (data.kind === 'file') {
    const changed = data.state === 'modified';
    item.command = {
      command: changed ? 'strata.diff.content' : 'vscode.open',
      title: app.text.t(changed ? 'command.diffContent' : 'command.open'),
      arguments: [session.uri(data.path)],
    };
  }
  return item;
}

function description(app: App, data: DataNode, isRoot: boolean): string {
  const { text } = app;
  const folder = data.path.slice(0, -data.name.length).replace(/\/$/, '');
  const parts = [
    isRoot && folder !== '' ? folder : '',
    data.changedFiles !== undefined && data.nfiles !== undefined
      ? text.t('data.changedFiles', { n: data.changedFiles, total: data.nfiles })
      : data.state === 'unchanged'
        ? ''
        : text.t(`data.state.${data.state}`),
    data.nfiles !== undefined && data.changedFiles === undefined ? text.t('data.files', { n: data.nfiles }) : '',
    data.size === undefined ? '' : text.size(data.size),
    isRoot && data.stage ? text.t('data.madeBy', { stage: data.stage }) : '',
    data.imported ? text.t('data.imported') : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function tooltip(app: App, data: DataNode): string {
  const { text } = app;
  const lines = [data.path, text.t(`data.state.${data.state}.long`)];
  if (data.size !== undefined) lines.push(text.size(data.size));
  if (data.hash !== undefined) lines.push(`md5 ${data.hash}`);
  lines.push(text.t('data.trackedBy', { file: data.file }));
  if (data.imported) {
    const { source, commit } = data.imported;
    lines.push(text.t('data.importedFrom', { source }));
    if (commit !== undefined) lines.push(text.t('data.importedAt', { commit: commit.slice(0, 7) }));
  }
  return lines.join('\n');
}
