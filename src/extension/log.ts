/** The one log of the extension: an output channel whose lines hold no secrets and no control characters. */

import * as vscode from 'vscode';
import { visible } from '../base/text';

const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/(\/\/[^/:@\s]+):[^@/\s]+@/g, '$1:***@'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
  [
    /(?<![a-z])((?:secret|password|passwd|token|access_key|secret_access_key|sas|connection_string|api_?key)["']?\s*[=:]\s*)["']?[^\s"',;]+/gi,
    '$1***',
  ],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, '***'],
];

/** Replaces what looks like a password, token or key. */
export function redact(text: string): string {
  return SECRETS.reduce((line, [pattern, to]) => line.replace(pattern, to), text);
}

/** Where the extension writes what it does. */
export interface Log extends vscode.Disposable {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  show(): void;
}

/** Opens the channel; nothing is shown until asked for. */
export function createLog(): Log {
  const channel = vscode.window.createOutputChannel('Strata', { log: true });
  const clean = (text: string): string => visible(redact(text));
  return {
    info: (text) => channel.info(clean(text)),
    warn: (text) => channel.warn(clean(text)),
    error: (text) => channel.error(clean(text)),
    show: () => channel.show(true),
    dispose: () => channel.dispose(),
  };
}
