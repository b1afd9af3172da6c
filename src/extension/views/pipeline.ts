/** The Pipeline view: stages by file, what state they are in and why, how long they took; the run in progress on top. */

import * as vscode from 'vscode';
import { type PipelineAnswer, type Reason, type StageState } from '../../engine/verbs/pipeline';
import { type Text } from '../../base/text';
import { type App } from '../app';
import { type Session } from '../session';
import { fileErrorRow } from './fileErrors';
import { ProjectTree, type Node } from './tree';

/** A stage as the view knows it. */
export type StageInfo = PipelineAnswer['stages'][number];

/** A row of the Pipeline view: a stage, a file with several, a reason or a file that cannot be read. */
export interface PipelineRow extends Node {
  readonly stage?: StageInfo;
}

const ICONS: Readonly<Record<StageState, readonly [string, string | undefined]>> = {
  upToDate: ['pass', 'testing.iconPassed'],
  stale: ['circle-outline', 'list.warningForeground'],
  never: ['circle-outline', undefined],
  running: ['sync~spin', 'progressBar.background'],
  queued: ['clock', undefined],
  failed: ['error', 'testing.iconFailed'],
  frozen: ['lock', undefined],
};

/** Opens the view. */
export function createPipelineView(app: App): ProjectTree<PipelineRow> {
  return new ProjectTree<PipelineRow>(app, {
    id: 'strata.pipeline',
    roots: async (session) => roots(app, session, await session.call('pipelineView', {})),
    concerns: (change) => change.pipeline,
  });
}

function roots(app: App, session: Session, answer: PipelineAnswer): PipelineRow[] {
  const files = [...new Set(answer.stages.map((stage) => stage.file))];
  const errors = answer.errors.map((error) => fileErrorRow(app, session, error));
  if (files.length <= 1) return [...errors, ...answer.stages.map((stage) => stageRow(app, session, stage))];
  return [
    ...errors,
    ...files.map((file) =>
      fileRow(
        app,
        session,
        file,
        answer.stages.filter((stage) => stage.file === file),
      ),
    ),
  ];
}

function fileRow(app: App, session: Session, file: string, stages: readonly StageInfo[]): PipelineRow {
  const item = new vscode.TreeItem(file, vscode.TreeItemCollapsibleState.Expanded);
  item.id = `${session.root}:file:${file}`;
  item.iconPath = vscode.ThemeIcon.File;
  item.resourceUri = session.uri(file);
  const stale = stages.filter((stage) => stage.stale).length;
  item.description = stale === 0 ? app.text.t('pipeline.allFresh') : app.text.t('pipeline.stale', { n: stale });
  item.contextValue = 'file';
  return {
    id: item.id,
    session,
    item,
    children: () => Promise.resolve(stages.map((stage) => stageRow(app, session, stage))),
  };
}

function stageRow(app: App, session: Session, stage: StageInfo): PipelineRow {
  const { text } = app;
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(stage.stage, stage.reasons.length > 0 ? Collapsed : None);
  const [icon, color] = ICONS[stage.state];
  item.id = `${session.root}:stage:${stage.stage}`;
  item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
  item.description = stageDescription(stage, text);
  item.contextValue = ['stage', stage.state, stage.stale ? 'stale' : 'fresh'].join('.');
  const commands = Array.isArray(stage.cmd) ? stage.cmd : [stage.cmd];
  item.tooltip = [text.t(`pipeline.state.${stage.state}`), ...commands.map((cmd) => `> ${cmd}`)].join('\n');
  item.accessibilityInformation = {
    label: `${stage.stage}, ${text.t(`pipeline.state.${stage.state}`)}, ${String(item.description)}`,
  };
  item.command = {
    command: 'strata.openStage',
    title: text.t('command.openStage'),
    arguments: [session.uri(stage.file), stage.line],
  };
  return {
    id: item.id,
    session,
    stage,
    item,
    children: () => Promise.resolve(stage.reasons.map((reason, i) => reasonRow(app, session, stage, reason, i))),
  };
}

/** State, reasons and last duration in one line: `stale: lr 0.01 → 0.1 · 42 s`. */
export function stageDescription(stage: StageInfo, text: Text): string {
  const reasons = stage.reasons.map((reason) => reasonText(reason, text));
  const shown = reasons.slice(0, 2).join(', ') + (reasons.length > 2 ? ` +${reasons.length - 2}` : '');
  const parts = [
    stage.state === 'stale' || stage.state === 'never' ? shown : text.t(`pipeline.state.${stage.state}`),
    stage.stale && stage.cached ? text.t('pipeline.cached') : '',
    stage.seconds === undefined ? '' : text.duration(stage.seconds),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** A reason in words: `lr 0.01 → 0.1`, `data/raw modified`. */
export function reasonText(reason: Reason, text: Text): string {
  if (reason.kind === 'param') {
    return text.t('reason.param', { key: reason.key ?? '', old: show(reason.old), new: show(reason.new) });
  }
  const state = reason.state === undefined ? '' : text.t(`reason.state.${reason.state.replaceAll(' ', '')}`);
  return text.t(`reason.${reason.kind}`, { path: reason.path ?? '', state, stage: reason.stage ?? '' });
}

function show(value: unknown): string {
  if (value === undefined) return '∅';
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}

function reasonRow(app: App, session: Session, stage: StageInfo, reason: Reason, i: number): PipelineRow {
  const item = new vscode.TreeItem(reasonText(reason, app.text));
  const icons = {
    param: 'settings',
    dep: 'file',
    out: 'file',
    cmd: 'terminal',
    upstream: 'arrow-up',
    always: 'sync',
    new: 'sparkle',
  };
  item.id = `${session.root}:stage:${stage.stage}:reason:${i}`;
  item.iconPath = new vscode.ThemeIcon(icons[reason.kind]);
  item.contextValue = 'reason';
  if (reason.path !== undefined && (reason.kind === 'dep' || reason.kind === 'param')) {
    item.command = { command: 'vscode.open', title: app.text.t('command.open'), arguments: [session.uri(reason.path)] };
  }
  return { id: item.id, session, item };
}
