/**
 * The one error type of the engine: a code, the facts, and through the texts `error.<code>` what happened, where, and what to do.
 * Nobody matches on message text: use {@link is}.
 */

import { Cancelled, isCancelled } from '../base/cancel';
import { type ErrorCodec } from '../base/rpc';

/** Facts of an error; they fill the places of its sentence. */
export type ErrorData = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** An expected failure. `code` names the text `error.<code>` in `l10n/`; `data` fills it; `message` is English for logs. */
export class StrataError extends Error {
  constructor(
    readonly code: string,
    readonly data: ErrorData = {},
    options?: { cause?: unknown },
  ) {
    super(`${code} ${JSON.stringify(data)}`, options);
    this.name = 'StrataError';
  }
}

// Errors of other bundles of ours count too: each that is loaded when needed holds a copy of the class. Not a static method of the class,
// since TypeScript declares such a one twice in the types that are shipped.
Object.defineProperty(StrataError, Symbol.hasInstance, {
  value: (value: unknown) =>
    value instanceof Error && value.name === 'StrataError' && 'code' in value && 'data' in value,
});

/** True when `error` is a StrataError, of that code when one is given. */
export function is(error: unknown, code?: string): error is StrataError {
  return error instanceof StrataError && (code === undefined || error.code === code);
}

/** Node's error code (`ENOENT`, `EACCES` …) or undefined. */
export function errno(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return error instanceof Error && typeof code === 'string' ? code : undefined;
}

/** Turns what the file system throws into a StrataError that names the path; other errors pass unchanged. */
export function fsError(error: unknown, path: string): unknown {
  const code = errno(error);
  const known: Record<string, string> = {
    ENOENT: 'fs.notFound',
    EACCES: 'fs.denied',
    EPERM: 'fs.denied',
    EROFS: 'fs.readOnly',
    ENOSPC: 'fs.full',
    EDQUOT: 'fs.full',
    EMFILE: 'fs.tooManyOpen',
    ENFILE: 'fs.tooManyOpen',
    ENAMETOOLONG: 'fs.nameTooLong',
    EISDIR: 'fs.isFolder',
    ENOTDIR: 'fs.notFolder',
    EIO: 'fs.io',
    ELOOP: 'fs.linkLoop',
  };
  const ours = code === undefined ? undefined : known[code];
  if (ours === undefined || error instanceof StrataError) return error;
  return new StrataError(ours, { path }, { cause: error });
}

/** Refusals that have a sentence of their own where they were met at another place than the path in question. */
const ELSEWHERE: Readonly<Record<string, string>> = { 'fs.denied': 'fs.deniedAt', 'fs.readOnly': 'fs.readOnlyAt' };

/** A refusal that was met at another place (a cache, a remote) told of the path that the user knows; other errors pass unchanged. */
export function forPath(error: unknown, path: string): unknown {
  const code = error instanceof StrataError ? ELSEWHERE[error.code] : undefined;
  if (code === undefined || !(error instanceof StrataError) || error.data['path'] === path) return error;
  return new StrataError(code, { path, place: error.data['path'] }, { cause: error });
}

/** How errors cross between the engine's worker and its caller. */
export const errorCodec: ErrorCodec = {
  toWire: (error) => {
    if (isCancelled(error)) return { code: 'cancelled', data: {}, message: 'cancelled', cancelled: true };
    if (error instanceof StrataError) return { code: error.code, data: error.data, message: error.message };
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { code: 'unexpected', data: { message: error instanceof Error ? error.message : message }, message };
  },
  fromWire: (wire) => (wire.cancelled ? new Cancelled() : new StrataError(wire.code, wire.data as ErrorData)),
};
