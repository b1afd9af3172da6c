/**
 * Opens one page of the webviews in Chromium as VS Code would: bundled by esbuild, under the same content security policy, with the
 * boot data, theme variables and body classes of the editor. Nothing is fetched: every request is answered from the bundle.
 * `themes.json` holds the variables as VS Code 1.139.1 sets them in its four built-in themes (read from `.monaco-workbench`).
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import axe from 'axe-core';
import { build, type OutputFile } from 'esbuild';
import { type Browser, type BrowserContext, type Page } from 'playwright-core';
import { launchChromium } from '../../../scripts/lib/chromium.mjs';
import themes from './themes.json';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const ORIGIN = 'https://strata.test';

/** Our own contributed colours, which the editor adds to the variables. */
const COLOURS = (JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Manifest).contributes.colors;

interface Manifest {
  readonly contributes: { readonly colors: readonly { id: string; defaults: Readonly<Record<string, string>> }[] };
}

/** The four kinds of theme, by the class that VS Code gives the body. */
export type ThemeName = keyof typeof themes;

/** All of them. */
export const THEMES = Object.keys(themes) as ThemeName[];

/** How a page is opened. */
export interface OpenOptions {
  readonly panel: string;
  /** Version of the panel's contract. */
  readonly version: number;
  readonly theme?: ThemeName;
  readonly language?: 'en' | 'es';
  readonly width?: number;
  readonly height?: number;
  /** State sent along by the host. */
  readonly state?: unknown;
  /** Knobs of the panel's stub host. */
  readonly knobs?: Readonly<Record<string, unknown>>;
  /** Methods that fail, with their code. */
  readonly failing?: Readonly<Record<string, string>>;
  /** Further classes of the body, such as `vscode-reduce-motion`. */
  readonly bodyClass?: string;
}

/** An open page. */
export interface OpenPage {
  readonly page: Page;
  /** Violations of the policy, errors and warnings of the console. */
  readonly problems: readonly string[];
  setTheme(theme: ThemeName): Promise<void>;
  close(): Promise<void>;
}

let browser: Promise<Browser> | undefined;
const bundles = new Map<string, Promise<Map<string, OutputFile>>>();

/** Opens a page of a panel. */
export async function openPanel(options: OpenOptions): Promise<OpenPage> {
  const files = await bundle(options.panel);
  const context = await (
    await (browser ??= launchChromium())
  ).newContext({
    viewport: { width: options.width ?? 1000, height: options.height ?? 700 },
  });
  const page = await context.newPage();
  const problems = watchProblems(page);
  await serve(context, files, options);
  await page.addInitScript(startScript(options));
  await page.addInitScript({ content: text(files, 'host.js') });
  await page.goto(`${ORIGIN}/`);
  return {
    page,
    problems,
    setTheme: (theme) => page.evaluate(applyTheme, { variables: variables(theme), body: bodyClass(theme) }),
    close: () => context.close(),
  };
}

/** Ends the browser; each test file calls it in its last hook. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

/** Runs axe on the page and fails on anything serious or critical. */
export async function checkAxe(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const result = await page.evaluate(async () => {
    const { axe: tool } = window as unknown as { axe: typeof axe };
    const values = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];
    return tool.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
  });
  const bad = result.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const lines = bad.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n  ${node.target.join(' ')}\n  ${node.html}\n  ${node.failureSummary ?? ''}`),
  );
  assert.deepEqual(lines, []);
}

/** Saves a picture to look at, into `out/pages`. A busy browser may have no frame to show just then; it is asked twice more. */
export async function shoot(page: Page, name: string): Promise<void> {
  const file = path.join(ROOT, 'out/pages', `${name}.png`);
  await mkdir(path.dirname(file), { recursive: true });
  for (let tries = 3; ; tries -= 1) {
    try {
      await page.screenshot({ path: file });
      return;
    } catch (error) {
      if (tries <= 1 || !String(error).includes('Unable to capture screenshot')) throw error;
    }
  }
}

/** Arguments of the last call of a method, once there is one. */
export async function lastArgs(page: Page, method: string): Promise<unknown> {
  await page.waitForFunction((name) => window.stubHost.calls.some((call) => call.method === name), method);
  return page.evaluate((name) => window.stubHost.calls.filter((call) => call.method === name).at(-1)?.args, method);
}

/** True when the page itself does not scroll sideways. */
export async function fitsWidth(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
}

function bundle(panel: string): Promise<Map<string, OutputFile>> {
  let made = bundles.get(panel);
  if (!made) bundles.set(panel, (made = buildBundle(panel)));
  return made;
}

async function buildBundle(panel: string): Promise<Map<string, OutputFile>> {
  const common = { bundle: true, write: false, absWorkingDir: ROOT, outdir: 'out/pages', logLevel: 'error' } as const;
  const entry = panel === 'kit' ? 'test/browser/pages/kit.ts' : `webview-ui/${panel}/${panel}.ts`;
  const own = await build({
    ...common,
    entryPoints: { [panel]: entry },
    format: 'esm',
    splitting: true,
    assetNames: '[name]',
    loader: { '.ttf': 'file' },
  });
  const host = await build({
    ...common,
    entryPoints: { host: `test/browser/pages/${panel}Host.ts` },
    format: 'iife',
  });
  return new Map([...own.outputFiles, ...host.outputFiles].map((file) => [path.basename(file.path), file]));
}

function text(files: ReadonlyMap<string, OutputFile>, name: string): string {
  return files.get(name)?.text ?? '';
}

/** The toolkit tries an empty style element to see whether `:focus-visible` works; the policy blocks it, and nothing is lost. */
const TOOLKIT_PROBE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

function watchProblems(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    const bad = message.type() === 'error' || message.type() === 'warning';
    if (bad && !message.text().includes(TOOLKIT_PROBE)) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  return problems;
}

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf' };

async function serve(
  context: BrowserContext,
  files: ReadonlyMap<string, OutputFile>,
  options: OpenOptions,
): Promise<void> {
  await context.route('**/*', (route) => {
    const url = new URL(route.request().url());
    if (url.origin !== ORIGIN) return route.abort();
    if (url.pathname === '/') return route.fulfill({ contentType: 'text/html', body: html(options) });
    const file = files.get(path.basename(url.pathname));
    if (!file) return route.fulfill({ status: 404 });
    const contentType = TYPES[path.extname(url.pathname)] ?? 'application/octet-stream';
    return route.fulfill({ contentType, body: Buffer.from(file.contents) });
  });
}

/** The policy that every panel has. */
function policy(nonce: string): string {
  return [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${ORIGIN}`,
    `img-src ${ORIGIN} data:`,
    `font-src ${ORIGIN}`,
    `connect-src 'none'`,
    `frame-src 'none'`,
    `form-action 'none'`,
    `base-uri 'none'`,
  ].join('; ');
}

