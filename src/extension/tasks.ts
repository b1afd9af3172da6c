/** Runs as tasks: the real output of the stages in a terminal, their real exit codes, and *Terminal → Run Task → strata*. */

import * as vscode from 'vscode';
import { type ReproArgs, type RunStatus } from '../engine/verbs/pipeline';
import { visible } from '../base/text';
import { type App } from './app';
import { sentence } from './prompts/errors';
import { goesOn, type RunFollower } from './runFollower';
import { type Session } from './session';

const TYPE = 'strata';
const POLL_MS = 120;

/** What a task of ours runs; the keys of `taskDefinitions` in the manifest. */
interface Definition extends vscode.TaskDefinition {
  readonly stage?: string;
  readonly downstream?: boolean;
}

/** Makes and runs tasks. */
export class RunTasks implements vscode.TaskProvider {
  constructor(
    private readonly app: App,
    private readonly follower: RunFollower,
    private readonly allow: (session: Session, args: ReproArgs) => Promise<boolean>,
  ) {
    app.context.subscriptions.push(vscode.tasks.registerTaskProvider(TYPE, this));
  }

  async provideTasks(): Promise<vscode.Task[]> {
    const tasks: vscode.Task[] = [];
    for (const session of await this.app.sessions.all()) {
      tasks.push(this.taskFor(session, { type: TYPE }, { targets: [] }));
      for (const stage of await this.stagesOf(session)) {
        tasks.push(this.taskFor(session, { type: TYPE, stage }, { targets: [stage] }));
      }
    }
    return tasks;
  }

  /** Names of the stages that run something; none when the files cannot be read, which the Pipeline view says. */
  private async stagesOf(session: Session): Promise<string[]> {
    try {
      const { stages } = await session.call('stages', { targets: [] });
      return stages.filter((one) => one.cmd !== null).map((one) => one.name);
    } catch (error) {
      this.app.log.warn(`${session.name}: ${sentence(error, this.app.text)}`);
      return [];
    }
  }

  async resolveTask(task: vscode.Task): Promise<vscode.Task | undefined> {
    const definition = task.definition as Definition;
    const folder = typeof task.scope === 'object' ? task.scope.uri : undefined;
    const session = (folder && (await this.app.sessions.of(folder))) ?? (await this.app.sessions.all())[0];
    if (!session) return undefined;
    const args: ReproArgs = {
      targets: definition.stage === undefined ? [] : [definition.stage],
      ...(definition.downstream ? { downstream: true } : {}),
    };
    return this.taskFor(session, definition, args);
  }

  /** Starts a run in its own terminal. */
  async run(session: Session, args: ReproArgs): Promise<void> {
    const stage = args.targets.join(' ');
    await vscode.tasks.executeTask(this.taskFor(session, { type: TYPE, ...(stage === '' ? {} : { stage }) }, args));
  }

  private taskFor(session: Session, definition: Definition, args: ReproArgs): vscode.Task {
    const name = definition.stage ?? this.app.text.t('task.all');
    const execution = new vscode.CustomExecution(() =>
      Promise.resolve(new RunTerminal(this.app, session, () => this.begin(session, args), this.follower)),
    );
    const scope = vscode.workspace.getWorkspaceFolder(session.uri('.')) ?? vscode.TaskScope.Workspace;
    const task = new vscode.Task(definition, scope, name, TYPE, execution, []);
    task.presentationOptions = {
      reveal: vscode.TaskRevealKind.Always,
      panel: vscode.TaskPanelKind.Dedicated,
      clear: true,
    };
    return task;
  }

  private async begin(session: Session, args: ReproArgs): Promise<string | undefined> {
    if (!(await this.allow(session, args))) return undefined;
    return this.follower.start(session, args);
  }
}

/** A terminal that shows what a run writes. Ctrl+C cancels the run; closing the terminal leaves it going. */
class RunTerminal implements vscode.Pseudoterminal {
  private readonly writes = new vscode.EventEmitter<string>();
  private readonly closes = new vscode.EventEmitter<number>();
  private readonly shown = new Map<string, number>();
  private readonly announced = new Set<string>();
  private closed = false;

  readonly onDidWrite = this.writes.event;
  readonly onDidClose = this.closes.event;

  constructor(
    private readonly app: App,
    private readonly session: Session,
    private readonly begin: () => Promise<string | undefined>,
    private readonly follower: RunFollower,
  ) {}

  open(): void {
    void this.follow();
  }

  close(): void {
    this.closed = true;
  }

  handleInput(data: string): void {
    if (data === '\u0003') void this.follower.cancel(this.session);
  }

  private async follow(): Promise<void> {
    try {
      const token = await this.begin();
      if (token === undefined) return this.end(130);
      for (;;) {
        const status = await this.session.call('runStatus', { token });
        await this.showOutput(status);
        if (!goesOn(status)) {
          this.follower.update(this.session, status);
          return this.finish(status);
        }
        if (this.closed) return;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    } catch (error) {
      this.line(sentence(error, this.app.text));
      this.end(1);
    }
  }

  private async showOutput(status: RunStatus): Promise<void> {
    for (const stage of status.stages) {
      if (stage.dir === undefined) continue;
      if (!this.announced.has(stage.name)) {
        this.announced.add(stage.name);
        this.line(this.app.text.t('terminal.stage', { name: stage.name }));
      }
      for (;;) {
        const from = this.shown.get(stage.name) ?? 0;
        const { text, next } = await this.session.call('runLog', { token: status.token, stage: stage.name, from });
        if (next === from) break;
        this.shown.set(stage.name, next);
        this.writes.fire(text.replace(/\r?\n/g, '\r\n'));
      }
    }
  }

  private finish(status: RunStatus): void {
    const { text } = this.app;
    for (const stage of status.stages.filter((one) => one.state !== 'ran')) {
      const key = `terminal.state.${stage.state.replace(' ', '')}`;
      this.line(text.t(key, { name: stage.name, exit: stage.exit ?? 0 }));
      if (stage.msg !== undefined) this.line(`  ${stage.msg}`);
    }
    if (status.error) this.line(text.t(`error.${status.error.code}`, status.error.data as Record<string, string>));
    this.line(text.t(`terminal.end.${status.state}`));
    const failed = status.stages.find((stage) => stage.state === 'failed');
    this.end(status.state === 'succeeded' ? 0 : status.state === 'cancelled' ? 130 : (failed?.exit ?? 1));
  }

  private line(text: string): void {
    this.writes.fire(`${visible(text)}\r\n`);
  }

  private end(code: number): void {
    if (!this.closed) this.closes.fire(code);
  }
}
