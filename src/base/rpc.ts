/**
 * Calls over a message channel, one mechanism for the engine's worker and for the webviews: a call has an answer or an error, may
 * report progress, may ask a question back, and can be cancelled. Everything that crosses is clonable.
 */

import { Cancelled, isCancelled, type Call, type Progress, type Question } from './cancel';
import { Emitter, type Event } from './event';
import { type Disposable } from './lifecycle';

/** One end of a channel. */
export interface Port {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): Disposable;
}

/** An error as it crosses the channel; `code` and `data` are those of a StrataError, `unexpected` for anything else. */
export interface WireError {
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly message: string;
  readonly cancelled?: boolean;
}

/** What travels. `v` guards against two builds talking to each other. */
export type RpcMessage =
  | { v: 1; k: 'call'; id: number; method: string; args: unknown }
  | { v: 1; k: 'cancel'; id: number }
  | { v: 1; k: 'progress'; id: number; value: Progress }
  | { v: 1; k: 'ask'; id: number; question: number; value: Question }
  | { v: 1; k: 'answer'; question: number; value?: string; refused?: boolean }
  | { v: 1; k: 'done'; id: number; value: unknown }
  | { v: 1; k: 'fail'; id: number; error: WireError }
  | { v: 1; k: 'event'; name: string; value: unknown };

/** The calling end. */
export interface RpcClient extends Disposable {
  call(method: string, args: unknown, call: Call): Promise<unknown>;
  /** Announcements of the other end. */
  readonly onEvent: Event<{ name: string; value: unknown }>;
}

/** Converts between thrown errors and their wire form; the engine's pair lives in `engine/errors.ts`. */
export interface ErrorCodec {
  toWire(error: unknown): WireError;
  fromWire(error: WireError): Error;
}

/** True for a message of this contract; anything else that arrives is dropped. */
export function isRpcMessage(message: unknown): message is RpcMessage {
  const m = message as Partial<RpcMessage> | null;
  return typeof m === 'object' && m !== null && m.v === 1 && typeof m.k === 'string';
}

/** Opens the calling end on `port`. */
export function createRpcClient(port: Port, codec: ErrorCodec): RpcClient {
  const open = new Map<number, { resolve(v: unknown): void; reject(e: Error): void; call: Call }>();
  const events = new Emitter<{ name: string; value: unknown }>();
  let next = 1;
  const answer = (question: number, call: Call | undefined, value: Question): void => {
    const reply = call ? call.ask(value) : Promise.reject(new Cancelled());
    void reply.then(
      (text) => port.post({ v: 1, k: 'answer', question, value: text } satisfies RpcMessage),
      () => port.post({ v: 1, k: 'answer', question, refused: true } satisfies RpcMessage),
    );
  };
  const settle = (message: RpcMessage & { k: 'done' | 'fail' }): void => {
    const entry = open.get(message.id);
    open.delete(message.id);
    if (message.k === 'done') entry?.resolve(message.value);
    else entry?.reject(message.error.cancelled ? new Cancelled() : codec.fromWire(message.error));
  };
  const listener = port.onMessage((message) => {
    if (!isRpcMessage(message)) return;
    if (message.k === 'progress') open.get(message.id)?.call.progress(message.value);
    else if (message.k === 'ask') answer(message.question, open.get(message.id)?.call, message.value);
    else if (message.k === 'event') events.fire({ name: message.name, value: message.value });
    else if (message.k === 'done' || message.k === 'fail') settle(message);
  });
  return {
    onEvent: events.event,
    call: (method, args, call) =>
      new Promise((resolve, reject) => {
        if (call.signal.aborted) return reject(new Cancelled());
        const id = next++;
        const cancel = (): void => port.post({ v: 1, k: 'cancel', id } satisfies RpcMessage);
        call.signal.addEventListener('abort', cancel, { once: true });
        const forget = (): void => call.signal.removeEventListener('abort', cancel);
        open.set(id, {
          call,
          resolve: (value) => (forget(), resolve(value)),
          reject: (error) => (forget(), reject(error)),
        });
        port.post({ v: 1, k: 'call', id, method, args } satisfies RpcMessage);
      }),
    dispose: () => {
      listener.dispose();
      events.dispose();
      for (const entry of open.values()) entry.reject(new Cancelled());
      open.clear();
    },
  };
}

/** The answering end: `handle` does the work of a method. */
export interface RpcServer extends Disposable {
  /** Announces something to the other end. */
  emit(name: string, value: unknown): void;
}

/** Opens the answering end on `port`. */
export function serveRpc(
  port: Port,
  codec: ErrorCodec,
  handle: (method: string, args: unknown, call: Call) => Promise<unknown>,
): RpcServer {
  const running = new Map<number, AbortController>();
  const questions = new Map<number, { resolve(v: string): void; reject(e: Error): void }>();
  let nextQuestion = 1;
  const start = (id: number, method: string, args: unknown): void => {
    const controller = new AbortController();
    running.set(id, controller);
    const call: Call = {
      signal: controller.signal,
      progress: (value) => port.post({ v: 1, k: 'progress', id, value } satisfies RpcMessage),
      ask: (value) =>
        new Promise((resolve, reject) => {
          const question = nextQuestion++;
          questions.set(question, { resolve, reject });
          port.post({ v: 1, k: 'ask', id, question, value } satisfies RpcMessage);
        }),
    };
    void Promise.resolve()
      .then(() => handle(method, args, call))
      .then(
        (value) => port.post({ v: 1, k: 'done', id, value } satisfies RpcMessage),
        (error: unknown) => {
          const wire = { ...codec.toWire(error), ...(isCancelled(error) ? { cancelled: true } : {}) };
          port.post({ v: 1, k: 'fail', id, error: wire } satisfies RpcMessage);
        },
      )
      .finally(() => running.delete(id));
  };
  const listener = port.onMessage((message) => {
    if (!isRpcMessage(message)) return;
    if (message.k === 'call') start(message.id, message.method, message.args);
    else if (message.k === 'cancel') running.get(message.id)?.abort();
    else if (message.k === 'answer') {
      const entry = questions.get(message.question);
      questions.delete(message.question);
      if (message.refused || message.value === undefined) entry?.reject(new Cancelled());
      else entry?.resolve(message.value);
    }
  });
  return {
    emit: (name, value) => port.post({ v: 1, k: 'event', name, value } satisfies RpcMessage),
    dispose: () => {
      listener.dispose();
      for (const controller of running.values()) controller.abort();
    },
  };
}
