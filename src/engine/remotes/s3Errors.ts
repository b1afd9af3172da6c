/**
 * What S3 servers, sockets and the SDK say when something fails, as errors of ours. Facts are the status, S3's code and how far the clocks
 * are apart; a server's own sentence is never passed on, as it may quote keys.
 */

import { Cancelled, isCancelled } from '../../base/cancel';
import { errno, is, StrataError } from '../errors';
import { mayPass, retryAfter, type Passing } from './retry';

/** An answer that is no success. */
export class S3Answer extends Error {
  constructor(
    readonly status: number,
    /** S3's word for it; empty when the answer had none. */
    readonly code: string,
    readonly headers: Readonly<Record<string, string | undefined>>,
  ) {
    super(`${status} ${code}`);
    this.name = 'S3Answer';
  }
}

/** Where a request went, for messages; no secrets in it. */
export interface S3Target {
  readonly name: string;
  readonly url: string;
  readonly bucket: string;
  /** The endpoint's origin. */
  readonly endpoint: string;
  readonly profile: string | undefined;
}

const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504]);
const PASSING_CODES =
  /^(SlowDown|ServiceUnavailable|InternalError|RequestTimeout|BadDigest|InvalidDigest|IncompleteBody|XAmzContentSHA256Mismatch|OperationAborted|ThrottlingException|TooManyRequests.*)$/;
/** Clocks that differ by more than this make signatures invalid (AWS: 15 minutes); below, it is not the reason. */
const CLOCK_MS = 10 * 60_000;
const DAMAGED = /^(BadDigest|InvalidDigest|IncompleteBody|XAmzContentSHA256Mismatch)$/;

const TLS_ERRNO = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO|HOSTNAME_MISMATCH)/;
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ETIMEDOUT',
]);

/** The code in the body of an answer; empty when there is none. Codes are words: anything else is left out. */
export function codeIn(body: string): string {
  return /<Code>\s*([A-Za-z][\w.]{0,63})\s*<\/Code>/.exec(body)?.[1] ?? '';
}

/** The facts of an answer, of ours or as the SDK throws it. */
export function answerOf(error: unknown): S3Answer | undefined {
  if (error instanceof S3Answer) return error;
  const seen = error as {
    name?: unknown;
    $metadata?: { httpStatusCode?: number };
    $response?: { headers?: Record<string, string> };
  } | null;
  const status = seen?.$metadata?.httpStatusCode;
  if (!(error instanceof Error) || status === undefined) return undefined;
  const code = /^[A-Za-z][\w.]{0,63}$/.test(error.name) ? error.name : '';
  return new S3Answer(status, code, seen?.$response?.headers ?? {});
}

/** The judge for retries. */
export function s3MayPass(error: unknown, now: number): Passing | undefined {
  const answer = answerOf(error);
  if (!answer) return mayPass(error);
  if (!PASSING_STATUS.has(answer.status) && !PASSING_CODES.test(answer.code)) return undefined;
  const afterMs = retryAfter(answer.headers['retry-after'], now);
  return afterMs === undefined ? {} : { afterMs };
}

/** Whether the server asks for fewer requests at once. */
export function isTooMuch(error: unknown): boolean {
  const answer = answerOf(error);
  return answer !== undefined && (answer.status === 503 || answer.status === 429 || answer.code === 'SlowDown');
}

/** The error to show for anything that failed about `key`. */
export function explain(error: unknown, target: S3Target, now: number, key?: string): unknown {
  if (isCancelled(error)) return new Cancelled();
  if (is(error)) return error;
  const answer = answerOf(error);
  if (answer) return ofAnswer(answer, target, now, key);
  const { name, url, endpoint, profile } = target;
  const code = errno(error) ?? '';
  const kind = error instanceof Error ? error.name : '';
  if (/^(Credentials|Token|)ProviderError$/.test(kind))
    return new StrataError('s3.noKeys', { name, profile: profile ?? 'default' });
  if (TLS_ERRNO.test(code)) return new StrataError('s3.certificate', { name, endpoint, reason: code });
  if (UNREACHABLE.has(code)) return new StrataError('s3.unreachable', { name, endpoint, reason: code });
  const broke = mayPass(error) !== undefined || code.startsWith('HPE_') || kind === 'TimeoutError';
  return broke ? new StrataError('remotes.broken', { url, reason: code || kind }) : error;
}

/** Codes that have a sentence of their own. */
const SENTENCES: Readonly<Record<string, string>> = {
  NoSuchBucket: 's3.noBucket',
  InvalidBucketName: 's3.noBucket',
  InvalidAccessKeyId: 's3.unknownKey',
  SignatureDoesNotMatch: 's3.wrongSecret',
  ExpiredToken: 's3.expired',
  InvalidToken: 's3.expired',
  TokenRefreshRequired: 's3.expired',
  RequestTimeTooSkewed: 's3.clock',
  RequestExpired: 's3.clock',
  InvalidObjectState: 's3.archived',
};

function ofAnswer(answer: S3Answer, target: S3Target, now: number, key: string | undefined): StrataError {
  const { status, code } = answer;
  const { name, url, bucket, endpoint } = target;
  const known = SENTENCES[code];
  const apart = Math.abs(now - Date.parse(answer.headers['date'] ?? ''));
  const facts = { name, url, bucket, endpoint, ...(key === undefined ? {} : { key }) };
  const make = (error: string, more: Record<string, string | number>): StrataError =>
    new StrataError(error, more, { cause: answer });
  if (known === 's3.clock' || (status === 403 && apart > CLOCK_MS))
    return make('s3.clock', { ...facts, minutes: Number.isNaN(apart) ? 0 : Math.round(apart / 60_000) });
  if (known !== undefined) return make(known, facts);
  if (status === 404 && key !== undefined && code !== 'NoSuchUpload') return make('remotes.missing', { key, url });
  if (DAMAGED.test(code)) return make('remotes.broken', { url, reason: code });
  if (PASSING_STATUS.has(status) || PASSING_CODES.test(code)) return make('remotes.busy', { url, status });
  return make(refusal(status), { ...facts, status, code: code || '-' });
}

function refusal(status: number): string {
  if (status === 401 || status === 403) return 's3.denied';
  return status >= 300 && status < 400 ? 's3.elsewhere' : 's3.refused';
}
