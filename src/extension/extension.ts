/** The extension's entry: makes the parts and joins them, nothing else. Nothing is read, watched or started before it is looked at. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import { Acts } from './acts';
import { type App } from './app';
import { registerDataCommands } from './commands/data';
import { registerModelCommands } from './commands/registry';
import { registerPanelCommands } from './commands/panels';
import { registerPipelineCommands } from './commands/pipeline';
import { registerProjectCommands } from './commands/project';
import { registerShareCommands } from './commands/share';
import { Decorations } from './decorations';
import { StageLenses } from './language/lens';
import { createLog } from './log';
import { createComparePanel } from './panels/compare';
import { DiffPanel } from './panels/diff';
import { createLivePanel } from './panels/live';
import { RunFollower } from './runFollower';
import { Selection } from './selection';
import { Sessions } from './sessions';
import { StatusBar } from './statusBar';
import { loadTexts } from './texts';
import { registerVersions } from './versions';
import { createDataView } from './views/data';
import { createModelsView } from './views/models';
import { createPipelineView } from './views/pipeline';
import { createRunsView } from './views/runs';

/** Called by the editor on the first use; answers with what the tests look at. */
export function activate(context: vscode.ExtensionContext): { app: App } {
  const text = loadTexts(path.join(context.extensionPath, 'dist'), vscode.env.language);
  const log = createLog();
  const sessions = new Sessions(context.extensionPath, log, text);
  const acts = new Acts();
  const app: App = { context, text, log, sessions, acts };
  const selection = new Selection(context.workspaceState);
  const follower = new RunFollower(app);
  const diff = new DiffPanel(app);
  const panels = { compare: createComparePanel(app, selection), live: createLivePanel(app, selection, follower) };
  context.subscriptions.push(
    log,
    sessions,
    acts,
    selection,
    follower,
    createDataView(app),
    createPipelineView(app),
    createRunsView(app, selection),
    createModelsView(app),
    new Decorations(app),
    new StatusBar(app, follower),
    registerVersions(app),
  );
  new StageLenses(app);
  registerProjectCommands(app);
  registerDataCommands(app, diff);
  registerShareCommands(app);
  registerPipelineCommands(app, follower);
  registerPanelCommands(app, panels, selection);
  registerModelCommands(app, selection);
  return { app };
}
