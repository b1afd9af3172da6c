/** Commands that open panels: Live, and Compare on what is ticked. */

import { type compareContract } from '../../protocol/compare';
import { type liveContract } from '../../protocol/live';
import * as vscode from 'vscode';
import { type App } from '../app';
import { type PanelKind } from '../panels/panel';
import { type Selection } from '../selection';
import { type RunsRow } from '../views/runs';
import { registerCommand, sessionOf } from './command';

/** The panels that commands open. */
export interface Panels {
  readonly compare: PanelKind<typeof compareContract>;
  readonly live: PanelKind<typeof liveContract>;
}

/** Registers them. */
export function registerPanelCommands(app: App, panels: Panels, selection: Selection): void {
  registerCommand(app, 'live', async (value) => {
    const session = await sessionOf(app, value);
    if (session) panels.live.show(session);
  });
  registerCommand(app, 'compare', async (value, all) => {
    const session = await sessionOf(app, value);
    if (!session) return;
    const rows = (Array.isArray(all) ? all : []) as (Partial<RunsRow> | undefined)[];
    const ids = rows.flatMap((row) => (row?.run ? [row.run.id] : []));
    if (ids.length > 1) selection.replace(session, ids);
    panels.compare.show(session);
  });
  registerCommand(app, 'copyRunId', async (value) => {
    const id = (value as Partial<RunsRow> | undefined)?.run?.id;
    if (id !== undefined) await vscode.env.clipboard.writeText(id);
  });
}
