/** What went wrong over HTTP, as errors of ours: from a status, and from what Node's sockets, TLS and parser say. No secret enters: places come as {@link HttpPlace.shown}. */

import { type IncomingMessage } from 'node:http';
import { isCancelled } from '../../base/cancel';
import { errno, StrataError } from '../errors';
import { mayPass, retryAfter, type Passing } from './retry';

/** What a request was about, for messages. */
export interface About {
  /** The remote, without secrets. */
  readonly url: string;
  readonly method: string;
  readonly key: string;
}

/** Statuses that may be others soon: 408, 423 (another request holds it), 429 and those of the server but what it cannot do at all (501, 505) and no space (507). */
function passes(status: number): boolean {
  return [408, 423, 429].includes(status) || (status >= 500 && ![501, 505, 507].includes(status));
}

/** The error of a status that is no success. */
export function statusError(reply: IncomingMessage, { url, method, key }: About, now: number): StrataError {
  const status = reply.statusCode ?? 0;
  if (passes(status)) {
    const afterMs = retryAfter(reply.headers['retry-after'], now);
    return new StrataError('remotes.busy', { url, status, ...(afterMs === undefined ? {} : { afterMs }) });
  }
  if (status === 404 || status === 410) return new StrataError('remotes.missing', { url, key });
  const own: Record<number, string> = {
    401: 'remoteHttp.login',
    403: 'remoteHttp.denied',
    407: 'remoteHttp.denied',
    413: 'remoteHttp.tooBig',
    507: 'remoteHttp.full',
  };
  return new StrataError(own[status] ?? 'remoteHttp.refused', { url, status, method, key });
}

const CERTIFICATE =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT|INVALID_CA|HOSTNAME_MISMATCH)/;
const OUT_OF_TIME = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const NOT_REACHED = new Set('ECONNREFUSED EHOSTUNREACH ENETUNREACH ENETDOWN EADDRNOTAVAIL EAI_AGAIN'.split(' '));

/** The error of a request that got no whole answer. `reused`: its connection had served before, so that what is wrong there may be the past's. */
export function networkError(error: unknown, url: string, reused: boolean): unknown {
  if (error instanceof StrataError || isCancelled(error)) return error;
  const reason = errno(error) ?? '';
  if (OUT_OF_TIME.has(reason)) return new StrataError('remoteHttp.certificateTime', { url, reason });
  if (CERTIFICATE.test(reason)) return new StrataError('remoteHttp.certificate', { url, reason });
  if (reason === 'ENOTFOUND') return new StrataError('remoteHttp.noHost', { url });
  if (NOT_REACHED.has(reason)) return new StrataError('remoteHttp.unreachable', { url, reason });
  const strange = reason.startsWith('HPE_') || reason === 'EPROTO' || reason.startsWith('ERR_SSL');
  if (strange && (!reused || reason === 'HPE_HEADER_OVERFLOW'))
    return new StrataError('remoteHttp.notHttp', { url, reason });
  if (strange || mayPass(error)) return new StrataError('remotes.broken', { url, reason });
  return error;
}

/** The error of an answer that ended before its end. */
export function cutShort(failure: unknown, url: string): Error {
  const reset = Object.assign(new Error('cut short'), { code: 'ECONNRESET' });
  return networkError(failure ?? reset, url, false) as Error;
}

/** The judge of a retry over HTTP: a server that could not be reached may come back. */
export function mayPassHttp(error: unknown): Passing | undefined {
  if (error instanceof StrataError && error.code === 'remoteHttp.unreachable') return {};
  return mayPass(error);
}
