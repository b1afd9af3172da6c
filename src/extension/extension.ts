/** The extension's entry: makes the parts and joins them, nothing else. Nothing is read, watched or started before it is looked at. */

import * as path from 'node:path';
import * as vscode from 'vscode';
import { Acts } from './acts';
import { type App } from './app';
import { registerDataCommands } from './commands/data';
import { registerImportCommands } from './commands/imports';
import { registerModelCommands } from './commands/registry';
import { registerPanelCommands, type Panels } from './commands/panels';
import { registerPipelineCommands } from './commands/pipeline';
import { registerProjectCommands } from './commands/project';
import { registerRemoteCommands } from './commands/remotes';
import { registerShareCommands } from './commands/share';
import { registerUpkeepCommands } from './commands/upkeep';
import { Decorations } from './decorations';
import { StageLenses } from './language/lens';
import { createLog } from './log';
import { createComparePanel } from './panels/compare';
import { DiffPanel } from './panels/diff';
import { createLivePanel } from './panels/live';
import { RunFollower } from './runFollower';
import { Secrets } from './secrets';
import { Selection } from './selection';
import { Sessions } from './sessions';
import { StatusBar } from './statusBar';
import { loadTexts } from './texts';
import { registerVersions } from './versions';
import { createDataView } from './views/data';
import { createModelsView } from './views/models';
import { createPipelineView } from './views/pipeline';
import { createRunsView } from './views/runs';
import { type Node, type ProjectTree } from './views/tree';

/** What `activate` answers with: the parts that the tests inside the editor look at. */
export interface Parts {
  readonly app: App;
  readonly selection: Selection;
  readonly follower: RunFollower;
  readonly views: Readonly<Record<'data' | 'pipeline' | 'runs' | 'models', ProjectTree<Node>>>;
  readonly decorations: Decorations;
  readonly statusBar: StatusBar;
  readonly panels: Panels & { readonly diff: DiffPanel };
}

/** Called by the editor on the first use. */
export function activate(context: vscode.ExtensionContext): Parts {
  const text = loadTexts(path.join(context.extensionPath, 'dist'), vscode.env.language);
  const log = createLog();
  const sessions = new Sessions(context.extensionPath, log, text);
  const acts = new Acts();
  const secrets = new Secrets(context.secrets, context.workspaceState, text);
  const app: App = { context, text, log, sessions, acts, secrets };
  const selection = new Selection(context.workspaceState);
  const follower = new RunFollower(app);
  const diff = new DiffPanel(app);
  const panels = { compare: createComparePanel(app, selection), live: createLivePanel(app, selection, follower) };
  const views = {
    data: createDataView(app),
    pipeline: createPipelineView(app),
    runs: createRunsView(app, selection),
    models: createModelsView(app),
  };
  const decorations = new Decorations(app);
  const statusBar = new StatusBar(app, follower);
  context.subscriptions.push(log, sessions, acts, selection, follower, ...Object.values(views));
  context.subscriptions.push(decorations, statusBar, registerVersions(app));
  new StageLenses(app);
  registerProjectCommands(app);
  registerDataCommands(app, diff);
  registerShareCommands(app);
  registerRemoteCommands(app);
  registerImportCommands(app);
  registerUpkeepCommands(app);
  registerPipelineCommands(app, follower);
  registerPanelCommands(app, panels, selection);
  registerModelCommands(app, selection);
  return { app, selection, follower, views, decorations, statusBar, panels: { ...panels, diff } };
}
