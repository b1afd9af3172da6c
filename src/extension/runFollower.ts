/**
 * Follows the runs of all projects: started from here, from a terminal or before this window opened. A run belongs to its
 * supervisor; closing the window leaves it going, and reopening finds it here again.
 */

import * as vscode from 'vscode';
import { Emitter } from '../base/event';
import { DisposableStore, type Disposable } from '../base/lifecycle';
import { type ReproArgs, type RunStatus } from '../engine/verbs/pipeline';
import { type App } from './app';
import { ALL, type Session } from './session';

const POLL_MS = 300;

/** A run as it stands, or `undefined` once it is over. */
export interface RunChange {
  readonly session: Session;
  readonly status: RunStatus;
  readonly over: boolean;
}

/** True while a run goes on. */
export function goesOn(status: RunStatus): boolean {
  return status.state === 'starting' || status.state === 'running';
}

/** Knows the run in progress of each project. */
export class RunFollower implements Disposable {
  private readonly owned = new DisposableStore();
  private readonly changed = this.owned.add(new Emitter<RunChange>());
  private readonly followed = new Map<Session, { status: RunStatus; timer: NodeJS.Timeout }>();

  readonly onDidChange = this.changed.event;

  constructor(private readonly app: App) {
    this.owned.add(
      app.sessions.onDidChangeList(() => {
        this.forgetGone();
        void this.reattach();
      }),
    );
  }

  /** The run in progress of a project. */
  running(session: Session): RunStatus | undefined {
    return this.followed.get(session)?.status;
  }

  /** Starts a run, with as many stages at a time as there are cores, and follows it. Returns its token. */
  async start(session: Session, args: ReproArgs): Promise<string> {
    const { token } = await session.call('runStart', { jobs: 0, ...args });
    await this.follow(session, token);
    return token;
  }

  /** Asks the run of a project to end; its process groups go within two seconds. */
  async cancel(session: Session): Promise<void> {
    const status = this.running(session);
    if (status) await session.call('runCancel', { token: status.token });
  }

  /** Looks for runs that were started elsewhere. */
  async reattach(): Promise<void> {
    for (const session of this.app.sessions.known) {
      if (this.followed.has(session)) continue;
      try {
        const [run] = (await session.call('runsActive', {})).runs;
        if (run) await this.follow(session, run.token);
      } catch (error) {
        this.app.log.warn(`${session.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  /** Ends the following of projects that left the window; their runs go on. */
  private forgetGone(): void {
    for (const [session, { timer }] of [...this.followed]) {
      if (this.app.sessions.known.includes(session)) continue;
      clearTimeout(timer);
      this.followed.delete(session);
    }
    this.tell();
  }

  private tell(): void {
    void vscode.commands.executeCommand('setContext', 'strata.running', this.followed.size > 0);
  }

  private async follow(session: Session, token: string): Promise<void> {
    const status = await session.call('runStatus', { token });
    this.update(session, status);
  }

  /** Takes what somebody else has just read of a run: its terminal is quicker than the next poll. */
  update(session: Session, status: RunStatus): void {
    if (!this.app.sessions.known.includes(session)) return;
    const before = this.followed.get(session);
    if (before) clearTimeout(before.timer);
    const over = !goesOn(status);
    if (over) this.followed.delete(session);
    else
      this.followed.set(session, { status, timer: setTimeout(() => void this.poll(session, status.token), POLL_MS) });
    this.tell();
    const moved = !before || JSON.stringify(before.status.stages) !== JSON.stringify(status.stages);
    if (moved || over) session.announce(over ? ALL : { data: false, pipeline: true, runs: true, models: false });
    this.changed.fire({ session, status, over });
  }

  private async poll(session: Session, token: string): Promise<void> {
    try {
      this.update(session, await session.call('runStatus', { token }));
    } catch (error) {
      this.followed.delete(session);
      this.tell();
      this.app.log.error(`${session.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  dispose(): void {
    for (const { timer } of this.followed.values()) clearTimeout(timer);
    this.followed.clear();
    this.owned.dispose();
  }
}
