/**
 * A server of ours on the loopback that keeps files in a folder, over HTTP and a little WebDAV, and does one of many wrong things when it is told
 * to. A second one beside it is the other host that redirects lead to; it keeps what it is sent and notes what it is told.
 */

import * as fs from 'node:fs';
import * as http from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { dropFolder, newFolder } from './temporary';

/** What can go wrong with one request. */
export type Fault =
  | 'reset'
  | 'stall'
  | 'byte by byte'
  | 'short body'
  | 'long body'
  | '500'
  | '503 with Retry-After'
  | '429'
  | '403'
  | '404'
  | 'redirect to another host'
  | 'redirect to file:'
  | 'endless headers'
  | 'compressed bomb';

/** A request as it came, and what was done about it. */
export interface Seen {
  readonly method: string;
  /** Path below the server, decoded. */
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly fault: Fault | undefined;
  /** Bytes of the file that went into the answer. */
  sent: number;
}

/** The seconds that a 503 and a 429 ask for. */
export const ASKED_FOR = { '503': 7, '429': 3 } as const;
/** Unpacks to a thousand times its size. */
const BOMB = gzipSync(Buffer.alloc(20 * 1024 * 1024));
const EXTRA = 1000;

/** The server. */
export class FaultServer {
  readonly root = newFolder();
  /** All requests, in the order in which they came. */
  readonly seen: Seen[] = [];
  /** Connections that were ever opened. */
  connections = 0;
  /** Says what goes wrong with a request; nothing unless set. */
  plan: (seen: Pick<Seen, 'method' | 'path'>) => Fault | undefined = () => undefined;
  /** Where redirects to another host lead. */
  other: FaultServer | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly server = http.createServer({ keepAlive: true }, (request, reply) => void this.serve(request, reply));

