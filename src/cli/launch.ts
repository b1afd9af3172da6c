/**
 * The first file of the `strata` command: runs `strata.js` beside it. What V8 compiled is kept beside both, by version of Node, so that the
 * next call need not compile half a megabyte of text again. Where nothing can be written there, or what is kept does not fit, it is compiled.
 */

import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vm from 'node:vm';

type Program = (exports: object, require: NodeJS.Require, module: NodeJS.Module, file: string, dir: string) => void;

const file = path.join(__dirname, 'strata.js');
const kept = path.join(__dirname, `strata-${process.version}-${process.arch}.cache`);

/** V8 compares little but the length of the text: what is older than the program is not used. */
function readKept(): Buffer | undefined {
  try {
    return fs.statSync(kept).mtimeMs > fs.statSync(file).mtimeMs ? fs.readFileSync(kept) : undefined;
  } catch {
    return undefined;
  }
}

/** In one step; a folder that cannot be written to is no failure. */
function keep(compiled: Buffer): void {
  const temporary = `${kept}.${process.pid}.tmp`;
  try {
    fs.writeFileSync(temporary, compiled, { flag: 'wx' });
    fs.renameSync(temporary, kept);
  } catch {
    fs.rmSync(temporary, { force: true });
  }
}

const cachedData = readKept();
// The bundle is ASCII: as Latin 1 it is one byte a character in memory, too.
const source = `(function (exports, require, module, __filename, __dirname) {${fs.readFileSync(file, 'latin1')}\n})`;
const script = new vm.Script(source, { filename: file, ...(cachedData ? { cachedData } : {}) });
if (cachedData === undefined || script.cachedDataRejected === true) {
  process.once('exit', () => keep(script.createCachedData()));
}
(script.runInThisContext() as Program)(module.exports as object, require, module, file, __dirname);
