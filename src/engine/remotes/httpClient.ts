/**
 * Requests to one place over HTTP, with connections that are kept. What comes back is checked here: where a redirect leads (credentials go to
 * the place itself only, never to another scheme or host), and that bytes come as they are, not packed.
 */

import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { StrataError } from '../errors';
import { networkError } from './httpErrors';
import { type HttpPlace, type TlsOptions } from './httpPlace';

/** One request. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  readonly signal: AbortSignal;
  /** Told of bytes of the body as they leave. */
  readonly moved?: (bytes: number) => void;
}

/** What is sent: a text, or a local file of which the size is known. */
export type Body = string | { readonly path: string; readonly size: number };

/** Bodies up to this are sent at once; bigger ones wait for the server's consent (`Expect: 100-continue`), a second at most. */
const SMALL = 256 * 1024;
const CONSENT_MS = 1000;
const BLOCK = 256 * 1024;
/** An answer up to this is read to its end, so that its connection can serve again. */
const SHORT_ANSWER = 64 * 1024;
const REDIRECTS = 5;

/** Speaks with one place. */
export class HttpClient {
  private readonly agents = new Map<string, http.Agent>();

  constructor(readonly place: HttpPlace) {}

  /**
   * Sends a request and gives the answer's head, whatever its status; redirects are followed. The caller reads the body or discards it
   * ({@link discard}). Fails with the errors of {@link networkError}, `remoteHttp.redirect` {url, to}, `remoteHttp.uploadMoved` {url, to},
   * `remoteHttp.packed` {url, encoding}.
   */
  async send(request: HttpRequest): Promise<http.IncomingMessage> {
    let { url } = request;
    for (let hops = 0; ; hops += 1) {
      const own = this.isOwn(url);
      const answer = own ? this.place.credentials.digest?.header(request.method, url.pathname + url.search) : undefined;
      const reply = await this.once(request, url, answer);
      if (reply.statusCode === 401 && own && hops <= REDIRECTS) {
        const { digest } = this.place.credentials;
        if (!digest?.learn(reply.headers['www-authenticate'], answer)) {
          this.place.refused?.();
          return reply;
        }
        discard(reply);
        continue;
      }
      const to = redirection(reply);
      if (to === undefined) return this.checked(request, reply);
      discard(reply);
      if (hops >= REDIRECTS) throw this.redirected(url.host);
      url = this.follow(request, reply.statusCode ?? 0, url, to);
    }
  }

  /** Ends all connections. */
  close(): void {
    for (const agent of this.agents.values()) agent.destroy();
    this.agents.clear();
  }

  /** The place itself, or the same host by HTTPS where the user wrote HTTP. */
  private isOwn(url: URL): boolean {
    const { base } = this.place;
    if (url.origin === base.origin) return true;
    return base.protocol === 'http:' && url.protocol === 'https:' && url.host === base.host && base.port === '';
  }

  private redirected(to: string): StrataError {
    return new StrataError('remoteHttp.redirect', { url: this.place.shown, to });
  }

  private follow({ method, body }: HttpRequest, status: number, from: URL, location: string): URL {
    if (!URL.canParse(location, from.href)) throw this.redirected('?');
    const to = new URL(location, from.href);
    const secure = from.protocol === 'https:';
    if (to.protocol !== 'https:' && (secure || to.protocol !== 'http:'))
      throw this.redirected(`${to.protocol}//${to.host}`);
    to.username = '';
    to.password = '';
    const keeps = status === 307 || status === 308 || method === 'GET' || method === 'HEAD';
    if (keeps || (body === undefined && status < 303 && to.origin === from.origin)) return to;
    throw new StrataError('remoteHttp.uploadMoved', { url: this.place.shown, to: to.host });
  }

  /** Answers whose bytes count must come as they are. */
  private checked({ method }: HttpRequest, reply: http.IncomingMessage): http.IncomingMessage {
    const encoding = reply.headers['content-encoding']?.toLowerCase() ?? 'identity';
    const counts = (method === 'GET' || method === 'PROPFIND') && (reply.statusCode ?? 0) < 300;
    if (!counts || encoding === 'identity') return reply;
    discard(reply, true);
    throw new StrataError('remoteHttp.packed', { url: this.place.shown, encoding: encoding.slice(0, 40) });
  }

  private agent(url: URL): http.Agent {
    const own = this.isOwn(url);
    const name = `${url.protocol} ${own}`;
    const known = this.agents.get(name);
    if (known) return known;
    const keep = { keepAlive: true, scheduling: 'lifo', maxSockets: 64, maxFreeSockets: 64 } as const;
    const agent =
      url.protocol === 'https:'
        ? new https.Agent({ ...keep, ...(own ? this.place.tls : foreignRules(this.place.tls)) } as https.AgentOptions)
        : new http.Agent(keep);
    this.agents.set(name, agent);
    return agent;
  }

