/** The multi-root workspace of the suite `roots`: which folders stand beside the empty first one. */

import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { type Session } from '../../../src/extension/session';
import { parts, until } from './editorParts';

const above = dirname(process.env['STRATA_TEST_WORKSPACE'] ?? '');

/** Absolute path of a prepared folder. */
export function prepared(...names: string[]): string {
  return join(above, ...names);
}

/** Opens exactly these folders beside the first one, without looking at them. */
export async function openFolders(...folders: string[]): Promise<void> {
  const { workspaceFolders = [], updateWorkspaceFolders } = vscode.workspace;
  const now = workspaceFolders.slice(1).map(({ uri }) => uri.fsPath);
  if (now.join('\n') === folders.join('\n')) return;
  const changed = new Promise<void>((resolve) => {
    const listener = vscode.workspace.onDidChangeWorkspaceFolders(() => {
      listener.dispose();
      resolve();
    });
  });
  const added = folders.map((folder) => ({ uri: vscode.Uri.file(folder) }));
  if (!updateWorkspaceFolders(1, workspaceFolders.length - 1, ...added))
    throw new Error('the folders cannot be changed');
  await changed;
}

/** Opens these folders and waits for the projects in them: those with these roots, no more. */
export async function openProjects(folders: readonly string[], roots: readonly string[] = folders): Promise<Session[]> {
  await openFolders(...folders);
  const { app } = await parts();
  const expected = [...roots].sort().join('\n');
  return until(`projects ${expected}`, async () => {
    await app.sessions.all();
    const sessions = [...app.sessions.known];
    return sessions
      .map(({ root }) => root)
      .sort()
      .join('\n') === expected
      ? sessions
      : undefined;
  });
}
