/** Acts of conformance cases that ask DVC's library, not its command line; ours asks the engine's formats. */

import { readFileSync } from 'node:fs';
import { digestOf } from '../../src/engine/cache/digest';
import { type Value } from '../../src/engine/formats/values';
import { renderYaml } from '../../src/engine/formats/yamlWriter';
import { type ApiOp } from './caseFiles';

/** The answer to an `api` act. `data` is what the act brings, `at` gives the absolute path of a file. */
export function askEngine(op: ApiOp, data: Value | undefined, at: (path: string) => string): unknown {
  if (op.name === 'dump_yaml' && data !== undefined) return renderYaml(data);
  if (op.name === 'md5_dos2unix') {
    const files = op.files ?? [];
    return Object.fromEntries(files.map((path) => [path, digestOf(readFileSync(at(path)), 'md5-dos2unix')]));
  }
  throw new Error(`The runner does not know the act “api ${op.name}”.`);
}
