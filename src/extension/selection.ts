/** Which runs are ticked, by project; kept for the workspace. The Runs view and the panels show the same. */

import { type Memento } from 'vscode';
import { Emitter } from '../base/event';
import { type Disposable } from '../base/lifecycle';
import { type Session } from './session';

const KEY = 'strata.selection';

/** The ticks. */
export class Selection implements Disposable {
  private readonly changed = new Emitter<Session>();
  private readonly ticks: Record<string, string[]>;
  readonly onDidChange = this.changed.event;

  constructor(private readonly memory: Memento) {
    this.ticks = { ...memory.get<Record<string, string[]>>(KEY, {}) };
  }

  /** Ids of the ticked runs of a project, in the order of ticking. */
  of(session: Session): readonly string[] {
    return this.ticks[session.root] ?? [];
  }

  has(session: Session, id: string): boolean {
    return this.of(session).includes(id);
  }

  set(session: Session, id: string, on: boolean): void {
    const others = this.of(session).filter((run) => run !== id);
    this.replace(session, on ? [...others, id] : others);
  }

  /** Ticks exactly these. */
  replace(session: Session, ids: readonly string[]): void {
    const before = this.of(session);
    if (before.length === ids.length && before.every((id, i) => id === ids[i])) return;
    this.ticks[session.root] = [...ids];
    void this.memory.update(KEY, this.ticks);
    this.changed.fire(session);
  }

  dispose(): void {
    this.changed.dispose();
  }
}
