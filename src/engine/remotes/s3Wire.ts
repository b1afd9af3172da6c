/**
 * One HTTP exchange with an S3 server: headers and body out, an answer with its body still to come. It never follows a redirect, never
 * unpacks, and gives up when its signal fires.
 */

import * as fs from 'node:fs';
import type * as http from 'node:http';
import { fsError } from '../errors';
import { codeIn, S3Answer } from './s3Errors';

/** What is sent along: bytes in memory, or a piece of a file. */
export type WireBody =
  { readonly bytes: Uint8Array } | { readonly path: string; readonly start: number; readonly length: number };

/** A request about one object. */
export interface WireRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  readonly query?: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: WireBody;
  /** SHA-256 of the body, hexadecimal. */
  readonly bodyHash: string;
  readonly signal: AbortSignal;
  /** Bytes of the body that left; 0 for another sign of life. */
  readonly moved?: (bytes: number) => void;
}

/** An answer of 2xx. Whoever gets it reads or destroys its message. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly message: http.IncomingMessage;
}

/** Where and how. */
export interface Wire {
  readonly module: { readonly request: typeof http.request };
  readonly options: http.RequestOptions & { readonly headers: Readonly<Record<string, string>> };
  readonly connectMs: number | undefined;
}

/** So much of an error's body is read. */
const MOST_TEXT = 65_536;
const BLOCK = 256 * 1024;
/** From this size on the server is asked before the body is sent, and has so long to say no. */
const ASK_FIRST = 1024 * 1024;
const ASK_MS = 1000;

/** Sends a request and waits for the head of its answer. Rejects with {@link S3Answer} unless it is 2xx, and with what the socket says. */
export async function exchange(request: WireRequest, wire: Wire): Promise<WireAnswer> {
  const message = await answerTo(request, wire);
  const status = message.statusCode ?? 0;
  if (status >= 200 && status < 300) return { status, headers: message.headers, message };
  const text = request.method === 'HEAD' ? '' : await start(message);
  if (request.method === 'HEAD') message.resume();
  const one = Object.entries(message.headers).map(([name, value]) => [name, String(value)] as const);
  const headers: Record<string, string> = Object.fromEntries(one);
  const region = /<Region>\s*([a-z0-9-]{1,40})\s*<\/Region>/.exec(text)?.[1];
  if (region !== undefined) headers['x-amz-bucket-region'] ??= region;
  throw new S3Answer(status, codeIn(text), headers);
}

function answerTo(request: WireRequest, { module, options, connectMs }: Wire): Promise<http.IncomingMessage> {
  const length = lengthOf(request.body);
  const asks = length >= ASK_FIRST;
  const headers: Record<string, string | number> = { ...options.headers };
  if (request.method === 'PUT') headers['content-length'] = length;
  if (asks) headers['expect'] = '100-continue';
  return new Promise((resolve, reject) => {
    const sent = module.request({ ...options, headers, signal: request.signal });
    let answered = false;
    sent.on('response', (message) => {
      answered = true;
      resolve(message);
    });
    // What breaks after an answer breaks its body: the reader of that is told.
    sent.on('error', (error) => (answered ? undefined : reject(error)));
    if (connectMs !== undefined) limitConnecting(sent, connectMs);
    if (!request.body) sent.end();
    else if ('bytes' in request.body) sent.end(request.body.bytes);
    else {
      const body = request.body;
      void (asks ? permission(sent) : Promise.resolve())
        .then(() => (answered ? undefined : pour(body, sent, request)))
        .catch((error: unknown) => sent.destroy(error as Error));
    }
  });
}

function lengthOf(body: WireBody | undefined): number {
  if (!body) return 0;
  return 'bytes' in body ? body.bytes.length : body.length;
}

function limitConnecting(sent: http.ClientRequest, connectMs: number): void {
  const late = (): void => {
    sent.destroy(Object.assign(new Error('connecting takes too long'), { code: 'ETIMEDOUT' }));
  };
  sent.on('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(late, connectMs);
    for (const event of ['connect', 'close', 'error']) socket.once(event, () => clearTimeout(timer));
  });
}

/** Resolves when the server wants the body, when it has answered without it, or when it says nothing for a while. */
function permission(sent: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    sent.flushHeaders();
    const timer = setTimeout(resolve, ASK_MS);
    const go = (): void => {
      clearTimeout(timer);
      resolve();
    };
    for (const event of ['continue', 'response', 'error', 'close']) sent.once(event, go);
  });
}

/** Sends a piece of a file, a block at a time, as fast as it is taken. */
async function pour(
  body: { readonly path: string; readonly start: number; readonly length: number },
  sent: http.ClientRequest,
  { signal, moved }: WireRequest,
): Promise<void> {
  let file: fs.promises.FileHandle | undefined;
  try {
    file = await fs.promises.open(body.path, 'r');
    for (let at = 0; at < body.length;) {
      if (signal.aborted || sent.destroyed) return;
      const block = Buffer.allocUnsafe(Math.min(BLOCK, body.length - at));
      const { bytesRead } = await file.read(block, 0, block.length, body.start + at);
      if (bytesRead === 0) throw Object.assign(new Error('the file became shorter'), { code: 'EIO' });
      at += bytesRead;
      if (!sent.write(block.subarray(0, bytesRead))) await drained(sent);
      moved?.(bytesRead);
    }
    sent.end();
  } catch (error) {
    throw fsError(error, body.path);
  } finally {
    await file?.close();
  }
}

function drained(sent: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      for (const event of ['drain', 'close', 'error', 'response']) sent.off(event, go);
      resolve();
    };
    for (const event of ['drain', 'close', 'error', 'response']) sent.on(event, go);
  });
}

/** The beginning of a body as text; what cannot be read is left out. */
function start(message: http.IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    const end = (): void => resolve(Buffer.concat(parts).subarray(0, MOST_TEXT).toString('utf8'));
    message.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size < MOST_TEXT) return;
      message.destroy();
      end();
    });
    message.on('end', end);
    message.on('error', end);
    message.on('close', end);
  });
}
