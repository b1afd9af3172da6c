/** The steps of random stories: what happens to files and stores, and which commands are given with which options. */

import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { inOrder, writeFile, type DvcServer, type Twins } from './twins';

/** One step; `name` is what a failing story shows. */
export interface TwinStep {
  readonly name: string;
  /** False when the story cannot go on: both tools refused, each after another part of its work. */
  live(twins: Twins, server: DvcServer): Promise<boolean>;
}

/** Numbers of a seed: mulberry32. */
class Dice {
  constructor(private state: number) {}

  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)] as T;
  }

  /** Each with probability p. */
  some<T>(from: readonly T[], p: number): T[] {
    return from.filter(() => this.chance(p));
  }
}

const FILES = ['f', 'g', 'd/a', 'd/b', 'd/s/x', 'd/s/y', 'd/s/t/z', 'e/one', 'e/two', 'sub/h', 'sub/dd/i', 'sub/dd/j'];
const TRACKED = ['f', 'g', 'd', 'e', 'sub/h', 'sub/dd'];
const INSIDE = ['d/a', 'd/s', 'd/s/x', 'd/s/t', 'd/new', 'e/one', 'sub/dd/i'];
const FOLDERS = ['sub', '.', 'd', 'e'];
const TEXTS = ['a\n', 'b\n', 'c\r\n', '', 'longer text\n'];

const PIPELINE = `stages:
  join:
    cmd: cat d/a f > joined || echo none > joined
    deps:
    - d
    - f
    outs:
    - joined
  count:
    cmd: wc -c < joined > count.json; mkdir -p parts; cp joined parts/p
    deps:
    - joined
    params:
    - unit
    outs:
    - parts:
        push: false
    metrics:
    - count.json:
        cache: false
`;
const STAGES = ['join', 'count', 'dvc.yaml', 'joined', 'parts', 'parts/p', 'count.json'];

type Kind = (dice: Dice) => TwinStep[];

function change(name: string, act: (at: string) => void): TwinStep {
  return {
    name,
    live: (twins) => {
      twins.both(act);
      return Promise.resolve(true);
    },
  };
}

function command(args: readonly string[]): TwinStep {
  return { name: `strata ${args.join(' ')}`, live: (twins) => twins.act(args) };
}

function question(args: readonly string[], view?: (answer: unknown) => unknown): TwinStep {
  return { name: `? ${args.join(' ')}`, live: (twins) => twins.ask(args, view).then(() => true) };
}

/** Asked while no remote can be reached: DVC reads lists of folders from there that the cache lacks, ours needs no network to look. */
function offline(args: readonly string[], view?: (answer: unknown) => unknown): TwinStep {
  return {
    name: `? ${args.join(' ')}`,
    live: async (twins) => {
      const move = (from: string, to: string): void =>
        twins.both((at) => {
          for (const name of ['store', 'other'])
            if (fs.existsSync(join(at, '..', name + from)))
              fs.renameSync(join(at, '..', name + from), join(at, '..', name + to));
        });
      move('', '.away');
      try {
        await twins.ask(args, view);
        return true;
      } finally {
        move('.away', '');
      }
    },
  };
}

/** How many objects are in which state: of several paths with one content each tool names another, and DVC gives all
 * folders whose list is lost the same name. */
const statesOf = (answer: unknown): unknown =>
  inOrder(Object.values(answer as object).filter((state) => state !== 'missing'));

const anyTargets = (dice: Dice, p = 0.5, whole = false): string[] => {
  const found = dice.chance(p)
    ? []
    : [1, 2].map(() => anyTarget(dice)).filter((one) => !whole || !INSIDE.includes(one));
  return [...new Set(found)].slice(0, dice.chance(0.3) ? 2 : 1);
};

function anyTarget(dice: Dice): string {
  const place = dice.pick(['out', 'file', 'inside', 'stage', 'out', 'inside'] as const);
  if (place === 'out') return dice.pick(TRACKED);
  if (place === 'file') return `${dice.pick(TRACKED)}.dvc`;
  return dice.pick(place === 'stage' ? STAGES : INSIDE);
}

