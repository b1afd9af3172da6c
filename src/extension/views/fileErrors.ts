/** The row of a file that cannot be read: its path, the sentence of its error, and a click that opens it at the place. */

import * as vscode from 'vscode';
import { StrataError, type ErrorData } from '../../engine/errors';
import { type App } from '../app';
import { sentence } from '../prompts/errors';
import { type Session } from '../session';
import { type Node } from './tree';

/** A broken file as the engine tells of it. */
export interface FileError {
  /** Below the project's root. */
  readonly path: string;
  /** English. */
  readonly message: string;
  readonly line?: number;
  readonly code?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Its row. */
export function fileErrorRow(app: App, session: Session, error: FileError): Node {
  const said =
    error.code === undefined
      ? error.message
      : sentence(new StrataError(error.code, error.data as ErrorData | undefined), app.text);
  const path = placeOf(error);
  const item = new vscode.TreeItem(path);
  item.id = `${session.root}:error:${error.path}:${path}`;
  item.description = said;
  item.tooltip = said;
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.contextValue = 'error';
  item.accessibilityInformation = { label: app.text.t('pipeline.fileError', { path, message: said }) };
  item.command = {
    command: 'strata.openStage',
    title: app.text.t('command.open'),
    arguments: [session.uri(path), error.line ?? 1],
  };
  return { id: item.id, session, item };
}

/** The file to open: what makes another one unreadable, such as the params that a dvc.yaml is filled from, is where the fault is. */
function placeOf({ path, data }: FileError): string {
  const place = data?.['path'];
  return typeof place === 'string' && place !== '' && !place.startsWith('/') ? place : path;
}