function html(options: OpenOptions): string {
  const { panel, version, language = 'en', state = null } = options;
  const boot = JSON.stringify({ panel, version, language, project: '/project', bundle: readBundle(language), state });
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy('test')}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${panel}</title>
<link rel="stylesheet" href="${ORIGIN}/${panel}.css">
</head>
<body>
<p id="boot-error" hidden>Reload the window.</p>
<script type="application/json" id="boot">${boot.replaceAll('<', '\\u003c')}</script>
<script type="module" nonce="test" src="${ORIGIN}/${panel}.js"></script>
</body>
</html>`;
}

function readBundle(language: string): Record<string, unknown> {
  const read = (name: string): Record<string, unknown> => {
    const dir = path.join(ROOT, 'l10n', name);
    const parts = readdirSync(dir).map((file) => JSON.parse(readFileSync(path.join(dir, file), 'utf8')) as object);
    return Object.assign({}, ...parts) as Record<string, unknown>;
  };
  return { ...read('en'), ...read(language) };
}

function variables(theme: ThemeName): Record<string, string> {
  const kinds = {
    'vscode-dark': 'dark',
    'vscode-light': 'light',
    'vscode-high-contrast': 'highContrast',
    'vscode-high-contrast-light': 'highContrastLight',
  };
  const own = COLOURS.map(({ id, defaults }) => [`--vscode-${id.replace('.', '-')}`, defaults[kinds[theme]] ?? '']);
  return { ...themes[theme], ...(Object.fromEntries(own) as Record<string, string>) };
}

function bodyClass(theme: ThemeName, more = ''): string {
  // VS Code gives the light high-contrast theme both classes.
  const both = theme === 'vscode-high-contrast-light' ? 'vscode-high-contrast' : '';
  return `${theme} ${both} ${more}`.trim();
}

function startScript(options: OpenOptions): string {
  const theme = options.theme ?? 'vscode-dark';
  const data = JSON.stringify({ variables: variables(theme), body: bodyClass(theme, options.bodyClass) });
  const store = (key: string, value: unknown): string =>
    value === undefined ? '' : `sessionStorage.setItem('${key}', ${JSON.stringify(JSON.stringify(value))});`;
  return `
    ${store('knobs', options.knobs)}${store('failing', options.failing)}
    new MutationObserver((_, observer) => {
      if (!document.body) return;
      observer.disconnect();
      (${applyTheme.toString()})(${data});
    }).observe(document, { childList: true, subtree: true });`;
}

/** Runs in the page: what VS Code does to a webview when a theme is set. Plain code, since it is sent as text. */
function applyTheme(theme: { variables: Record<string, string>; body: string }): void {
  document.documentElement.removeAttribute('style');
  for (const name in theme.variables) document.documentElement.style.setProperty(name, theme.variables[name] ?? '');
  document.body.className = theme.body;
  document.body.dataset['vscodeThemeId'] = theme.body;
  if (document.adoptedStyleSheets.some((sheet) => sheet.media.mediaText === 'screen')) return;
  const sheet = new CSSStyleSheet({ media: 'screen' });
  sheet.replaceSync(`@layer vscode-default {
    body { background-color: transparent; color: var(--vscode-editor-foreground); margin: 0; padding: 0 20px;
      font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); }
  }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
