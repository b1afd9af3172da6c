/** CodeLens above the stages of `dvc.yaml`: run, run with downstream, why it is stale, how long it took. One setting turns it off. */

import * as vscode from 'vscode';
import { type App } from '../app';
import { sentence } from '../prompts/errors';
import { type Session } from '../session';
import { stageDescription, type StageInfo } from '../views/pipeline';

/** Lenses from the engine's own reading of the file. */
export class StageLenses implements vscode.CodeLensProvider {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(private readonly app: App) {
    app.context.subscriptions.push(
      this.changed,
      vscode.languages.registerCodeLensProvider({ scheme: 'file', pattern: '**/dvc.yaml' }, this),
      app.sessions.onDidChange(({ change }) => change.pipeline && this.changed.fire()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('strata.codeLens')) this.changed.fire();
      }),
    );
  }

  /** None when the file cannot be read: the Pipeline view says why. */
  private async stagesOf(session: Session): Promise<readonly StageInfo[]> {
    try {
      return (await session.call('pipelineView', {})).stages;
    } catch (error) {
      this.app.log.warn(`${session.name}: ${sentence(error, this.app.text)}`);
      return [];
    }
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!vscode.workspace.getConfiguration('strata').get<boolean>('codeLens', true)) return [];
    const session = await this.app.sessions.of(document.uri);
    const file = session?.relative(document.uri);
    if (!session || file === undefined) return [];
    return (await this.stagesOf(session))
      .filter((stage) => stage.file === file && stage.line <= document.lineCount)
      .flatMap((stage) => {
        const range = document.lineAt(stage.line - 1).range;
        const lens = (title: string, command: string, ...args: unknown[]): vscode.CodeLens =>
          new vscode.CodeLens(range, { title, command, arguments: args });
        const uri = session.uri(stage.file);
        const { text } = this.app;
        const run =
          stage.state === 'running'
            ? [lens(`$(stop) ${text.t('command.cancelRun')}`, 'strata.cancelRun')]
            : [
                lens(`$(play) ${text.t('lens.run')}`, 'strata.repro', uri, stage.stage),
                lens(`$(run-below) ${text.t('lens.downstream')}`, 'strata.reproDownstream', uri, stage.stage),
              ];
        return [...run, lens(stageDescription(stage, text), 'strata.pipeline.focus')];
      });
  }
}
