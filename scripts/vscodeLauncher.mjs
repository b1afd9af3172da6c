#!/usr/bin/env node
/**
 * Stands in for desktop VS Code as `vscodeExecutablePath` of @vscode/test-electron's `runTests`, where that one cannot be
 * downloaded or has no screen. It takes the same arguments, starts the VS Code server, opens its workbench in a headless
 * Chromium, lets the test suite run in the real extension host and ends with the suite's exit code.
 *
 * STRATA_WORKSPACE_TRUST=restricted opens the folder in Restricted Mode although `runTests` asks for no trust at all.
 * STRATA_EDITOR_SETTINGS may hold user settings as JSON, STRATA_EDITOR_LOCALE a language.
 */
import { parseArgs } from 'node:util';
import { launchChromium } from './lib/chromium.mjs';
import { start } from './vscodeServer.mjs';

const patienceMs = Number(process.env.STRATA_EDITOR_PATIENCE_MS ?? 8 * 60_000);
const noise = new RegExp(
  [
    'AgentHost|agentHost|Copilot|AccountPolicyGate|mainThreadSecretState|reconnection-grace-time',
    '^(Resolv(ing|ed) connection token|Creating a socket|Updating additional builtin|Ignoring fetching additional)',
    '^No search provider registered|Creation of workbench contribution|Service Worker. registration',
  ].join('|'),
);

function readArguments(args) {
  const text = { type: 'string' };
  const options = {
    extensionDevelopmentPath: text,
    extensionTestsPath: text,
    'user-data-dir': text,
    'extensions-dir': text,
  };
  const { values, positionals } = parseArgs({ args, options, strict: false, allowPositionals: true });
  return { values, folder: positionals[0] };
}

function printConsole(type, args) {
  const line = args.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join(' ');
  if (!noise.test(line)) (type === 'error' ? process.stderr : process.stdout).write(`${line}\n`);
}

/** Opens the page and resolves with the exit code of the suite. */
async function runSuite(browser, url) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  let timer;
  const ended = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The suite did not end within ${patienceMs / 1000} s.`)), patienceMs);
    page.on('crash', () => reject(new Error('The page crashed.')));
    page.exposeFunction('codeAutomationLog', printConsole).catch(reject);
    page.exposeFunction('codeAutomationExit', resolve).catch(reject);
    page.goto(url, { waitUntil: 'domcontentloaded' }).catch(reject);
  });
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}

async function main() {
  const { values, folder } = readArguments(process.argv.slice(2));
  const restricted = process.env.STRATA_WORKSPACE_TRUST === 'restricted';
  const server = await start(folder, {
    extensionDevelopmentPath: values.extensionDevelopmentPath,
    extensionTestsPath: values.extensionTestsPath,
    userDataDir: values['user-data-dir'],
    extensionsDir: values['extensions-dir'],
    gallery: false,
    trust: restricted ? 'restricted' : 'off',
    settings: JSON.parse(process.env.STRATA_EDITOR_SETTINGS ?? '{}'),
    locale: process.env.STRATA_EDITOR_LOCALE,
  });
  const browser = await launchChromium();
  try {
    return await runSuite(browser, server.url);
  } catch (error) {
    console.error(server.log().split('\n').slice(-40).join('\n'));
    throw error;
  } finally {
    await browser.close();
    await server.stop();
  }
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error.stack);
    process.exit(1);
  },
);
