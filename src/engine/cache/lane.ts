/**
 * A worker thread and what was ordered from it. Orders may wait at the worker, so that it need not wait for this thread between two of
 * them; it does them one after the other and answers in their order.
 */

import { Worker } from 'node:worker_threads';
import { Cancelled } from '../../base/cancel';
import { StrataError } from '../errors';
import { type LaneAnswer, type LaneOrder } from './hashPool';

interface Waiting {
  /** Told each answer; true when it was the last. */
  take(answer: LaneAnswer): boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** A worker that does orders. */
export class Lane {
  private readonly worker: Worker;
  private readonly waiting: Waiting[] = [];

  /** @param file the bundled `hashWorker.js` */
  constructor(file: string) {
    this.worker = new Worker(file, { execArgv: [], stdout: false, stderr: false });
    this.worker.unref();
    this.worker.on('message', (answer: LaneAnswer) => this.hear(answer));
    this.worker.on('error', (error: unknown) => this.fail(String(error)));
    this.worker.on('exit', (code) => this.fail(`exit ${code}`));
  }

  /**
   * Posts an order; `take` is told what the worker says of it and gives true for the last. Rejects with Cancelled, or with
   * `cache.workerFailed` when the worker failed; it must not be used again then.
   */
  order(order: LaneOrder, take: (answer: LaneAnswer) => boolean): Promise<void> {
    if (this.waiting.length === 0) this.worker.ref();
    return new Promise((resolve, reject) => {
      this.waiting.push({ take, resolve, reject });
      this.worker.postMessage(order);
    });
  }

  /** Ends the worker. */
  end(): void {
    void this.worker.terminate();
  }

  private hear(answer: LaneAnswer): void {
    const [first] = this.waiting;
    if (!first) return;
    if (answer.k === 'cancelled') this.next().reject(new Cancelled());
    else if (answer.k === 'crashed') this.next().reject(crashed(answer.reason));
    else if (first.take(answer)) this.next().resolve();
  }

  /** Takes off what was answered. */
  private next(): Waiting {
    const [first] = this.waiting.splice(0, 1);
    if (this.waiting.length === 0) this.worker.unref();
    if (!first) throw new RangeError('nothing was ordered');
    return first;
  }

  private fail(reason: string): void {
    for (const one of this.waiting.splice(0)) one.reject(crashed(reason));
  }
}

function crashed(reason: string): StrataError {
  return new StrataError('cache.workerFailed', { reason });
}
