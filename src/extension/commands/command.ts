/** What every command shares: it may be called by anyone with any arguments, asks for what is missing, and reports its failure once. */

import * as vscode from 'vscode';
import { StrataError } from '../../engine/errors';
import { type App } from '../app';
import { showError } from '../prompts/errors';
import { type Session } from '../session';

/** A path in a project. */
export interface Place {
  readonly session: Session;
  /** Below the project's root. */
  readonly path: string;
}

interface Manifest {
  readonly contributes: { readonly commands: readonly { command: string; title: string; enablement?: string }[] };
}

/** Commands may be called by anyone, whatever the manifest hides: what it keeps for trusted workspaces is refused here too. */
function requireTrust(app: App, id: string): void {
  if (vscode.workspace.isTrusted) return;
  const { contributes } = app.context.extension.packageJSON as Manifest;
  const command = contributes.commands.find((one) => one.command === `strata.${id}`);
  if (command?.enablement?.includes('isWorkspaceTrusted'))
    throw new StrataError('trust.required', { verb: command.title });
}

/** Registers `strata.<id>`; what `act` throws is shown as one sentence. The command is over once the message stands. */
export function registerCommand(app: App, id: string, act: (...args: unknown[]) => Promise<unknown>): void {
  app.context.subscriptions.push(
    vscode.commands.registerCommand(`strata.${id}`, async (...args: unknown[]) => {
      try {
        requireTrust(app, id);
        return await act(...args);
      } catch (error) {
        void showError(error, app);
        return undefined;
      }
    }),
  );
}

/** The places that a command was called on: rows of a view, files of the Explorer (all that are selected), or none. */
export async function placesOf(app: App, args: readonly unknown[]): Promise<Place[]> {
  const [first, all] = args;
  const given = Array.isArray(all) && all.length > 0 ? (all as unknown[]) : first === undefined ? [] : [first];
  const places: Place[] = [];
  for (const one of given) {
    const place = await placeOf(app, one);
    if (place) places.push(place);
  }
  return places;
}

async function placeOf(app: App, value: unknown): Promise<Place | undefined> {
  const row = value as { session?: Session; data?: { path?: unknown } } | undefined;
  const ours = row?.session && app.sessions.known.includes(row.session);
  if (row && ours && typeof row.data?.path === 'string')
    return { session: row.session as Session, path: row.data.path };
  const uri = uriOf(value);
  if (!uri || uri.scheme !== 'file') return undefined;
  const session = await app.sessions.of(uri);
  const path = session?.relative(uri);
  return session && path !== undefined ? { session, path } : undefined;
}

/** The file that a value from a menu stands for. */
export function uriOf(value: unknown): vscode.Uri | undefined {
  if (value instanceof vscode.Uri) return value;
  const resource = (value as { item?: { resourceUri?: unknown }; resourceUri?: unknown } | undefined) ?? {};
  const uri = resource.item?.resourceUri ?? resource.resourceUri;
  return uri instanceof vscode.Uri ? uri : undefined;
}

/** The project that a row belongs to, or that a file lies in. */
export async function sessionOf(app: App, value: unknown): Promise<Session | undefined> {
  const session = (value as { session?: Session } | undefined)?.session;
  if (session && app.sessions.known.includes(session)) return session;
  const uri = uriOf(value);
  return uri ? app.sessions.of(uri) : app.sessions.pick();
}

/** The places called on, else one tracked path that the user picks. Empty after Escape. */
export async function placesOrPick(app: App, args: readonly unknown[], placeholder: string): Promise<Place[]> {
  const places = await placesOf(app, args);
  if (places.length > 0) return places;
  const session = await app.sessions.pick();
  if (!session) return [];
  const { nodes } = await session.call('dataTree', {});
  const items = nodes.map((node) => ({ label: node.path, description: app.text.t(`data.state.${node.state}`) }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(app.text.t('data.nothingTracked'));
    return [];
  }
  const picked = await vscode.window.showQuickPick(items, { placeHolder: placeholder });
  return picked ? [{ session, path: picked.label }] : [];
}

/** Groups places by project, since one call of the engine serves one project. */
export function byProject(places: readonly Place[]): Map<Session, string[]> {
  const groups = new Map<Session, string[]>();
  for (const { session, path } of places) groups.set(session, [...(groups.get(session) ?? []), path]);
  return groups;
}

/** A message that goes away by itself, in the status bar: acts that succeed do not interrupt. */
export function tell(text: string): void {
  vscode.window.setStatusBarMessage(text, 5000);
}
