/** The one status bar item: how much data changed, and while a run goes: stage, step, a metric. */

import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../base/lifecycle';
import { type App } from './app';
import { type RunFollower } from './runFollower';
import { type Session } from './session';
import { valueText } from './views/runs';

/** Shows it once a project is known. */
export class StatusBar implements Disposable {
  private readonly owned = new DisposableStore();
  private readonly item: vscode.StatusBarItem;
  private readonly changed = new Map<Session, number>();
  private asking = false;
  private visible = false;

  constructor(
    private readonly app: App,
    private readonly follower: RunFollower,
  ) {
    this.item = this.owned.add(vscode.window.createStatusBarItem('strata.status', vscode.StatusBarAlignment.Left, 5));
    this.item.name = 'Strata';
    this.owned.add(app.sessions.onDidChange(({ session, change }) => change.data && void this.count(session)));
    this.owned.add(app.sessions.onDidChangeList(() => void this.countAll()));
    this.owned.add(follower.onDidChange(({ session, over }) => (over ? this.render() : void this.showRun(session))));
  }

  /** What it says now; undefined while it is hidden. */
  get shown(): string | undefined {
    return this.visible ? this.item.text : undefined;
  }

  private async countAll(): Promise<void> {
    for (const session of [...this.changed.keys()])
      if (!this.app.sessions.known.includes(session)) this.changed.delete(session);
    for (const session of this.app.sessions.known) await this.count(session);
    this.render();
  }

  private async count(session: Session): Promise<void> {
    try {
      const { changed } = await session.call('dataTree', {});
      this.changed.set(session, changed);
    } catch {
      this.changed.delete(session);
    }
    this.render();
  }

  private render(): void {
    if (this.app.sessions.known.some((session) => this.follower.running(session))) return;
    if (this.changed.size === 0) {
      this.item.hide();
      this.visible = false;
      return;
    }
    const n = [...this.changed.values()].reduce((sum, one) => sum + one, 0);
    const label = n === 0 ? this.app.text.t('status.clean') : this.app.text.t('status.changed', { n });
    this.set(label, 'strata.data.focus', this.app.text.t('status.openData'));
  }

  private async showRun(session: Session): Promise<void> {
    const status = this.follower.running(session);
    if (!status) return this.render();
    const stage = status.stages.find((one) => one.state === 'running');
    const done = status.stages.filter((one) => one.end !== undefined).length;
    const name = stage?.name ?? this.app.text.t('status.starting');
    const metric = await this.metric(session);
    const label = this.app.text.t('status.running', { stage: name, done, total: status.stages.length });
    if (this.follower.running(session)) {
      this.set(
        `$(sync~spin) ${[label, metric].filter((part) => part !== '').join(' · ')}`,
        'strata.live',
        this.app.text.t('status.openLive'),
      );
    }
  }

  /** Step and last value of the running run's first metric. */
  private async metric(session: Session): Promise<string> {
    if (this.asking) return '';
    this.asking = true;
    try {
      const answer = await session.call('live', { runs: [], width: 2, smoothing: 0, generation: 0 });
      const running = answer.runs.find((run) => run.state === 'running');
      const series = answer.series.filter((one) => one.run === running?.id);
      const shown = series.find((one) => /acc|f1|auc|score/i.test(one.key)) ?? series[0];
      return shown ? `${answer.xKind} ${shown.lastX} · ${shown.key} ${valueText(shown.last, this.app)}` : '';
    } catch {
      return '';
    } finally {
      this.asking = false;
    }
  }

  private set(text: string, command: string, tooltip: string): void {
    this.item.text = text;
    this.item.command = command;
    this.item.tooltip = tooltip;
    this.item.accessibilityInformation = { label: text.replace(/\$\([\w~-]*\)\s*/g, ''), role: 'button' };
    this.item.show();
    this.visible = true;
  }

  dispose(): void {
    this.owned.dispose();
  }
}
