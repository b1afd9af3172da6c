import * as assert from 'node:assert/strict';
import fc from 'fast-check';
import * as path from 'node:path';
import { compareCodePoints, unsafePath } from '../../src/base/paths';
import { is } from '../../src/engine/errors';
import { type DataEntry } from '../../src/engine/formats/dataEntry';
import { canonicalJson } from '../../src/engine/formats/canonicalJson';
import { parseDirObject, renderDirObject } from '../../src/engine/formats/dirObject';
import { configText, parseConfig } from '../../src/engine/formats/dvcConfig';
import { setConfigValue, unsetConfigValue } from '../../src/engine/formats/dvcConfigEdit';
import { parseDvcFile, renderDvcFile, updateDvcFile, type DvcFile } from '../../src/engine/formats/dvcFile';
import {
  parseDvcLock,
  removeLockEntry,
  renderDvcLock,
  setLockEntry,
  type LockEntry,
} from '../../src/engine/formats/dvcLock';
import { addGitIgnore, removeGitIgnore } from '../../src/engine/formats/gitIgnore';
import { parseJson, toJsonText } from '../../src/engine/formats/json';
import { sameValue, type Dict, type Scalar, type Value } from '../../src/engine/formats/values';
import { anyScalar as scalar, anyText as text, anyValue as value, wholeText } from '../support/yamlValues';
import { parseYaml, parseYamlSlowly } from '../../src/engine/formats/yaml';
import { updateYaml } from '../../src/engine/formats/yamlEdit';
import { renderFlow, renderYaml } from '../../src/engine/formats/yamlWriter';
import { parseTag, renderTag, type TagName } from '../../src/engine/registry/tags';
import { judgeHostKey, knownName, parseKnownHosts, renderKnownHost } from '../../src/engine/remotes/sshKnownHosts';
import { SOAK } from './crashpoints';
import { HASH, sameOrder } from './parserFormats';

const RUNS = SOAK ? 5000 : 500;
const BEFORE = Object.getOwnPropertyNames(Object.prototype).sort();

/** Checks a property on many inputs, the same each time; a soak takes others. */
function holds<T>(arbitrary: fc.Arbitrary<T>, check: (input: T) => void, runs = RUNS): void {
  fc.assert(fc.property(arbitrary, check), { numRuns: runs, ...(SOAK ? {} : { seed: 11 }) });
}

const map = fc
  .array(fc.tuple(text, value), { minLength: 1, maxLength: 5 })
  .map((pairs): Dict => new Map<Scalar, Value>(pairs));
const hash = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 });
const shown = (one: unknown): string => toJsonText(one);