  private once(request: HttpRequest, url: URL, authorization: string | undefined): Promise<http.IncomingMessage> {
    const { method, body, signal } = request;
    const size = body === undefined ? undefined : typeof body === 'string' ? Buffer.byteLength(body) : body.size;
    const headers = {
      'accept-encoding': 'identity',
      'user-agent': 'strata',
      ...(this.isOwn(url) ? this.place.credentials.headers : {}),
      ...(authorization === undefined ? {} : { authorization }),
      ...(size === undefined ? {} : { 'content-length': String(size) }),
      ...(size !== undefined && size > SMALL ? { expect: '100-continue' } : {}),
      ...request.headers,
    };
    const { request: begin } = url.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const sent = begin(url, { method, headers, signal, agent: this.agent(url) });
      let reply: http.IncomingMessage | undefined;
      sent.on('error', (error) => reject(this.failure(error, sent)));
      sent.on('response', (answer) => {
        reply = answer;
        // Whoever reads it listens, too; what fails before that must not end the process.
        answer.on('error', () => undefined);
        resolve(answer);
      });
      this.limitConnecting(sent);
      const refused = (): boolean => (reply?.statusCode ?? 0) >= 300;
      sendBody(sent, request, refused).catch((error: unknown) => {
        sent.destroy();
        reject(this.failure(error, sent));
      });
    });
  }

  private failure(error: unknown, sent: http.ClientRequest): Error {
    return networkError(error, this.place.shown, sent.reusedSocket) as Error;
  }

  private limitConnecting(sent: http.ClientRequest): void {
    const { connectMs, shown } = this.place;
    sent.on('socket', (socket) => {
      if (!socket.connecting) return;
      const late = (): unknown =>
        sent.destroy(new StrataError('remoteHttp.unreachable', { url: shown, reason: 'ETIMEDOUT' }));
      const timer = setTimeout(late, connectMs);
      const done = (): void => clearTimeout(timer);
      socket.once('connect', done).once('close', done);
    });
  }
}

/** The rules for other hosts: our own certificate is not shown to them. */
function foreignRules({ rejectUnauthorized, ca }: TlsOptions): TlsOptions {
  return { ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }), ...(ca ? { ca } : {}) };
}

/** Lets go of an answer's body: a short one is read so that the connection can serve again, any other ends its connection. */
export function discard(reply: http.IncomingMessage, always = false): void {
  const length = reply.headers['content-length'];
  const none = reply.statusCode === 204 || reply.statusCode === 304;
  const short = none || (length !== undefined && Number(length) <= SHORT_ANSWER);
  if (always || !short) reply.destroy();
  else reply.resume();
}

function redirection(reply: http.IncomingMessage): string | undefined {
  return [301, 302, 303, 307, 308].includes(reply.statusCode ?? 0) ? reply.headers.location : undefined;
}

async function sendBody(sent: http.ClientRequest, request: HttpRequest, refused: () => boolean): Promise<void> {
  const { body, moved } = request;
  if (body === undefined || typeof body === 'string') return void sent.end(body);
  if (body.size <= SMALL) {
    const bytes = fs.readFileSync(body.path);
    if (bytes.length !== body.size) throw changed(body.path);
    return void sent.end(bytes, () => moved?.(bytes.length));
  }
  await consent(sent);
  if (!refused()) await pump(sent, { ...body, moved }, refused);
}

/** Waits for the word to go on, for an answer, for the end of the connection, or for a while. */
function consent(sent: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CONSENT_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    sent.once('continue', done).once('response', done).once('close', done);
    sent.flushHeaders();
  });
}

/** Sends a file block by block, each when the one before is on its way; stops when the answer is there and says no. */
async function pump(
  sent: http.ClientRequest,
  { path, size, moved }: { path: string; size: number; moved: ((bytes: number) => void) | undefined },
  refused: () => boolean,
): Promise<void> {
  const file = fs.openSync(path, 'r');
  try {
    const closed = new Promise<void>((resolve) => sent.once('close', resolve));
    let left = size;
    while (left > 0 && !refused() && !sent.destroyed) {
      const block = Buffer.allocUnsafe(Math.min(BLOCK, left));
      const got = fs.readSync(file, block, 0, block.length, null);
      if (got === 0) throw changed(path);
      left -= got;
      await Promise.race([closed, new Promise<void>((resolve) => sent.write(block.subarray(0, got), () => resolve()))]);
      moved?.(got);
    }
    if (left === 0) sent.end();
  } finally {
    fs.closeSync(file);
  }
}

/** An object of the cache that became shorter while it was sent. */
function changed(path: string): StrataError {
  return new StrataError('remoteHttp.changed', { path });
}
