/**
 * Builds everything that runs into `dist/`: the extension, the engine's worker, the supervisor of runs, the command line, and one
 * page a panel. `--production` leaves out source maps, `--watch` keeps going. The metafiles for the bundle tests go to `out/meta`.
 */
const esbuild = require('esbuild');
const fs = require('node:fs');
const path = require('node:path');

const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');
const root = __dirname;

/** Node programs by name; each is one file that loads nothing of ours but what it names itself. */
const NODE = {
  extension: 'src/extension/extension.ts',
  engine: 'src/engine/worker.ts',
  hashWorker: 'src/engine/cache/hashWorker.ts',
  run: 'src/engine/run.ts',
  cli: 'src/cli/launch.ts',
  strata: 'src/cli/cli.ts',
  library: 'src/engine/library.ts',
  remoteS3: 'src/engine/remotes/s3.ts',
  remoteSsh: 'src/engine/remotes/ssh.ts',
  remoteHttp: 'src/engine/remotes/http.ts',
  remoteWebdav: 'src/engine/remotes/webdav.ts',
  pythonParams: 'src/engine/formats/pythonParams.ts',
};

/** Programs that others load beside them when they need them: by the source that is imported, the file that is loaded instead. */
const LAZY = Object.fromEntries(
  Object.entries(NODE)
    .filter(([name]) => name.startsWith('remote') || name === 'pythonParams')
    .map(([name, file]) => [path.join(__dirname, file), `./${name}.js`]),
);

/** Leaves `import()` of a lazy program to the running program. */
const lazyPrograms = {
  name: 'lazy programs',
  setup: (build) =>
    build.onResolve({ filter: /^\./ }, ({ path: wanted, resolveDir, kind }) => {
      const file = LAZY[`${path.join(resolveDir, wanted)}.ts`];
      return kind === 'dynamic-import' && file ? { path: file, external: true } : undefined;
    }),
};

const common = {
  bundle: true,
  absWorkingDir: root,
  minify: production,
  sourcemap: production ? false : 'linked',
  metafile: true,
  logLevel: 'warning',
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"', STRATA_VERSION: JSON.stringify(require('./package.json').version) },
};

function existing(entries) {
  return Object.fromEntries(Object.entries(entries).filter(([, file]) => fs.existsSync(path.join(root, file))));
}

function pages() {
  const dir = path.join(root, 'webview-ui');
  const names = fs.existsSync(dir) ? fs.readdirSync(dir) : [];
  return existing(Object.fromEntries(names.map((name) => [name, `webview-ui/${name}/${name}.ts`])));
}

function builds() {
  const node = Object.entries(existing(NODE)).map(([name, file]) => ({
    ...common,
    name,
    entryPoints: { [name]: file },
    outdir: 'dist',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // The last two are compiled at home, only make SSH quicker, and may be absent.
    external: ['vscode', 'cpu-features', '*/sshcrypto.node'],
    supported: { 'dynamic-import': false },
    plugins: [lazyPrograms],
    banner: name === 'cli' ? { js: '#!/usr/bin/env node' } : {},
  }));
  const entryPoints = pages();
  if (Object.keys(entryPoints).length === 0) return node;
  return [
    ...node,
    {
      ...common,
      name: 'webview',
      entryPoints,
      outdir: 'dist/webview',
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      splitting: true,
      chunkNames: 'shared-[hash]',
      assetNames: '[name]',
      loader: { '.ttf': 'file' },
    },
  ];
}

/** Joins the areas of `l10n/<language>/*.json` to one bundle a language. */
function writeBundles() {
  for (const language of fs.readdirSync(path.join(root, 'l10n'))) {
    const dir = path.join(root, 'l10n', language);
    const bundle = {};
    for (const file of fs.readdirSync(dir).sort())
      Object.assign(bundle, JSON.parse(fs.readFileSync(path.join(dir, file), 'utf8')));
    fs.mkdirSync(path.join(root, 'dist/l10n'), { recursive: true });
    fs.writeFileSync(path.join(root, 'dist/l10n', `${language}.json`), JSON.stringify(bundle));
  }
}

/**
 * Types of the library: the declarations of its source and of all that they name, below `dist/types`. Each file is made from its own text
 * alone, so that types which follow only from other files fail here.
 */
function writeTypes() {
  const ts = require('typescript');
  const out = path.join(root, 'dist/types');
  fs.rmSync(out, { recursive: true, force: true });
  const open = [path.join(root, NODE.library)];
  for (const file of open) {
    const { outputText, diagnostics } = ts.transpileDeclaration(fs.readFileSync(file, 'utf8'), {
      fileName: file,
      reportDiagnostics: true,
      compilerOptions: { target: ts.ScriptTarget.ES2022, strict: true, isolatedDeclarations: true },
    });
    const [wrong] = diagnostics ?? [];
    if (wrong) throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(wrong.messageText, ' ')}`);
    const target = path.join(out, path.relative(path.join(root, 'src'), file)).replace(/\.ts$/, '.d.ts');
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, outputText);
    for (const [, wanted] of outputText.matchAll(/from ['"](\.[^'"]+)['"]/g)) {
      const next = `${path.resolve(path.dirname(file), wanted)}.ts`;
      if (!open.includes(next)) open.push(next);
    }
  }
}

async function main() {
  fs.rmSync(path.join(root, 'dist/webview'), { recursive: true, force: true });
  writeBundles();
  writeTypes();
  fs.mkdirSync(path.join(root, 'out/meta'), { recursive: true });
  await Promise.all(
    builds().map(async ({ name, ...options }) => {
      if (watch) return (await esbuild.context(options)).watch();
      const { metafile } = await esbuild.build(options);
      fs.writeFileSync(path.join(root, 'out/meta', `${name}.json`), JSON.stringify(metafile));
    }),
  );
  const cli = path.join(root, 'dist/cli.js');
  if (fs.existsSync(cli)) fs.chmodSync(cli, 0o755);
}

main().catch((error) => {
  console.error(error.message ?? error);
  process.exitCode = 1;
});
