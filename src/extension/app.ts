/** What every part of the extension is given: texts, log, projects, and the way to report errors. Made once in `extension.ts`. */

import { type ExtensionContext } from 'vscode';
import { type Acts } from './acts';
import { type Log } from './log';
import { type Secrets } from './secrets';
import { type Sessions } from './sessions';
import { type Texts } from './texts';

/** The extension's parts. */
export interface App {
  readonly context: ExtensionContext;
  readonly text: Texts;
  readonly log: Log;
  readonly sessions: Sessions;
  readonly acts: Acts;
  readonly secrets: Secrets;
}
