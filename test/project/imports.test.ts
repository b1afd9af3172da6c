/** Who may import whom: the rule of ARCHITECTURE.md, held against every import of the sources. No exceptions are listed here. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Folders of the engine from left to right: a folder imports its own group's left neighbours only. */
const ORDER: readonly (readonly string[])[] = [
  ['errors.ts', 'verbs', 'host'],
  ['formats', 'stats'],
  ['git', 'cache', 'remotes', 'runners', 'metrics'],
  ['data'],
  ['pipeline'],
  ['experiments'],
  ['compare'],
  ['registry'],
  ['delivery'],
  ['sample'],
  ['bindings.ts', 'project.ts', 'library.ts', 'worker.ts', 'run.ts'],
];

/** Where the machine itself may be touched; everything else asks the Host. */
const NODE_PLACES = /^src\/engine\/(host\/node\.ts|worker\.ts|run\.ts|git\/|cache\/|runners\/|remotes\/)/;

/** Each heavy library has one importing folder. */
const ONLY: Readonly<Record<string, RegExp>> = {
  vscode: /^src\/extension\//,
  'simple-git': /^src\/engine\/git\//,
  'chart.js': /^webview-ui\/charts\//,
  '@vscode/webview-ui-toolkit': /^webview-ui\/ui\//,
  '@vscode/codicons': /^webview-ui\/ui\//,
  '@tanstack/virtual-core': /^webview-ui\/table\//,
  'zod/mini': /^(src\/protocol|src\/extension\/panels|webview-ui)\//,
  yaml: /^src\/engine\/formats\//,
  'smol-toml': /^src\/engine\/formats\//,
  '@lezer': /^src\/engine\/formats\//,
  ignore: /^src\/engine\/formats\//,
  papaparse: /^src\/engine\/formats\//,
  '@aws-sdk': /^src\/engine\/remotes\//,
  ssh2: /^src\/engine\/remotes\//,
  'ssh-config': /^src\/engine\/remotes\//,
  'fast-xml-parser': /^src\/engine\/remotes\//,
  '@stdlib': /^src\/engine\/stats\//,
};

function sources(dir: string): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found: Import[] = [];
  const pattern =
    /^(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;
  for (const match of text.matchAll(pattern)) {
    const to = match[2] ?? match[3] ?? '';
    const path = to.startsWith('.') ? relative(root, resolve(root, dirname(file), to)).replaceAll('\\', '/') : to;
    found.push({ from: file, to: path, typeOnly: match[1] !== undefined });
  }
  return found;
}

const ours = (path: string): boolean => /^(src|webview-ui|test|bench|scripts)\//.test(path);
const layer = (path: string): string =>
  /^src\/(\w+)|^(webview-ui|test|bench|scripts)/.exec(path)?.slice(1).find(Boolean) ?? '';
const rank = (path: string): number => {
  const place = /^src\/engine\/([^/]+)/.exec(path)?.[1] ?? '';
  return ORDER.findIndex((group) => group.includes(place) || group.includes(`${place}.ts`));
};
const place = (path: string): string => (/^src\/engine\/([^/]+)/.exec(path)?.[1] ?? '').replace(/\.ts$/, '');

/** Who may import which layers. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  base: ['base'],
  protocol: ['base', 'protocol'],
  engine: ['base', 'engine'],
  cli: ['base', 'engine', 'cli'],
  extension: ['base', 'engine', 'protocol', 'extension'],
  'webview-ui': ['base', 'protocol', 'webview-ui'],
};

/** The rule that an import of a library or of Node breaks. */
function brokenOutside({ from, to }: Import): string | undefined {
  const name = Object.keys(ONLY).find((library) => to === library || to.startsWith(`${library}/`));
  if (name && !ONLY[name]?.test(from)) return `${name} is imported by ${String(ONLY[name])} only`;
  if (!to.startsWith('node:')) return undefined;
  if (['base', 'protocol', 'webview-ui'].includes(layer(from))) return 'base, protocol and pages know no node:';
  if (layer(from) === 'engine' && !NODE_PLACES.test(from)) return 'the engine touches the machine through Host only';
  return undefined;
}

/** The rule that an import inside the engine breaks. */
function brokenInEngine({ from, to }: Import): string | undefined {
  if (place(from) === place(to)) return undefined;
  if (rank(from) < 0 || rank(to) < 0) return 'every folder of the engine has its place in the order';
  if (rank(to) > rank(from)) return `${place(from)} stands left of ${place(to)} and may not import it`;
  const siblings = rank(to) === rank(from) && (ORDER[rank(from)] ?? []).includes('cache');
  const known = place(from) === 'remotes' && place(to) === 'cache';
  return siblings && !known ? `${place(from)} and ${place(to)} do not import each other` : undefined;
}

/** The rule's sentence when an import breaks it. */
function broken(one: Import): string | undefined {
  if (!ours(one.to)) return brokenOutside(one);
  const [from, to] = [layer(one.from), layer(one.to)];
  if (to === 'test') return 'sources never import tests';
  if (ALLOWED[from] && !ALLOWED[from].includes(to)) return `${from} imports only ${ALLOWED[from].join(', ')}`;
  return from === 'engine' && to === 'engine' ? brokenInEngine(one) : undefined;
}

describe('imports', () => {
  const files = [...sources('src'), ...sources('webview-ui')];

  it('are found at all', () => {
    assert.ok(files.length > 100, String(files.length));
    assert.ok(files.flatMap(importsOf).length > 400);
  });

  for (const name of ['base', 'protocol', 'engine', 'cli', 'extension', 'webview-ui']) {
    it(`of ${name} follow the rule`, () => {
      const found = files.filter((file) => layer(file) === name).flatMap(importsOf);
      const wrong = found.flatMap((one) => {
        const rule = broken(one);
        return rule === undefined ? [] : [`${one.from} imports ${one.to}: ${rule}`];
      });
      assert.deepEqual(wrong, []);
    });
  }

  it('have no index files', () => {
    assert.deepEqual(
      files.filter((file) => file.endsWith('/index.ts')),
      [],
    );
  });
});
