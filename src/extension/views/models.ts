/** The Models view: models, their versions newest first, and the stages that versions stand on. */

import * as vscode from 'vscode';
import { type ModelsAnswer } from '../../engine/verbs/registry';
import { type App } from '../app';
import { type Session } from '../session';
import { ProjectTree, type Node } from './tree';

type Model = ModelsAnswer['models'][number];
type Version = Model['versions'][number];

/** A row of the Models view. */
export interface ModelRow extends Node {
  readonly model?: string;
  readonly version?: string;
  readonly commit?: string;
}

/** Opens the view. */
export function createModelsView(app: App): ProjectTree<ModelRow> {
  return new ProjectTree<ModelRow>(app, {
    id: 'strata.models',
    roots: async (session) => (await session.call('models', {})).models.map((model) => modelRow(app, session, model)),
    concerns: (change) => change.models,
  });
}

function modelRow(app: App, session: Session, model: Model): ModelRow {
  const { Expanded, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(model.name, model.versions.length > 0 ? Expanded : None);
  const stages = Object.entries(model.stages).map(([stage, version]) => `${stage} ${version ?? '–'}`);
  item.id = `${session.root}:model:${model.name}`;
  item.description = model.registered ? stages.join(' · ') : app.text.t('models.unregistered');
  item.tooltip = [model.name, model.path ?? '', model.type ?? ''].filter((line) => line !== '').join('\n');
  item.iconPath = new vscode.ThemeIcon('package');
  item.contextValue = model.registered ? 'model.registered' : 'model.new';
  item.accessibilityInformation = { label: `${model.name}, ${item.description}` };
  return {
    id: item.id,
    session,
    model: model.name,
    item,
    children: () => Promise.resolve(model.versions.map((version) => versionRow(app, session, model, version))),
  };
}

function versionRow(app: App, session: Session, model: Model, version: Version): ModelRow {
  const item = new vscode.TreeItem(version.version);
  const metrics = Object.entries(version.metrics)
    .slice(0, 2)
    .map(([name, value]) => `${name.split(/[:/]/).pop() ?? name} ${app.text.number(value, 4)}`);
  const shown = version.stages.map((stage) => `#${stage}`);
  item.id = `${session.root}:model:${model.name}:${version.version}`;
  item.description = [...shown, ...metrics, version.commit.slice(0, 7), app.text.date(Date.parse(version.date))].join(
    ' · ',
  );
  item.tooltip = [`${model.name}@${version.version}`, version.message, version.author, version.commit].join('\n');
  item.iconPath = new vscode.ThemeIcon(
    version.stages.includes('prod') ? 'rocket' : version.stages.length > 0 ? 'verified' : 'tag',
  );
  item.contextValue = version.active ? 'version.active' : 'version.inactive';
  item.accessibilityInformation = { label: `${model.name} ${version.version}, ${item.description}` };
  return { id: item.id, session, model: model.name, version: version.version, commit: version.commit, item };
}