/** Moves objects of a store aside: the nth file or list, or all. */
function hideObjects(at: string, store: string, which: (path: string) => boolean): void {
  const base = join(at, store, 'files');
  if (!fs.existsSync(base)) return;
  const all = fs.readdirSync(base, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  for (const path of all.map((one) => join(one.parentPath, one.name)).filter(which)) {
    const aside = join(at, '..', 'aside', store.replace('../', ''), 'files', path.slice(base.length));
    fs.mkdirSync(dirname(aside), { recursive: true });
    fs.renameSync(path, aside);
  }
}

/** Puts back what {@link hideObjects} took and nobody has brought since. */
function returnObjects(at: string): void {
  const aside = join(at, '..', 'aside');
  for (const store of ['.dvc/cache', 'store']) {
    const from = join(aside, store);
    const to = store === 'store' ? join(at, '..', store) : join(at, store);
    if (fs.existsSync(from)) fs.cpSync(from, to, { recursive: true, force: false, preserveTimestamps: true });
  }
  fs.rmSync(aside, { recursive: true, force: true });
}

/** Objects are gone for the time of some questions; DVC would delete the user's files on the next checkout, so they come back. */
const lose: Kind = (dice) => {
  const store = dice.pick(['.dvc/cache', '.dvc/cache', '../store']);
  const what = store === '../store' ? 'lists' : dice.pick(['lists', 'files', 'all', 'some']);
  const letter = dice.pick(['0', '1', '6', 'd', 'f']);
  const which = (path: string): boolean => {
    const isList = path.endsWith('.dir');
    if (what === 'lists' || what === 'files') return isList === (what === 'lists');
    return what === 'all' || /[0-9a-f]{2}\/[^/]+$/.exec(path)?.[0].includes(letter) === true;
  };
  const questions = [1, 2, 3].map(() => dice.pick(QUESTIONS)(dice)).flat();
  return [
    {
      name: `lose ${what} of ${store} ${letter}`,
      live: (twins, server) => {
        twins.both((at) => hideObjects(at, store, which));
        server.forget();
        return Promise.resolve(true);
      },
    },
    ...questions,
    { name: 'what was lost comes back', live: (twins) => Promise.resolve(twins.both(returnObjects)).then(() => true) },
  ];
};

/** All is pushed, the cache goes, and comes back from the remotes. */
const afresh: Kind = (dice) => {
  const verb = dice.pick([['fetch'], ['pull'], ['pull', anyTarget(dice)], ['fetch', anyTarget(dice)], ['pull', '-f']]);
  return [
    command(['push']),
    {
      name: 'the cache is lost',
      live: (twins, server) => {
        twins.both((at) => fs.rmSync(join(at, '.dvc/cache'), { recursive: true, force: true }));
        server.forget();
        return Promise.resolve(true);
      },
    },
    ...dice.pick(QUESTIONS)(dice),
    command(verb),
    ...dice.pick(QUESTIONS)(dice),
    command(['fetch']),
  ];
};

const write: Kind = (dice) => {
  const [path, text] = [dice.pick([...FILES, 'd/new']), dice.pick(TEXTS)];
  const mode = dice.chance(0.15) ? 0o755 : 0o644;
  return [
    change(`write ${path} ${JSON.stringify(text)} ${mode.toString(8)}`, (at) => {
      const parent = join(at, path, '..');
      if (fs.existsSync(parent) && !fs.statSync(parent).isDirectory()) return;
      writeFile(at, path, text, mode);
    }),
  ];
};

const remove: Kind = (dice) => {
  const path = dice.pick([...FILES, ...TRACKED, 'd/s', 'joined', 'parts']);
  return [change(`remove ${path}`, (at) => fs.rmSync(join(at, path), { recursive: true, force: true }))];
};

const rename: Kind = (dice) => {
  const [from, to] = [dice.pick(FILES), dice.pick(['d/moved', 'd/s/moved', 'e/moved', 'sub/dd/moved'])];
  return [
    change(`rename ${from} ${to}`, (at) => {
      if (!fs.existsSync(join(at, from))) return;
      fs.mkdirSync(join(at, to, '..'), { recursive: true });
      fs.renameSync(join(at, from), join(at, to));
    }),
  ];
};

const gitCommit: Kind = (dice) => {
  const tag = dice.chance(0.3);
  return [
    {
      name: tag ? 'git commit, tag' : 'git commit',
      live: (twins) => {
        twins.git('add', '-A');
        twins.git('commit', '-q', '-m', 'more');
        if (tag) twins.git('tag', '-f', 'v1');
        return Promise.resolve(true);
      },
    },
  ];
};

const add: Kind = (dice) => {
  const target = dice.chance(0.6) ? dice.pick(TRACKED) : dice.pick(INSIDE);
  return [command(['add', target, ...dice.some(['--no-commit', '-f'], 0.15)])];
};

const commit: Kind = (dice) => {
  const options = ['-f', ...dice.some(['-R', '--with-deps'], 0.2)];
  const targets = options.includes('-R') ? [dice.pick(FOLDERS)] : anyTargets(dice, 0.5, true).slice(0, 1);
  return [command(['commit', ...options, ...targets])];
};

/** DVC records the whole folder and takes only the part into the cache: the two agree where nothing else has changed. */
const commitInside: Kind = (dice) => {
  const [path, target] = dice.pick([
    ['d/a', 'd/a'],
    ['d/s/x', 'd/s'],
    ['d/s/x', 'd/s/x'],
    ['e/new', 'e/new'],
  ] as const);
  const text = dice.pick(['inner\n', 'a\n']);
  return [
    command(['commit', '-f', path.startsWith('d') ? 'd' : 'e']),
    change(`write ${path} ${JSON.stringify(text)}`, (at) => writeFile(at, path, text)),
    command(['commit', '-f', target]),
  ];
};

const checkout: Kind = (dice) => {
  const options = [...dice.some(['-f', '-f', '--with-deps', '--allow-missing', '-R'], 0.3)];
  const targets = options.includes('-R') ? [dice.pick(FOLDERS)] : anyTargets(dice);
  return [command(['checkout', ...options, ...targets])];
};

const SHARE = ['-a', '-T', '-A', '--run-cache', '--with-deps', '-j2', '-rstore', '-rother'];

const share: Kind = (dice) => {
  const verb = dice.pick(['push', 'push', 'fetch', 'pull']);
  const options = dice.some(verb === 'pull' ? [...SHARE, '-f', '-f', '--allow-missing'] : SHARE, 0.15);
  // DVC pushes a folder's list with only a part of its files; ours pushes folders whole.
  const targets = dice.chance(0.1) ? ['-R', dice.pick(FOLDERS)] : anyTargets(dice, 0.6, verb === 'push');
  return [command([verb, ...options, ...targets])];
};

/** DVC leaves out all lists when all are empty. */
const filledLists = (answer: unknown): unknown =>
  inOrder(Object.fromEntries(Object.entries(answer as object).filter(([, list]) => (list as unknown[]).length > 0)));

const QUESTIONS: readonly ((dice: Dice) => TwinStep[])[] = [
  (dice) => [question(['status', ...dice.some(['--with-deps'], 0.2), ...anyTargets(dice, 0.6)])],
  (dice) => [question(['status', '-R', dice.pick(FOLDERS)])],
  (dice) => [
    question(['status', '-c', ...dice.some(['-rother', '--with-deps'], 0.2), ...anyTargets(dice, 0.7)], statesOf),
  ],
  (dice) => [
    question(['data', 'status', '--not-in-remote', ...dice.some(['--unchanged', '--untracked-files=all'], 0.4)]),
  ],
  (dice) => [offline(['data', 'status', ...dice.some(['--unchanged', '--untracked-files=all'], 0.4)])],
  (dice) => [offline(['data', 'status', '--granular', ...dice.some(['--unchanged'], 0.5)])],
  (dice) => [offline(['data', 'status', '--granular', dice.pick([...TRACKED, ...INSIDE])])],
  (dice) => [offline(['diff', ...dice.some(['--show-hash', '--hide-missing'], 0.4)], filledLists)],
  (dice) => [
    offline(['diff', ...dice.some(['--show-hash', '--hide-missing'], 0.4), dice.pick(['v1', 'HEAD'])], filledLists),
  ],
  (dice) => [offline(['diff', ...dice.some(['--show-hash'], 0.4), 'v1', 'HEAD'], filledLists)],
  (dice) => [offline(['diff', 'HEAD', '--targets', dice.pick([...TRACKED, ...INSIDE])], filledLists)],
];

const ACTS: readonly Kind[] = [
  ...[write, write, write, remove, rename, lose, lose, afresh, gitCommit, gitCommit],
  ...[add, add, add, commit, commit, commitInside, checkout, checkout, checkout, share, share, share, share],
  () => [command(['repro', '-q'])],
];

/** How a story begins: data, two remotes, sometimes a pipeline. */
function beginning(dice: Dice): TwinStep[] {
  const files = FILES.map((path) => [path, dice.pick(TEXTS)] as const);
  const steps = [
    change(`files ${JSON.stringify(files)}`, (at) => files.forEach(([path, text]) => writeFile(at, path, text))),
    command(['remote', 'add', '-d', 'store', '../store']),
    command(['remote', 'add', 'other', '../other']),
    command(['add', 'f', ...dice.some(TRACKED.slice(1), 0.85)]),
  ];
  if (dice.chance(0.4)) {
    steps.push(change('pipeline', (at) => writeFile(at, 'dvc.yaml', PIPELINE)));
    steps.push(change('params', (at) => writeFile(at, 'params.yaml', 'unit: 1\n')));
    // DVC calls what was never made deleted, in `diff`; so the stages run first.
    steps.push(command(['repro', '-q']));
  }
  if (dice.chance(0.2)) {
    const text = (at: string): string => fs.readFileSync(join(at, 'd.dvc'), 'utf8');
    steps.push(
      change('d goes to the other remote', (at) => {
        if (fs.existsSync(join(at, 'd.dvc'))) writeFile(at, 'd.dvc', `${text(at)}  remote: other\n`);
      }),
    );
  }
  if (dice.chance(0.7)) steps.push(...gitCommit(dice));
  if (dice.chance(0.6)) steps.push(command(['push']));
  return steps;
}

/** A story by its seed: the beginning, then so many acts, each followed by questions. */
export function pastOf(seed: number, acts: number): TwinStep[] {
  const dice = new Dice(seed);
  const steps = beginning(dice);
  for (let n = 0; n < acts; n += 1) {
    steps.push(...dice.pick(ACTS)(dice), ...dice.pick(QUESTIONS)(dice), ...dice.pick(QUESTIONS)(dice));
  }
  return steps;
}
