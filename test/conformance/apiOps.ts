/** Acts of conformance cases that ask DVC's library, not its command line; ours asks the engine. */

import { readFileSync } from 'node:fs';
import { quietCall } from '../../src/base/cancel';
import { digestOf } from '../../src/engine/cache/digest';
import { is } from '../../src/engine/errors';
import { type Value } from '../../src/engine/formats/values';
import { renderYaml } from '../../src/engine/formats/yamlWriter';
import { openRepository } from '../../src/engine/library';
import { type AnswerOf } from '../../src/engine/verbs/verbs';
import { type ApiOp } from './caseFiles';

/** The answer to an `api` act. `data` is what the act brings, `at` gives the absolute path of a file. */
export async function askEngine(op: ApiOp, data: Value | undefined, at: (path: string) => string): Promise<unknown> {
  if (op.name === 'resolve') return askProject(at('.'), 'resolve', op.file);
  if (op.name === 'sections') {
    const answer = await askProject(at('.'), 'templates', op.file);
    return 'sections' in answer ? answer.sections : answer;
  }
  if (op.name === 'dump_yaml' && data !== undefined) return renderYaml(data);
  if (op.name === 'md5_dos2unix') {
    const files = op.files ?? [];
    return Object.fromEntries(files.map((path) => [path, digestOf(readFileSync(at(path)), 'md5-dos2unix')]));
  }
  throw new Error(`The runner does not know the act “api ${op.name}”.`);
}

/** What a verb answers about a file; its error, of which the cases know only that there is one. */
async function askProject<V extends 'resolve' | 'templates'>(
  dir: string,
  verb: V,
  file = 'dvc.yaml',
): Promise<AnswerOf<V> | { error: string }> {
  const project = await openRepository({ dir });
  try {
    return await project.call(verb, { targets: [file] }, quietCall(), '.');
  } catch (error) {
    if (is(error)) return { error: error.code };
    throw error;
  } finally {
    await project.close();
  }
}
