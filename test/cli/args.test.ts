import assert from 'node:assert/strict';
import { parseArgs, usageLine, UsageError } from '../../src/cli/args';
import { VERBS } from '../../src/engine/verbs/verbs';

/** What a command line means: the verb with what is set, or the code of its wrong use. */
function meaning(line: readonly string[]): unknown {
  try {
    const { verb, args, ...globals } = parseArgs(line);
    const set = Object.fromEntries(
      Object.entries(globals).filter(([name, value]) => name !== 'spec' && value !== false && value !== undefined),
    );
    const { targets, ...options } = args;
    return { ...(verb ? { verb } : {}), ...(targets.length > 0 ? { targets } : {}), ...options, ...set };
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return { wrong: error.code, ...error.data };
  }
}

const CASES: readonly (readonly [string, unknown])[] = [
  ['', {}],
  ['--version', { version: true }],
  ['-h', { help: true }],
  ['help', { help: true }],
  ['help add', { verb: 'add', help: true }],
  ['add --help', { verb: 'add', help: true }],
  ['status', { verb: 'status' }],
  ['data status', { verb: 'data.status' }],
  ['status --data', { verb: 'data.status' }],
  ['params', { verb: 'params' }],
  ['params show', { verb: 'params' }],
  ['params diff', { verb: 'params.diff' }],
  ['diff --content HEAD workspace a.csv', { verb: 'diff.content', targets: ['HEAD', 'workspace', 'a.csv'] }],
  ['data status --untracked-files', { verb: 'data.status', untrackedFiles: 'all' }],
  ['data status --untracked-files --granular', { verb: 'data.status', untrackedFiles: 'all', granular: true }],
  ['data status --untracked-files no', { verb: 'data.status', untrackedFiles: 'no' }],
  ['data status --untracked-files=all', { verb: 'data.status', untrackedFiles: 'all' }],
  [
    'data status --untracked-files f.dvc',
    { wrong: 'notChoice', option: '--untracked-files', value: 'f.dvc', choices: 'all, no' },
  ],
  ['add a b', { verb: 'add', targets: ['a', 'b'] }],
  ['add -- -x --force', { verb: 'add', targets: ['-x', '--force'] }],
  ['add a --no-commit --file x.dvc', { verb: 'add', targets: ['a'], noCommit: true, file: 'x.dvc' }],
  ['add a --file=x.dvc', { verb: 'add', targets: ['a'], file: 'x.dvc' }],
  ['add a --file=--force', { verb: 'add', targets: ['a'], file: '--force' }],
  ['-C sub --json -q add a', { verb: 'add', targets: ['a'], cwd: 'sub', json: true, quiet: true }],
  ['-C a -C b status', { verb: 'status', cwd: 'a/b' }],
  ['-C a -C /b status', { verb: 'status', cwd: '/b' }],
  ['--cwd=a status', { verb: 'status', cwd: 'a' }],
  ['--cd a status', { verb: 'status', cwd: 'a' }],
  ['push -j4 -r main', { verb: 'push', jobs: 4, remote: 'main' }],
  ['push -j 4', { verb: 'push', jobs: 4 }],
  ['checkout -fR', { verb: 'checkout', force: true, recursive: true }],
  ['checkout -fq', { verb: 'checkout', force: true, quiet: true }],
  ['checkout -qf', { verb: 'checkout', force: true, quiet: true }],
  ['compare A B --margin -0.5', { verb: 'compare', targets: ['A', 'B'], margin: -0.5 }],
  ['bogus', { wrong: 'unknownVerb', verb: 'bogus' }],
  ['__proto__', { wrong: 'unknownVerb', verb: '__proto__' }],
  ['constructor', { wrong: 'unknownVerb', verb: 'constructor' }],
  ['staus', { wrong: 'unknownVerbNear', verb: 'staus', near: 'status' }],
  ['registry sho', { wrong: 'unknownVerbNear', verb: 'registry sho', near: 'registry show' }],
  ['data', { wrong: 'halfVerb', verb: 'data', forms: 'data status' }],
  ['--jsn status', { wrong: 'unknownOption', option: '--jsn' }],
  ['status --jsn', { wrong: 'unknownOption', option: '--jsn' }],
  ['status --constructor', { wrong: 'unknownOption', option: '--constructor' }],
  ['status -Z', { wrong: 'unknownOption', option: '-Z' }],
  ['-C', { wrong: 'missingValue', option: '-C' }],
  ['add a --file', { wrong: 'missingValue', option: '--file' }],
  ['add a --file --force', { wrong: 'missingValue', option: '--file' }],
  ['add a --force=yes', { wrong: 'noValue', option: '--force' }],
  ['push -j x', { wrong: 'notNumber', option: '-j', value: 'x' }],
  ['push --jobs=', { wrong: 'notNumber', option: '--jobs', value: '' }],
  ['push -jInfinity', { wrong: 'notNumber', option: '-j', value: 'Infinity' }],
  ['add', { wrong: 'missingTarget', target: 'PATH' }],
  ['why a b', { wrong: 'extraTarget', target: 'b' }],
];

describe('the words of the command line', () => {
  for (const [line, expected] of CASES) {
    it(`strata ${line}`, () => assert.deepEqual(meaning(line.split(' ').filter(Boolean)), expected));
  }

  it('keep empty words, blanks and line breaks in names', () => {
    assert.deepEqual(meaning(['add', '', ' ', 'a\nb']), { verb: 'add', targets: ['', ' ', 'a\nb'] });
  });

  it('reach every verb of the table that has some, and show how each is used', () => {
    for (const spec of VERBS) {
      for (const form of spec.words) {
        const bare = parseArgs([...form, '--help']);
        assert.equal(bare.verb, spec.id, form.join(' '));
      }
      if (spec.words.length > 0) assert.ok(usageLine(spec).startsWith(`strata ${spec.words[0]?.join(' ') ?? ''}`));
    }
  });

  it('have one meaning for each letter of a verb', () => {
    for (const spec of VERBS) {
      const letters = Object.values(spec.options).flatMap((option) => option.short ?? []);
      assert.equal(new Set(letters).size, letters.length, spec.id);
      assert.deepEqual(
        letters.filter((letter) => 'qvhC'.includes(letter)),
        [],
        spec.id,
      );
    }
  });
});
