/** The engine's worker of one project: started with the first call, ended with the session. */

import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import { toDisposable, type Disposable } from '../base/lifecycle';
import { Cancelled, isCancelled, quietCall, type Call } from '../base/cancel';
import { createRpcClient, type Port, type RpcClient } from '../base/rpc';
import { errorCodec, StrataError } from '../engine/errors';
import { type AnswerOf, type ArgsOf, type VerbId } from '../engine/verbs/verbs';
import { type Log } from './log';

/** How a worker is opened. */
export interface EngineOptions {
  /** Absolute path of the folder to open. */
  readonly dir: string;
  readonly trusted: boolean;
  /** Absolute path of the extension. */
  readonly extensionPath: string;
  readonly log: Log;
}

/** Calls the engine; every answer is a snapshot. */
export class EngineClient implements Disposable {
  private worker: Worker | undefined;
  private rpc: RpcClient | undefined;
  private opened: Promise<{ root: string | null }> | undefined;
  private closed = false;
  /** Workers that are gone. */
  private gone = 0;

  constructor(private readonly options: EngineOptions) {}

  /** Whether a worker is there; the leak checks of the tests read it. */
  get alive(): boolean {
    return this.worker !== undefined;
  }

  /** Does a verb. A worker that died is started afresh by the next call; after `dispose` every call is cancelled. */
  async call<V extends VerbId>(verb: V, args: ArgsOf<V>, call: Call): Promise<AnswerOf<V>> {
    if (this.closed) throw new Cancelled();
    return this.whileAlive(call, async () => {
      await this.open();
      return this.client().call(verb, { args }, call);
    });
  }

  /** The next call opens the project anew, with nothing in memory. */
  reload(): void {
    this.opened = undefined;
  }

  /** A worker that dies under a call cancels it: that is a failure. So ends a call, too, when a question is answered with Cancel: that is none. */
  private async whileAlive<T>(call: Call, act: () => Promise<T>): Promise<T> {
    const { gone } = this;
    try {
      return await act();
    } catch (error) {
      const died = gone !== this.gone && !call.signal.aborted && !this.closed;
      if (died && isCancelled(error)) throw new StrataError('engine.ended');
      throw error;
    }
  }

  private client(): RpcClient {
    if (!this.rpc) throw new Cancelled();
    return this.rpc;
  }

  private open(): Promise<{ root: string | null }> {
    if (this.opened) return this.opened;
    const opened = this.start();
    this.opened = opened;
    opened.catch(() => {
      if (this.opened === opened) this.opened = undefined;
    });
    return opened;
  }

  private start(): Promise<{ root: string | null }> {
    const { dir, trusted } = this.options;
    this.rpc ??= this.startWorker();
    return this.rpc.call('open', { dir, trusted }, quietCall()) as Promise<{ root: string | null }>;
  }

  private startWorker(): RpcClient {
    const { extensionPath, log } = this.options;
    const worker = new Worker(path.join(extensionPath, 'dist', 'engine.js'));
    this.worker = worker;
    worker.on('error', (error) => {
      log.error(`engine: ${error.stack ?? error.message}`);
      this.forget(worker);
    });
    worker.on('exit', () => this.forget(worker));
    const port: Port = {
      post: (message) => worker.postMessage(message),
      onMessage: (listener) => {
        worker.on('message', listener);
        return toDisposable(() => worker.off('message', listener));
      },
    };
    return createRpcClient(port, errorCodec);
  }

  private forget(worker: Worker): void {
    if (this.worker !== worker) return;
    this.gone += 1;
    this.worker = undefined;
    this.opened = undefined;
    this.rpc?.dispose();
    this.rpc = undefined;
  }

  dispose(): void {
    this.closed = true;
    const { worker, rpc } = this;
    if (!worker || !rpc) return;
    const end = (): void => {
      this.forget(worker);
      void worker.terminate();
    };
    const late = setTimeout(end, 1500);
    void rpc
      .call('close', {}, quietCall())
      .then(end, end)
      .finally(() => clearTimeout(late));
  }
}
