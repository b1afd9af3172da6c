/**
 * Edits that stand in the editor and are not saved. The engine reads and writes files: what it changed under such a document would come to
 * stand against the user's own text. So an act that would read or write one of them saves it first, when the user says so, or is not done.
 */

import * as vscode from 'vscode';
import { Cancelled } from '../base/cancel';
import { StrataError } from '../engine/errors';
import { verbSpec, type VerbId } from '../engine/verbs/verbs';
import { listText } from './prompts/progress';
import { type Session } from './session';
import { type Texts } from './texts';

/** Files that say what a project is: every act reads them, and many write them. */
const PROJECT_FILE = /(^|\/)(dvc\.(yaml|lock)|[^/]+\.dvc|\.gitignore|\.dvcignore)$|^\.dvc\/config(\.local)?$/;
/** Acts on the cache, remotes and tags: no file that a user edits is touched. */
const ELSEWHERE: ReadonlySet<VerbId> = new Set<VerbId>(['push', 'fetch', 'gc']);
/** A stage may read any file. */
const RUNS: ReadonlySet<VerbId> = new Set<VerbId>(['repro', 'runStart']);

/** Deals with unsaved documents before an act; rejects when it must not be done. */
export type UnsavedGuard = (session: Session, verb: VerbId, targets: readonly string[]) => Promise<void>;

/** Makes the guard: it asks whether to save; anything but yes is a cancel, and what cannot be saved is the error `editor.unsaved`. */
export function createUnsavedGuard(text: Texts): UnsavedGuard {
  return async (session, verb, targets) => {
    const concerned = await concernedBy(session, verb, targets);
    const [first] = concerned;
    if (!first) return;
    const save = text.t('action.saveAndGoOn');
    const question = text.t('confirm.unsaved', { path: first.path, n: concerned.length });
    const detail = [text.t('confirm.unsavedDetail'), listText(pathsOf(concerned), text)].join('\n\n');
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, save)) !== save)
      throw new Cancelled();
    for (const { document, path } of concerned)
      if (document.isDirty && !(await document.save())) throw new StrataError('editor.unsaved', { path });
  };
}

interface Unsaved {
  readonly document: vscode.TextDocument;
  /** Below the project's root. */
  readonly path: string;
}

const pathsOf = (some: readonly Unsaved[]): string[] => some.map(({ path }) => path);

/** The unsaved documents of the project that an act would read or write. */
async function concernedBy(session: Session, verb: VerbId, targets: readonly string[]): Promise<Unsaved[]> {
  if (ELSEWHERE.has(verb) || verbSpec(verb).group === 'registry') return [];
  const unsaved = vscode.workspace.textDocuments.flatMap((document): Unsaved[] => {
    const path = document.isDirty && document.uri.scheme === 'file' ? session.relative(document.uri) : undefined;
    return path === undefined ? [] : [{ document, path }];
  });
  if (RUNS.has(verb)) return unsaved;
  const others = unsaved.filter(({ path }) => !PROJECT_FILE.test(path) && !targets.some((at) => isAt(path, at)));
  // Data is asked for only when something else is unsaved at all: that takes a look at the whole project.
  const data = others.length > 0 ? await dataOf(session) : [];
  return unsaved.filter((one) => !others.includes(one) || data.some((at) => isAt(one.path, at)));
}

function isAt(path: string, at: string): boolean {
  return path === at || path.startsWith(`${at}/`);
}

/** Paths of the data of a project; none when it cannot be told, which the act itself will say. */
async function dataOf(session: Session): Promise<string[]> {
  try {
    return (await session.call('dataTree', {})).nodes.map((node) => node.path);
  } catch {
    return [];
  }
}
