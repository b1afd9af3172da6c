/**
 * Every format that the engine reads, each with whole files as tools and people write them, and with what reading it means here: the file is read
 * by the function that the engine calls, then changed and written where the engine does that too, and what was written has to read back.
 */

import * as assert from 'node:assert/strict';
import { parseCompareConfig } from '../../src/engine/compare/compareConfig';
import { csvRows, delimiterOf } from '../../src/engine/data/diff/csv';
import { loadYaml, type YamlPlace } from '../../src/engine/data/templating/resolveYaml';
import { is } from '../../src/engine/errors';
import { parseCsv } from '../../src/engine/formats/csv';
import { parseDirObject, renderDirObject } from '../../src/engine/formats/dirObject';
import { configBool, configList, configPath, configText, parseConfig } from '../../src/engine/formats/dvcConfig';
import { removeConfigSection, setConfigValue, unsetConfigValue } from '../../src/engine/formats/dvcConfigEdit';
import { parseDvcFile, renderDvcFile, updateDvcFile } from '../../src/engine/formats/dvcFile';
import { createDvcIgnore } from '../../src/engine/formats/dvcIgnore';
import {
  lockEntryValue,
  parseDvcLock,
  removeLockEntry,
  renderDvcLock,
  setLockEntry,
} from '../../src/engine/formats/dvcLock';
import { readDvcYaml } from '../../src/engine/formats/dvcYaml';
import { parseFast } from '../../src/engine/formats/fastYaml';
import { addGitIgnore, removeGitIgnore } from '../../src/engine/formats/gitIgnore';
import { lookupParam, parseParams, selectParams } from '../../src/engine/formats/params';
import { isDict, isList, sameValue, type Scalar, type Value } from '../../src/engine/formats/values';
import { locate, parseYaml, parseYamlSlowly } from '../../src/engine/formats/yaml';
import { updateYaml } from '../../src/engine/formats/yamlEdit';
import { memoryHost } from '../../src/engine/host/memory';
import { metricFile, readWhole } from '../../src/engine/metrics/metrics';
import { parseGates } from '../../src/engine/registry/gates';
import { parseListing } from '../../src/engine/remotes/davXml';
import { parseAwsConfig, profileIn } from '../../src/engine/remotes/s3Profile';
import { readSshSettings } from '../../src/engine/remotes/sshConfigFiles';
import { judgeHostKey, parseKnownHosts } from '../../src/engine/remotes/sshKnownHosts';

/** How a format is read, and files of it. Reading and all else fail with an error of our own or not at all. */
export interface Format {
  readonly read: (text: string) => unknown;
  /** What else is done with such a file: it is read in another way, changed, written. `random` decides about what is changed. */
  readonly more?: (text: string, random: () => number) => unknown;
  readonly samples: readonly string[];
}

/** A hash that every sample may use. */
export const HASH = '9dd4e461268c8034f5c8564e155c67a6';

/** What the quick reader of YAML reads, the whole grammar has to read equally, keys in the same order. */
function bothAgree(text: string): Value {
  const fast = parseFast(text);
  if (!fast) return parseYamlSlowly(text, 'x.yaml');
  let slow: Value | undefined;
  allowed(() => (slow = parseYamlSlowly(text, 'x.yaml')));
  assert.ok(slow !== undefined && sameValue(fast.value, slow) && sameOrder(fast.value, slow), 'the two readers differ');
  return slow;
}

/** Whether the maps of two equal values hold their keys in the same order. */
export function sameOrder(a: Value, b: Value): boolean {
  if (isList(a)) return isList(b) && a.every((item, i) => sameOrder(item, b[i] as Value));
  if (!isDict(a) || !isDict(b)) return true;
  const [left, right] = [[...a], [...b]];
  return left.every(
    ([key, value], i) => sameValue(key, right[i]?.[0] ?? null) && sameOrder(value, right[i]?.[1] as Value),
  );
}

const NEW: readonly Value[] = ['', 'x: y', '# z', ' a', "it's", 'a\nb', 1, 1.5, true, null, [], new Map(), ['x', null]];

