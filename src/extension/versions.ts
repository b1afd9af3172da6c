/** Read-only documents of past versions: `strata:/<path>?{root, rev}` shows a file as it was, without checking it out. */

import * as vscode from 'vscode';
import { unsafePath } from '../base/paths';
import { is } from '../engine/errors';
import { type App } from './app';

/** Largest file shown as text, in bytes. */
const MOST = 50_000_000;

/** The address of a file at a revision. */
export function versionUri(root: string, rev: string, path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: 'strata', path: `/${path}`, query: JSON.stringify({ root, rev, path }) });
}

/** Serves those addresses to any editor; a file that the version does not have is empty. */
export function registerVersions(app: App): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider('strata', {
    provideTextDocumentContent: async (uri) => {
      const { root, rev, path } = JSON.parse(uri.query) as { root: string; rev: string; path: string };
      const session = (await app.sessions.all()).find((one) => one.root === root);
      if (!session || unsafePath(path) !== undefined) return '';
      try {
        const { bytes } = await session.call('fileVersion', { rev, path, maxBytes: MOST });
        return new TextDecoder().decode(bytes);
      } catch (error) {
        if (is(error, 'data.noVersion')) return '';
        throw error;
      }
    },
  });
}