  async start(): Promise<this> {
    this.server.on('connection', (socket: Socket) => {
      this.connections += 1;
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** `127.0.0.1:PORT`. */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The absolute path of a file below the root. */
  at(name: string): string {
    return path.join(this.root, name);
  }

  /** Puts a file there. */
  plant(name: string, bytes: Uint8Array): void {
    fs.mkdirSync(path.dirname(this.at(name)), { recursive: true });
    fs.writeFileSync(this.at(name), bytes);
  }

  /** Files below a folder, relative to the root. */
  files(): string[] {
    const all = fs.readdirSync(this.root, { recursive: true, withFileTypes: true });
    return all
      .filter((one) => one.isFile())
      .map((one) => path.relative(this.root, path.join(one.parentPath, one.name)))
      .sort();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    dropFolder(this.root);
  }

  private async serve(request: http.IncomingMessage, reply: http.ServerResponse): Promise<void> {
    const name = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname).replace(/^\/+|\/+$/g, '');
    const method = request.method ?? '';
    request.on('error', () => undefined);
    reply.on('error', () => undefined);
    const fault = this.plan({ method, path: name });
    const seen: Seen = { method, path: name, headers: request.headers, fault, sent: 0 };
    this.seen.push(seen);
    const exchange = { request, reply, seen };
    if (fault === undefined) return this.answer(exchange);
    if (fault === 'redirect to another host' || fault === 'redirect to file:') return this.redirect(exchange, fault);
    if (/^\d/.test(fault)) return this.refuse(exchange, Number(fault.slice(0, 3)));
    if (fault === 'endless headers') return this.endless(reply);
    if (method === 'PUT' || method === 'POST') return this.takeBadly(exchange, fault);
    return this.sendBadly(exchange, fault);
  }

  private async redirect({ request, reply }: Exchange, fault: Fault): Promise<void> {
    await bodyOf(request);
    const to = fault === 'redirect to file:' ? 'file:///etc/passwd' : `http://${this.other?.host}${request.url}`;
    reply.writeHead(307, { location: to, 'content-length': 0 }).end();
  }

  private async refuse({ request, reply }: Exchange, status: number): Promise<void> {
    await bodyOf(request);
    const after = ASKED_FOR[String(status) as keyof typeof ASKED_FOR];
    reply.writeHead(status, after ? { 'retry-after': String(after) } : {}).end('<h1>no</h1>');
  }

  private endless({ socket }: http.ServerResponse): void {
    if (!socket) return;
    socket.write('HTTP/1.1 200 OK\r\n');
    const more = (): void => {
      if (!socket.destroyed) socket.write(`X-More: ${'x'.repeat(1000)}\r\n`, () => setImmediate(more));
    };
    more();
  }

  /** An upload that goes wrong. */
  private async takeBadly({ request, reply, seen }: Exchange, fault: Fault): Promise<void> {
    if (fault === 'stall') return void request.pause();
    if (fault === 'reset') return void request.once('data', () => request.socket.resetAndDestroy());
    const bytes = await bodyOf(request);
    this.plant(seen.path, fault === 'short body' ? bytes.subarray(0, bytes.length / 2) : bytes);
    if (fault === 'byte by byte') return trickle(reply.socket, Buffer.from('HTTP/1.1 201 Created\r\n\r\n'));
    if (fault === 'compressed bomb') return bomb(reply, 201);
    const more = fault === 'long body' ? Buffer.alloc(200_000) : Buffer.alloc(0);
    reply.writeHead(201, { 'content-length': more.length }).end(more);
  }

  /** A download that goes wrong half-way. */
  private async sendBadly({ request, reply, seen }: Exchange, fault: Fault): Promise<void> {
    const bytes = fs.readFileSync(this.at(seen.path));
    const { start, head } = rangeOf(request, bytes.length);
    const part = bytes.subarray(start);
    const half = part.subarray(0, part.length / 2);
    if (fault === 'compressed bomb') return bomb(reply, 200);
    const extra = fault === 'long body' ? EXTRA : 0;
    reply.writeHead(start > 0 ? 206 : 200, { ...head, 'content-length': part.length + extra });
    if (fault === 'long body') return void reply.end(Buffer.concat([part, Buffer.alloc(extra)]));
    if (fault === 'byte by byte') {
      reply.flushHeaders();
      return trickle(reply.socket, part);
    }
    seen.sent = half.length;
    reply.write(half, () => {
      // What was written shall arrive before the end does.
      if (fault === 'reset') setTimeout(() => request.socket.resetAndDestroy(), 20);
      if (fault === 'short body') reply.socket?.end();
    });
  }

  private async answer(exchange: Exchange): Promise<void> {
    const { request, reply, seen } = exchange;
    const body = await bodyOf(request);
    const file = this.at(seen.path);
    const kind = fs.statSync(file, { throwIfNoEntry: false });
    const status = (code: number): void => void reply.writeHead(code, { 'content-length': 0 }).end();
    switch (seen.method) {
      case 'GET':
      case 'HEAD':
        return kind?.isFile() ? this.send(exchange, fs.readFileSync(file)) : status(404);
      case 'PUT':
      case 'POST':
        this.plant(seen.path, body);
        return status(201);
      case 'DELETE':
        fs.rmSync(file, { recursive: true, force: true });
        return status(kind ? 204 : 404);
      case 'MKCOL':
        return status(kind ? 405 : makeFolder(file));
      case 'MOVE':
        if (!kind) return status(404);
        fs.renameSync(file, this.at(decodeURIComponent(new URL(String(request.headers['destination'])).pathname)));
        return status(201);
      case 'PROPFIND':
        return kind ? this.list(exchange) : status(404);
      default:
        return status(405);
    }
  }

  private list({ reply, seen }: Exchange): void {
    reply.writeHead(207, { 'content-type': 'application/xml' }).end(this.listing(seen.path));
  }

  private send({ request, reply, seen }: Exchange, bytes: Buffer): void {
    const { start, head } = rangeOf(request, bytes.length);
    if (start >= bytes.length && start > 0)
      return void reply.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    const part = bytes.subarray(start);
    reply.writeHead(start > 0 ? 206 : 200, { ...head, 'content-length': part.length, etag: `"${bytes.length}"` });
    if (seen.method === 'HEAD') return void reply.end();
    seen.sent = part.length;
    reply.end(part);
  }

  private listing(folder: string): string {
    const entry = (name: string, properties: string): string =>
      `<d:response><d:href>/${name.split('/').map(encodeURIComponent).join('/')}</d:href><d:propstat><d:prop>${properties}</d:prop>` +
      '<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>';
    const entries = fs.readdirSync(this.at(folder), { withFileTypes: true }).map((one) => {
      const name = folder === '' ? one.name : `${folder}/${one.name}`;
      if (one.isDirectory()) return entry(`${name}/`, '<d:resourcetype><d:collection/></d:resourcetype>');
      return entry(
        name,
        `<d:resourcetype/><d:getcontentlength>${fs.statSync(this.at(name)).size}</d:getcontentlength>`,
      );
    });
    const self = entry(`${folder}/`, '<d:resourcetype><d:collection/></d:resourcetype>');
    return `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">${self}${entries.join('')}</d:multistatus>`;
  }
}

interface Exchange {
  readonly request: http.IncomingMessage;
  readonly reply: http.ServerResponse;
  readonly seen: Seen;
}

function makeFolder(folder: string): number {
  if (!fs.existsSync(path.dirname(folder))) return 409;
  fs.mkdirSync(folder);
  return 201;
}

function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks)));
  });
}

function rangeOf(request: http.IncomingMessage, size: number): { start: number; head: Record<string, string> } {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  return { start, head: start > 0 ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {} };
}

/** Sends a byte now and then, so that the connection is never silent. */
function trickle(socket: Socket | null, bytes: Buffer): void {
  let at = 0;
  const next = (): void => {
    if (!socket || socket.destroyed || at >= bytes.length) return;
    socket.write(bytes.subarray(at, (at += 1)));
    setTimeout(next, 20);
  };
  next();
}

function bomb(reply: http.ServerResponse, status: number): void {
  reply.writeHead(status, { 'content-encoding': 'gzip', 'content-length': BOMB.length }).end(BOMB);
}