describe('what is written is what is read', function () {
  this.timeout(SOAK ? 3_600_000 : 60_000);
  afterEach(() => assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).sort(), BEFORE));

  it('P4 YAML, by both readers, in its order', () =>
    holds(value, (one) => {
      const written = renderYaml(one);
      for (const read of [parseYaml, parseYamlSlowly].map((parse) => parse(written, 'x')))
        assert.ok(sameValue(read, one) && sameOrder(read, one), `${written} is ${shown(read)}, not ${shown(one)}`);
    }));

  it('P4 YAML on one line', () =>
    holds(map, (one) => {
      const written = `{a: [${renderFlow(one)}]}\n`;
      const read = (parseYaml(written, 'x') as Dict).get('a') as readonly Value[];
      assert.ok(read.length === 1 && sameValue(read[0] ?? null, one), written);
    }));

  it('P4 YAML that is changed to something else', () =>
    holds(fc.tuple(map, map, fc.constantFrom('# above\n', '', '\ufeff', '---\n')), ([one, other, head]) => {
      const before = head + renderYaml(one);
      const edited = updateYaml(before, 'x', other);
      assert.ok(sameValue(parseYaml(edited, 'x'), other), `${before} became ${edited}`);
      assert.equal(updateYaml(edited, 'x', other), edited);
    }));

  it('P4 YAML that is changed keeps every comment and every other line', () => {
    const members = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,6}$/), scalar, fc.boolean()), {
      minLength: 1,
      maxLength: 6,
      selector: ([key]) => key,
    });
    const line = ([key, member]: readonly [string, Scalar, boolean], i: number): string =>
      `# before ${i}\n${renderYaml(new Map([[key, member]])).trimEnd()}${typeof member === 'string' && member.includes('\n') ? '' : ` # beside ${i}`}\n`;
    holds(fc.tuple(members, scalar), ([pairs, fresh]) => {
      const usable = pairs.filter(([, member]) => member !== null && !/^.{60}|\n/su.test(shown(member)));
      const blocks = usable.map(line);
      const before = `top:\n${blocks.join('').replace(/^/gm, '  ').trimEnd()}\n# after\n`;
      if (usable.length === 0) return;
      const wanted = new Map(usable.map(([key, member, change]) => [key, change ? fresh : member]));
      const edited = updateYaml(before, 'x', new Map([['top', wanted]]));
      assert.ok(sameValue((parseYaml(edited, 'x') as Dict).get('top') ?? null, wanted), edited);
      usable.forEach(([, , change], i) => {
        assert.ok(edited.includes(`# before ${i}\n`), `before ${i} in ${edited}`);
        if (blocks[i]?.includes('# beside')) assert.ok(edited.includes(`# beside ${i}`), `beside ${i} in ${edited}`);
        if (!change) assert.ok(edited.includes((blocks[i] ?? '').replace(/^/gm, '  ').trimEnd()), edited);
      });
      assert.ok(edited.endsWith('# after\n'), edited);
    });
  });

  it('P4 canonical JSON and answers in JSON', () =>
    holds(value, (one) => {
      const strict = JSON.parse(toJsonText(one)) as unknown;
      assert.equal(
        typeof strict === 'object' && strict !== null,
        typeof one === 'object' && one !== null && !isLone(one),
      );
      try {
        const written = canonicalJson(one);
        assert.ok(sameValue(parseJson(written, 'x'), one), written);
        assert.match(written, /^[ -~]*$/);
      } catch (error) {
        assert.ok(is(error, 'formats.dateInJson'), String(error));
      }
    }));
  const isLone = (one: Value): boolean =>
    typeof one === 'object' && one !== null && ('$date' in one || '$float' in one);

  it('P4 the list of a folder', () => {
    const entry = fc.record({ relpath: text, md5: hash }, { noNullPrototype: true });
    holds(fc.uniqueArray(entry, { selector: (one) => one.relpath, maxLength: 8 }), (entries) => {
      const allowed = entries.filter(
        ({ relpath }) => unsafePath(relpath.replace(/[\u0001-\u001f\u007f]/g, '_')) === undefined,
      );
      const flat = allowed.filter(({ relpath }) => !relpath.includes('/'));
      const sorted = [...flat].sort((a, b) => compareCodePoints(a.relpath, b.relpath));
      const written = Buffer.from(renderDirObject(flat)).toString('latin1');
      assert.deepEqual(parseDirObject(written, 'x.dir'), sorted);
      assert.deepEqual(JSON.parse(written), JSON.parse(JSON.stringify(sorted)), 'sorted as it is written');
    });
  });

  const dataEntry = fc
    .record({
      path: text,
      hash,
      size: fc.nat(),
      nfiles: fc.nat(),
      isexec: fc.boolean(),
      legacy: fc.boolean(),
      extra: text,
    })
    .map(({ path: at, hash: md5, size, nfiles, isexec, legacy, extra }): DataEntry => ({
      path: at,
      hash: md5,
      hashName: legacy ? 'md5-dos2unix' : 'md5',
      ...(legacy ? {} : { hashField: 'md5' }),
      size,
      nfiles,
      ...(isexec ? { isexec } : {}),
      extra: new Map([['version_id', extra]]),
    }));

  it('P4 a .dvc file, and an edit keeps what people wrote beside it', () => {
    const file = fc
      .record({
        outs: fc.array(dataEntry, { minLength: 1, maxLength: 3 }),
        desc: text,
        meta: value,
        wdir: text,
        flags: fc.boolean(),
      })
      .map(({ outs, desc, meta, wdir, flags }): DvcFile => ({
        md5: HASH,
        wdir,
        frozen: flags,
        alwaysChanged: !flags,
        desc,
        meta,
        deps: [],
        outs: outs.map((out) => ({
          ...out,
          cache: flags,
          persist: !flags,
          push: flags,
          remote: desc,
          labels: [desc],
          meta,
          kind: 'out',
        })),
      }));
    holds(fc.tuple(file, fc.nat()), ([one, size]) => {
      const written = renderDvcFile(one);
      assert.deepEqual(parseDvcFile(written, 'x.dvc'), one);
      const outs = one.outs.map((out) => ({ ...out, hash: HASH, size }));
      const noted = `# above\n${written.replace(/^- md5: \w+$/m, '# before\n$&  # beside')}`;
      const edited = updateDvcFile(noted, 'x.dvc', { ...one, outs });
      assert.deepEqual(parseDvcFile(edited, 'x.dvc'), { ...one, outs });
      for (const note of ['# above', '# before', '# beside']) assert.ok(edited.includes(note), edited);
    });
  });

  it('P4 dvc.lock: entries set and removed in any order, the others as they were', () => {
    const entry = fc
      .record({ cmd: fc.oneof(text, fc.array(text, { maxLength: 2 })), data: dataEntry, param: fc.tuple(text, value) })
      .map(({ cmd, data, param }): LockEntry => ({
        cmd,
        deps: [data],
        params: new Map([['params.yaml', new Map([param])]]),
        outs: [{ ...data, path: `${data.path}.out` }],
      }));
    const act = fc.tuple(
      fc.oneof(fc.constantFrom('a', 'b', 'a: b', '1', 'true', "it's", '__proto__'), text),
      fc.option(entry),
    );
    holds(fc.array(act, { minLength: 1, maxLength: 6 }), (acts) => {
      const wanted = new Map<string, LockEntry>();
      let written = renderDvcLock(wanted);
      for (const [name, set] of acts) {
        written = set ? setLockEntry(written, 'dvc.lock', [name, set]) : removeLockEntry(written, 'dvc.lock', name);
        if (set) wanted.set(name, set);
        else wanted.delete(name);
        assert.deepEqual([...parseDvcLock(written, 'dvc.lock').stages].sort(), [...wanted].sort(), written);
      }
    });
  });

  it('P4 a setting, and everything else stays', () => {
    const before = `# above\n[core]\n    analytics = false  # beside\n['remote "a"']\n    url = /x\n`;
    const names = fc.constantFrom('core.remote', 'remote.a.url', 'remote.b c.url', 'cache.dir');
    holds(fc.tuple(wholeText, names), ([given, name]) => {
      // These have no place in a ConfigObj file, or stand for another value.
      const wanted = given.trim();
      if (
        /[\r\n\u0085\u2028\u2029\u000b\u000c\u001c-\u001e\ufeff]|%/.test(given) ||
        (/"/.test(wanted) && /'/.test(wanted))
      )
        return;
      const cut = name.lastIndexOf('.');
      const at = { section: name.slice(0, cut), key: name.slice(cut + 1) };
      const after = setConfigValue(before, 'config', at, wanted);
      const config = parseConfig(after, 'config');
      const read = configText(config, at.section, at.key);
      assert.equal(read, name === 'core.remote' ? wanted.toLowerCase() : wanted, after);
      assert.equal(configText(config, 'core', 'analytics'), 'false');
      assert.ok(after.startsWith('# above\n') && after.includes('false  # beside'), after);
      const back = unsetConfigValue(after, 'config', at);
      assert.ok(name === 'remote.a.url' || back === before, back);
    });
  });

  it('P4 a line of .gitignore, and the others stay', () =>
    holds(fc.tuple(wholeText, fc.array(wholeText, { maxLength: 4 })), ([name, lines]) => {
      if (/[\r\n]/.test(name)) return;
      const before = lines.map((line) => `${line.replaceAll('\n', ' ')}\n`).join('');
      const there = before.split(/\r?\n/);
      const after = addGitIgnore(before, name);
      assert.ok(after.startsWith(before) && addGitIgnore(after, name) === after);
      const back = removeGitIgnore(after, name);
      if (!there.some((line) => line.startsWith('/'))) assert.equal(back, before);
    }));

  it('P4 the key of a computer, hashed or not', () => {
    const key = fc.uint8Array({ minLength: 8, maxLength: 40 }).map((bytes) => {
      const size = Buffer.from([0, 0, 0, 7]);
      return Buffer.concat([size, Buffer.from('ssh-rsa'), bytes]);
    });
    const host = fc.stringMatching(/^[a-z0-9]{1,8}(\.[a-z0-9]{1,5}){0,3}$/);
    holds(
      fc.tuple(host, fc.oneof(fc.constant(22), fc.integer({ min: 1, max: 65535 })), key, fc.boolean()),
      ([name, port, bytes, hidden]) => {
        const line = renderKnownHost(knownName(name, port), bytes, hidden ? Buffer.alloc(20, 7) : undefined);
        const entries = parseKnownHosts(`# note\n${line}`, 'known_hosts');
        assert.equal(judgeHostKey(entries, name, port, bytes).state, 'known', line);
        assert.equal(judgeHostKey(entries, name, port, Buffer.concat([bytes, bytes])).state, 'changed');
      },
    );
  });

  it('P4 the name of a tag', () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9/_-]{0,5}[a-zA-Z0-9])?$/);
    const version = fc.tuple(fc.nat(), fc.nat(), fc.nat()).map((parts) => `v${parts.join('.')}`);
    const tag = fc.oneof<fc.Arbitrary<TagName>[]>(
      fc.record({ model: word, kind: fc.constantFrom('register' as const, 'deregister' as const), version }),
      fc.record({
        model: word,
        kind: fc.constantFrom('assign' as const, 'unassign' as const),
        stage: word,
        counter: fc.nat(),
      }),
      fc.record({ model: word, kind: fc.constant('deprecate' as const) }),
    );
    holds(tag, (one) => assert.deepEqual(parseTag(renderTag(one)), { ...one }));
  });
});