/** A value with one thing in it changed: a member replaced, added or taken away. */
function changed(value: Value, random: () => number): Value {
  const below = (n: number): number => Math.floor(random() * n);
  const other = (): Value => NEW[below(NEW.length)] as Value;
  if (isList(value)) {
    const list = [...value];
    const [at, act] = [below(list.length), below(4)];
    if (list.length === 0 || act === 0) return [...list, other()];
    if (act === 1) return list.filter((_, i) => i !== at);
    return list.with(at, changed(list[at] as Value, random));
  }
  if (!isDict(value)) return other();
  const map = new Map<Scalar, Value>(value);
  const key = [...map.keys()][below(map.size)];
  const act = below(4);
  if (key === undefined || act === 0) return map.set(`new ${below(3)}`, other());
  if (act === 1) map.delete(key);
  else map.set(key, changed(map.get(key) ?? null, random));
  return map;
}

/** An edit of a file reads back as what was wanted. */
function editYaml(text: string, random: () => number): void {
  const wanted = changed(parseYaml(text, 'x.yaml'), random);
  const edited = updateYaml(text, 'x.yaml', wanted);
  assert.ok(sameValue(parseYaml(edited, 'x.yaml'), wanted), `edited to ${JSON.stringify(edited)}`);
}

/** The places of a message are those of the text. */
function placesOf(text: string): void {
  const place = locate(text, ['stages', 'a', 'deps', 0], true);
  assert.ok(!place || place.line <= text.split('\n').length, JSON.stringify(place));
}

function editLock(text: string): void {
  const lock = parseDvcLock(text, 'dvc.lock');
  const [name] = lock.stages.keys();
  const entry = lock.stages.get(name ?? '');
  assert.ok(
    !entry ||
      sameValue(
        lockEntryValue(parseDvcLock(renderDvcLock(lock.stages), 'dvc.lock').stages.get(name ?? '') as typeof entry),
        lockEntryValue(entry),
      ),
  );
  const fresh = { cmd: 'new', deps: [], params: new Map<string, Map<string, Value>>(), outs: [] };
  for (const stage of [name ?? 'b', 'new: one']) {
    const after = parseDvcLock(setLockEntry(text, 'dvc.lock', [stage, fresh]), 'dvc.lock').stages;
    assert.deepEqual(after.get(stage), fresh, 'the entry that was set');
    for (const [other, kept] of lock.stages)
      if (other !== stage) assert.deepEqual(after.get(other), kept, `${other} was to stay`);
  }
  if (name === undefined) return;
  const rest = parseDvcLock(removeLockEntry(text, 'dvc.lock', name), 'dvc.lock').stages;
  assert.deepEqual(
    [...rest.keys()],
    [...lock.stages.keys()].filter((one) => one !== name),
  );
}

function readConfig(text: string): unknown {
  const config = parseConfig(text, 'config');
  for (const [section, keys] of config)
    for (const key of keys.keys()) {
      allowed(() => configText(config, section, key));
      allowed(() => configPath(config, section, key));
      allowed(() => configBool(config, section, key, false));
      configList(config, section, key);
    }
  return config;
}

function editConfig(text: string): void {
  const config = parseConfig(text, 'config');
  const at = { section: 'core', key: 'remote' };
  const set = setConfigValue(text, 'config', at, 'x # y');
  assert.equal(configText(parseConfig(set, 'config'), 'core', 'remote'), 'x # y');
  const unset = parseConfig(unsetConfigValue(set, 'config', at), 'config');
  assert.equal(configText(unset, 'core', 'remote'), undefined);
  for (const [section, keys] of config)
    for (const [key, { value }] of keys)
      if (section !== 'core') assert.deepEqual(unset.get(section)?.get(key)?.value, value);
  parseConfig(removeConfigSection(text, 'config', 'core'), 'config');
}

/** Errors of our own are answers, too. */
function allowed(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!is(error)) throw error;
  }
}

const PATHS = ['x', 'a/b.csv', 'a/b/c/d', 'data/tmp/x y', '[z]', 'caf\u00e9', `${'a'.repeat(200)}b`];

function readIgnore(text: string): unknown {
  const rules = createDvcIgnore([
    { dir: '.', text },
    { dir: 'a', text },
  ]);
  return PATHS.map((at) => [rules.ignored(at, false), rules.ignored(at, true), rules.match(at, false)]);
}

async function readParams(text: string, path: string): Promise<unknown> {
  const data = await parseParams(text, path);
  for (const key of ['a', 'net.depth', 'lst.0', 'lst.-1', '__proto__.x', 'constructor', '*', 'a.*', '[a-'])
    allowed(() => lookupParam(data, key));
  return selectParams(data, []);
}

