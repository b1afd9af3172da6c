/** The engine's worker of one project: started with the first call, ended with the session. */

import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import { toDisposable, type Disposable } from '../base/lifecycle';
import { quietCall, type Call } from '../base/cancel';
import { createRpcClient, type Port, type RpcClient } from '../base/rpc';
import { errorCodec } from '../engine/errors';
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

  constructor(private readonly options: EngineOptions) {}

  /** Does a verb. A worker that died is started afresh by the next call. */
  async call<V extends VerbId>(verb: V, args: ArgsOf<V>, call: Call): Promise<AnswerOf<V>> {
    await this.open();
    return (await this.client().call(verb, { args }, call));
  }

  /** Reads the configuration again. */
  async reload(): Promise<void> {
    if (this.opened) await this.client().call('reload', {}, quietCall());
  }

  private client(): RpcClient {
    if (!this.rpc) throw new Error('the engine is closed');
    return this.rpc;
  }

  private open(): Promise<{ root: string | null }> {
    this.opened ??= this.start();
    return this.opened;
  }

  private start(): Promise<{ root: string | null }> {
    const { dir, trusted, extensionPath, log } = this.options;
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
    this.rpc = createRpcClient(port, errorCodec);
    const media = path.join(extensionPath, 'media');
    return this.rpc.call('open', { dir, trusted, media }, quietCall()) as Promise<{ root: string | null }>;
  }

  private forget(worker: Worker): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    this.opened = undefined;
    this.rpc?.dispose();
    this.rpc = undefined;
  }

  dispose(): void {
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
