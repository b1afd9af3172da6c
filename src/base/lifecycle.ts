/**
 * Ownership of things that must be released: listeners, timers, watchers, processes.
 * A disposable is registered with its owner in the line that makes it.
 */

/** Something that holds a resource until `dispose` is called; calling it again does nothing. */
export interface Disposable {
  dispose(): void;
}

/** Wraps a function as a disposable that runs it at most once. */
export function toDisposable(release: () => void): Disposable {
  let done = false;
  return {
    dispose: () => {
      if (done) return;
      done = true;
      release();
    },
  };
}

/** Owns other disposables and releases them in reverse order; what is added after disposal is released at once. */
export class DisposableStore implements Disposable {
  private readonly items = new Set<Disposable>();
  private disposed = false;

  /** Takes ownership of `item` and hands it back. */
  add<T extends Disposable>(item: T): T {
    if (this.disposed) item.dispose();
    else this.items.add(item);
    return item;
  }

  /** How many things are owned now; the leak checks of the tests read it. */
  get size(): number {
    return this.items.size;
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    const items = [...this.items].reverse();
    this.items.clear();
    for (const item of items) item.dispose();
  }
}