function readMetrics(text: string, path: string): unknown {
  const file = metricFile(path);
  assert.ok(file);
  return readWhole(new TextEncoder().encode(text), file);
}

function readTable(text: string, path: string): unknown {
  for (const delimiter of [',', '\t', ';'] as const) {
    for (const row of csvRows(text, delimiter)) assert.ok(row.every((cell) => typeof cell === 'string'));
    allowed(() => parseCsv(text, path, delimiter));
  }
  delimiterOf(path, text);
  const { columns, rows } = parseCsv(text, path);
  return rows.map((row) => assert.ok(row.length >= columns.length));
}

const URL_OF = new URL('http://server/dav/folder/');
const KEY = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIGBAHmS2v6h2X3sLrTDDRLEFB8yKTDdJ8fVvDBxXxrUf', 'base64');
const settings = async (text: string): Promise<unknown> => {
  const host = memoryHost({ '/home/.ssh/config': text, '/home/.ssh/more': 'User other\n' });
  return readSshSettings({ ...host, env: { HOME: '/home' } }, 'server.example.com', undefined);
};

function readGitIgnore(text: string): unknown {
  for (const name of ['data.csv', 'a b', '#x', 'br[1]', 'x ']) {
    const added = addGitIgnore(text, name);
    assert.ok(added.startsWith(text) && addGitIgnore(added, name) === added);
    assert.ok(!removeGitIgnore(added, name).split(/\r?\n/).includes(`/${name}`));
  }
  return text;
}

const PARAMS = 'lr: 0.1\nnet: {depth: 3}\nlst: [1, 2]\n';
const PLACE: YamlPlace = {
  root: '/project',
  readText: (at) => Promise.resolve(at.endsWith('params.yaml') ? PARAMS : undefined),
  style: {},
};