describe('the guard of paths', () => {
  const part = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '',
      '.git',
      '.dvc',
      'a',
      'C:',
      'con',
      '...',
      '.. ',
      ' ..',
      '..\u200b',
      '\ufeff..',
      '.\u200c.',
      '~',
      '..:x',
      'x:y',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  const paths = fc
    .tuple(fc.array(fc.tuple(part, fc.constantFrom('/', '\\')), { maxLength: 6 }), part)
    .map(([parts, last]) => parts.map(([one, slash]) => one + slash).join('') + last);

  it('P4 what it lets pass never leaves the folder, here or on Windows, and is no folder of Git or DVC', () => {
    let passed = 0;
    holds(
      paths,
      (at) => {
        if (unsafePath(at) !== undefined) return;
        passed += 1;
        for (const [system, root] of [
          [path.posix, '/r/project'],
          [path.win32, 'C:\\r\\project'],
        ] as const) {
          const below = system.relative(root, system.resolve(root, at));
          const out = below === '' || below === '..' || below.startsWith(`..${system.sep}`) || system.isAbsolute(below);
          assert.ok(!out, `${JSON.stringify(at)} leads to ${below}`);
          assert.ok(
            below.split(/[/\\]/).every((name) => !/^\.(git|dvc)$/i.test(name)),
            at,
          );
        }
      },
      RUNS * 20,
    );
    assert.ok(passed > RUNS, `only ${passed} passed`);
  });
});
