/** The manifest keeps the manners of vscode-ux: one container, hidden commands, welcome texts, trust, colours, activation. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { VERBS } from '../../src/engine/verbs/verbs';

const root = resolve(__dirname, '../..');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Manifest {
  readonly main: string;
  readonly icon: string;
  readonly bin: Record<string, string>;
  readonly engines: Record<string, string>;
  readonly extensionKind: string[];
  readonly activationEvents: string[];
  readonly dependencies?: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly capabilities: { untrustedWorkspaces: { supported: string }; virtualWorkspaces: { supported: boolean } };
  readonly contributes: {
    commands: { command: string; title: string; category: string; icon?: string; enablement?: string }[];
    menus: Record<string, { command?: string; submenu?: string; when?: string; group?: string }[]>;
    views: Record<string, { id: string; name: string; icon: string; type?: string }[]>;
    viewsContainers: Record<string, { id: string; icon: string }[]>;
    viewsWelcome: { view: string; contents: string; when: string }[];
    configuration: {
      properties: Record<string, { default: unknown; markdownDescription: string; scope: string; order: number }>;
    };
    colors: { id: string; defaults: Record<string, string> }[];
  };
}
const manifest = JSON.parse(text('package.json')) as Manifest;
const words = JSON.parse(text('package.nls.json')) as Record<string, string>;
const { contributes } = manifest;
const word = (key: string): string => words[key.replaceAll('%', '')] ?? '';

describe('manifest', () => {
  it('V1–V3: one container, four tree views with icons and short names', () => {
    assert.deepEqual(
      Object.values(contributes.viewsContainers)
        .flat()
        .map((one) => one.id),
      ['strata'],
    );
    const views = Object.values(contributes.views).flat();
    assert.deepEqual(
      views.map((view) => view.id),
      ['strata.data', 'strata.pipeline', 'strata.runs', 'strata.models'],
    );
    for (const view of views) {
      assert.equal(view.type, undefined);
      assert.ok(existsSync(join(root, view.icon)), view.icon);
      assert.ok(word(view.name).length > 0 && word(view.name).length <= 20, view.name);
    }
  });

  it('V6, V7: welcome texts for no folder, no project, looking, empty and error, with at most three buttons', () => {
    for (const { id } of Object.values(contributes.views).flat()) {
      const whens = contributes.viewsWelcome.filter((one) => one.view === id.replace('strata.', '') || one.view === id);
      assert.equal(whens.length >= 5, true, id);
    }
    for (const { contents } of contributes.viewsWelcome) {
      assert.ok((word(contents).match(/^\[.*\]\(command:/gm) ?? []).length <= 3, contents);
    }
  });

  it('V9: at most three inline actions a row', () => {
    const inline = (contributes.menus['view/item/context'] ?? []).filter((item) => item.group?.startsWith('inline'));
    const byWhen = new Map<string, number>();
    for (const item of inline) byWhen.set(item.when ?? '', (byWhen.get(item.when ?? '') ?? 0) + 1);
    for (const [when, n] of byWhen) assert.ok(n <= 3, when);
  });

  it('C1, C5: titles are short and in one category; menus name declared commands', () => {
    const declared = new Set(contributes.commands.map((one) => one.command));
    for (const one of contributes.commands) {
      assert.equal(one.category, 'Strata');
      assert.ok(word(one.title).length > 0 && word(one.title).length <= 44, `${one.command}: ${word(one.title)}`);
    }
    for (const item of Object.values(contributes.menus).flat()) {
      if (item.command !== undefined) assert.ok(declared.has(item.command), item.command);
    }
  });

  it('C2: every command has an enablement or is always possible; those for rows are hidden from the palette', () => {
    const free = new Set(['strata.refresh', 'strata.showLog', 'strata.forgetSecrets']);
    for (const one of contributes.commands)
      assert.ok(one.enablement !== undefined || free.has(one.command), one.command);
    const hidden = (contributes.menus.commandPalette ?? [])
      .filter((item) => item.when === 'false')
      .map((item) => item.command);
    assert.deepEqual(hidden.sort(), ['strata.compareWithProd', 'strata.copyRunId']);
  });

  it('commands are registered in code, and code registers declared ones only', () => {
    const dir = join(root, 'src/extension/commands');
    const code = readdirSync(dir)
      .map((file) => readFileSync(join(dir, file), 'utf8'))
      .join('\n');
    const registered = [...code.matchAll(/registerCommand\(app, '([\w.-]+)'/g)].map(
      (match) => `strata.${match[1] ?? ''}`,
    );
    assert.deepEqual(registered.sort(), contributes.commands.map((one) => one.command).sort());
  });

  it('commands that are verbs have the verb’s name', () => {
    const verbs = new Set<string>(VERBS.map((verb) => verb.id));
    const own = [
      'refresh',
      'showLog',
      'forgetSecrets',
      'restoreUndo',
      'cancelAct',
      'reproDownstream',
      'cancelRun',
      'openStage',
      'copyRunId',
      'compareWithProd',
    ];
    for (const { command } of contributes.commands) {
      const id = command.replace(/^strata\./, '');
      assert.ok(verbs.has(id) || own.includes(id), command);
    }
  });

  it('G1: settings have a default, a description, a scope and an order', () => {
    for (const [name, setting] of Object.entries(contributes.configuration.properties)) {
      assert.notEqual(setting.default, undefined, name);
      assert.ok(word(setting.markdownDescription) !== '' && setting.scope !== '' && setting.order > 0, name);
    }
  });

  it('T1–T3: limited without trust, no virtual workspaces, runs where the data is', () => {
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
    assert.equal(manifest.capabilities.virtualWorkspaces.supported, false);
    assert.deepEqual(manifest.extensionKind, ['workspace']);
  });

  it('X5, X7: narrow activation; colours for all four kinds of theme', () => {
    for (const event of manifest.activationEvents)
      assert.match(event, /^(workspaceContains:[^*]+|onWebviewPanel:strata\.\w+|onTaskType:strata)$/);
    for (const { id, defaults } of contributes.colors) {
      assert.deepEqual(Object.keys(defaults).sort(), ['dark', 'highContrast', 'highContrastLight', 'light'], id);
    }
  });

  it('V2: nothing is installed with the extension; types match the engine', () => {
    assert.deepEqual(manifest.dependencies ?? {}, {});
    assert.equal(`^${manifest.devDependencies['@types/vscode'] ?? ''}`, manifest.engines.vscode);
  });

  it('files that it names are there', () => {
    for (const file of [manifest.main, manifest.icon, ...Object.values(manifest.bin)])
      assert.ok(existsSync(join(root, file)), file);
  });
});