/** Formats by the name of a file of that kind. */
export const FORMATS: Readonly<Record<string, Format>> = {
  'x.dvc': {
    read: (text) => parseDvcFile(text, 'x.dvc'),
    more: (text, random) => {
      bothAgree(text);
      const file = parseDvcFile(text, 'x.dvc');
      const [fresh, edited] = [renderDvcFile(file), updateDvcFile(text, 'x.dvc', file)];
      assert.deepEqual(parseDvcFile(fresh, 'x.dvc'), parseDvcFile(edited, 'x.dvc'));
      editYaml(text, random);
    },
    samples: [
      `outs:\n- md5: ${HASH}\n  size: 4\n  hash: md5\n  path: data.csv\n`,
      `# kept\nmd5: ${HASH}\nfrozen: true\ndeps:\n- path: models/m.bin\n  repo:\n    url: https://example.com/r.git\n    rev: v1.0\n    rev_lock: ${HASH}01234567\nouts:\n- md5: ${HASH}.dir\n  size: 1024\n  nfiles: 3\n  hash: md5\n  path: m.bin\n  isexec: true\n  desc: 'a: b'\n  labels: [x, "y"]\n  meta: {k: [1, 2.0, null, 2020-01-01]}\n  cache: false\n`,
      `wdir: ..\nouts:\n- {md5: ${HASH}, path: "caf\\u00e9.txt", push: false, remote: r}\nmeta: |\n  some\n  text\n`,
    ],
  },
  'dvc.yaml': {
    read: (text) => loadYaml(text, 'dvc.yaml', PLACE),
    more: (text, random) => {
      bothAgree(text);
      placesOf(text);
      readDvcYaml(text, 'dvc.yaml');
      editYaml(text, random);
    },
    samples: [
      `stages:\n  prepare:\n    cmd: python prepare.py --seed 1 --out "data/a b"\n    deps: [raw.csv, prepare.py]\n    params:\n    - seed\n    - other.json:\n      - a.b\n    outs:\n    - data/a b:\n        cache: false\n        desc: >-\n          folded\n          text\n  train:  # the long one\n    cmd:\n    - python train.py\n    - echo done\n    wdir: models\n    frozen: true\n    metrics:\n    - m.json: {cache: false}\n    plots:\n    - p.csv:\n        x: step\n        y: loss\nplots:\n- roc.csv:\n    x: fpr\n    y: {roc.csv: [tpr]}\nartifacts:\n  m:\n    path: models/m.bin\n    type: model\n    labels: [a]\n`,
      `vars:\n- params.yaml\n- {a: &x {b: 1}, c: *x}\nstages:\n  each:\n    foreach: [1, 2]\n    do:\n      cmd: echo \${item}\n  m:\n    matrix:\n      k: [a, b]\n    cmd: echo \${item.k}\n`,
      'metrics:\n- m.json\nparams: [p.yaml]\nstages: {}\n',
    ],
  },
  'dvc.lock': {
    read: (text) => parseDvcLock(text, 'dvc.lock'),
    more: (text) => {
      bothAgree(text);
      editLock(text);
    },
    samples: [
      `schema: '2.0'\nstages:\n  a:\n    cmd: python a.py --alpha 0.5 --beta 0.25 --gamma 0.125 --delta 0.0625 \n      --epsilon 0.03125\n    deps:\n    - path: x\n      hash: md5\n      md5: ${HASH}\n      size: 1\n    params:\n      params.yaml:\n        lr: 0.1\n        l: []\n        n:\n    outs:\n    - path: out\n      hash: md5\n      md5: ${HASH}.dir\n      size: 10\n      nfiles: 2\n  b:\n    cmd:\n    - 'it''s'\n    - two\n`,
      `schema: '2.0'\nstages:\n  'a: b': {cmd: x, outs: [{path: p, md5: ${HASH}}]}\n  c:\n    cmd: |\n      one\n      two\n`,
      "schema: '2.0'\n",
    ],
  },
  'x.dir': {
    read: (text) => parseDirObject(text, 'x.dir'),
    more: (text) => {
      const entries = parseDirObject(text, 'x.dir');
      assert.deepEqual(parseDirObject(Buffer.from(renderDirObject(entries)).toString(), 'x.dir'), entries);
    },
    samples: [
      `[{"md5": "${HASH}", "relpath": "a/b.txt"}, {"md5": "${HASH}", "relpath": "caf\\u00e9"}]`,
      `[{"relpath": "x", "md5": "${HASH}", "size": 3, "isexec": false}]`,
      '[]',
    ],
  },
  config: {
    read: readConfig,
    more: editConfig,
    samples: [
      `[core]\n    remote = storage\n    autostage = true\n['remote "storage"']\n    url = s3://bucket/path\n    # a note\n    endpointurl = "http://h:9000"\n`,
      `[cache]\n    type = "reflink,hardlink"\n    dir = '../my cache'\n['remote "old"']\nurl=/srv/x ; no comment\n`,
      `[core]\n\tanalytics = false\n\n['remote "a b"']\n    url = '''one\ntwo'''\n    user = %(url)s x\n`,
    ],
  },
  '.dvcignore': {
    read: readIgnore,
    samples: [
      '# note\n*.csv\n!keep.csv\n/build/\ndata/**/tmp\n',
      'a[b-d]?\n\\#x\nlogs/\n**/cache/*\n *.x \n',
      '[!a-z]*\n!\n/\n*\n',
    ],
  },
  '.gitignore': { read: readGitIgnore, samples: ['/data.csv\n/a\\ b\n', '*.tmp\r\n/x\r\n', '/\\#x\n/br\\[1\\]'] },
  'params.yaml': {
    read: (text) => readParams(text, 'params.yaml'),
    more: (text, random) => {
      bothAgree(text);
      editYaml(text, random);
    },
    samples: [
      'lr: 0.1\nnet:\n  depth: 017\n  act: relu\nlst:\n- 1\n- {a: 2}\n- [x, ~]\nbig: 123456789012345678901234567890\n',
      'a: &x {p: 1, q: 2.0}\nb:\n  <<: *x\n  q: 1e3\nd: 2020-01-01\nt: !!str 1\n? long\n: value\n',
      "---\na: >-\n  folded\n  text\n\nb: |+\n  kept\n\nc: \"x\\\n  y\"\nd: 'it''s'\n",
    ],
  },
  'params.json': {
    read: (text) => readParams(text, 'params.json'),
    samples: [
      '{"a": 1, "net": {"depth": [1, 2.5, 1e3, null, true]}}',
      '[1, "x\\u00e9\\n", NaN, -Infinity]',
      '{"__proto__": {"a": 1}}',
    ],
  },
  'params.toml': {
    read: (text) => readParams(text, 'params.toml'),
    samples: [
      'lr = 0.1\n[net]\ndepth = 3\nlst = [1, 2.0, "x"]\n',
      "d = 1979-05-27T07:32:00Z\nb = 0xff\n[[t]]\na = 'x'\n[[t]]\n",
      's = """\nmany\nlines"""\na.b.c = true\n',
    ],
  },
  'params.py': {
    read: (text) => readParams(text, 'params.py'),
    samples: [
      'LR = 0.1\nNAMES = ["a", \'b\', (1, 2)]\nD = {"k": None, 1: True}\n',
      'class Net:\n    depth = 3\n\n    def __init__(self):\n        self.x: int = -1\n',
      'A = 1 + 2\nimport os\nB = f"{A}"\nS = {1, 2}\n',
    ],
  },
  'loss.csv': {
    read: (text) => readMetrics(text, 'loss.csv'),
    samples: ['step,loss,acc\n0,0.5,0.1\n1,0.25,NaN\n2,inf,\n', 'epoch;val loss\r\n1;"0,5"\r\n', 'a,"b\nc"\n1,2\n'],
  },
  'plots/metrics/train/loss.tsv': {
    read: (text) => readMetrics(text, 'plots/metrics/train/loss.tsv'),
    samples: ['timestamp\tstep\tloss\n1700000000\t0\t0.5\n1700000001\t1\t0.25\n', 'step\tloss\n0\t1\n', 'loss\n1\n2\n'],
  },
  'table.csv': {
    read: (text) => readTable(text, 'table.csv'),
    samples: ['a,b\n1,2\n3,"x,\ny"\n', '\ufeffa;b\r\n1;2\r\n', 'x\ty\n"q""q"\t\n'],
  },
  'an answer of WebDAV': {
    read: (text) => parseListing(text, URL_OF),
    samples: [
      '<?xml version="1.0"?><D:multistatus xmlns:D="DAV:"><D:response><D:href>/dav/folder/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response><D:response><D:href>/dav/folder/a%20b&amp;c</D:href><D:propstat><D:prop><D:getcontentlength>12</D:getcontentlength><D:resourcetype/></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>',
      '<multistatus><response><href>http://server/dav/folder/x</href><propstat><prop><getcontentlength><![CDATA[5]]></getcontentlength></prop><status>HTTP/1.1 200</status></propstat></response><!-- note --></multistatus>',
    ],
  },
  'ssh config': {
    read: settings,
    samples: [
      'Host server.example.com *.org !x\n  HostName 10.0.0.1\n  Port 2222\n  IdentityFile ~/.ssh/id "b c"\nInclude more\nHost *\n  User me\n',
      'Match host server.example.com exec "touch ran"\n  User=you\n# note\nHost serv?r.*\n\tProxyJump a,b\n',
    ],
  },
  known_hosts: {
    read: (text) => judgeHostKey(parseKnownHosts(text, 'known_hosts'), 'server.example.com', 22, KEY),
    samples: [
      `server.example.com,10.0.0.1 ssh-ed25519 ${KEY.toString('base64')}\n@revoked * ssh-rsa AAAA\n`,
      `|1|JfKTdBh7rNbXkVAQCRp4OQoPfmI=|USECr3SWf1JUPsms5AqfD5QfxkM= ssh-ed25519 ${KEY.toString('base64')}\n[*.example.com]:22 ssh-rsa AAAA\n`,
    ],
  },
  'aws config': {
    read: (text) => profileIn(parseAwsConfig(text), 'x'),
    samples: [
      '[default]\nregion = eu-west-1\n[profile x]\nservices = y\ns3 =\n  addressing_style = path\n[services y]\ns3 =\n  endpoint_url = http://h:1 # note\n',
    ],
  },
  'gates.yaml': {
    read: parseGates,
    more: bothAgree,
    samples: [
      'schema: 1\nmodels:\n  m:\n    rules:\n    - metric: acc\n      min: 0.9\n    - not_worse_than: {by: 0.1, mode: relative}\n      metric: f1\n    stages:\n      prod: all\n      dev: [0]\n',
    ],
  },
  'compare.yaml': {
    read: parseCompareConfig,
    more: bothAgree,
    samples: [
      'schema: 1\nsamples:\n  path: p.csv\n  true: y\n  pred: z\nmetrics:\n  acc: {goal: max, margin: 0.01, primary: true}\n',
    ],
  },
};
