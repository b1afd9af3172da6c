/** A typed announcement with many listeners. Events announce, they never steer: a listener's failure stops nobody else. */

import { toDisposable, type Disposable } from './lifecycle';

/** Subscribes a listener; dispose the answer to unsubscribe. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** The sending side of an {@link Event}. */
export class Emitter<T> implements Disposable {
  private readonly listeners = new Set<(value: T) => void>();

  /** @param onError receives what a listener throws, so that the remaining listeners still run. */
  constructor(private readonly onError: (error: unknown) => void = () => undefined) {}

  readonly event: Event<T> = (listener) => {
    const own = (value: T): void => listener(value);
    this.listeners.add(own);
    return toDisposable(() => this.listeners.delete(own));
  };

  fire(value: T): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.onError(error);
      }
    }
  }

  dispose(): void {
    this.listeners.clear();
  }
}
