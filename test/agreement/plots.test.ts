/** `plots show` and `plots diff` beside the real DVC: the same plots, points, titles, revisions and kinds of error. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DvcServer, inOrder, Twins, writeFile } from './twins';

const CSV = 'step,loss,acc\n0,1.5,0.1\n1,1.0,0.2\n';
const LONGER = `${CSV}2,.5,.3\n`;
const PNG = '\u0089PNG 123';

/** A question, a change of files, or `commit`. */
type Step = readonly string[] | Readonly<Record<string, string | undefined>> | 'commit';

interface Row {
  readonly files: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly steps?: readonly Step[];
}

const SHOW = ['plots', 'show'];
const DIFF = ['plots', 'diff'];

const rows: Readonly<Record<string, Row>> = {
  'a folder, and one in it with its own look': {
    files: {
      'dvc.yaml': 'plots:\n- d:\n    x: step\n- d/sub:\n    y: acc\n',
      ...{ 'd/a.csv': CSV, 'd/sub/b.csv': CSV, 'd/c.txt': 'x', 'd/i.png': PNG },
    },
  },
  'outputs of a stage': {
    files: {
      'dvc.yaml':
        'stages:\n  s:\n    cmd: x\n    plots:\n    - h.csv: {x: step, y: loss, cache: false, title: T}\n    - k.json:\n        cache: false\n',
      'h.csv': CSV,
      'k.json': '[{"a": 1, "b": null}, {"a": 2.5, "b": true}]',
    },
  },
  'declared by a stage and at the top': {
    files: {
      'dvc.yaml':
        'plots:\n- h.csv: {x: step, y: acc}\nstages:\n  s:\n    cmd: x\n    plots:\n    - h.csv: {x: step, y: loss, cache: false}\n',
      'h.csv': CSV,
    },
  },
  'files and ids that are asked for': {
    files: {
      'dvc.yaml':
        'plots:\n- h.csv: {x: step, y: acc}\n- roc: {x: step, y: {h.csv: acc}}\n- ro2: {x: step, y: {h.csv: [acc, loss]}}\n',
      ...{ 'h.csv': CSV, 'k.csv': CSV },
    },
    steps: ['h.csv', 'k.csv', 'nope.csv', 'h', 'roc', 'r', 'dvc.yaml::ro2'].map((target) => [...SHOW, target]),
  },
  'files that are absent, fields that are absent': {
    files: {
      'dvc.yaml':
        'plots:\n- no.csv: {x: step}\n- roc: {x: step, y: {no.csv: a, h.csv: acc}}\n- h.csv: {x: nope}\n- k.csv: {y: nope}\n',
      ...{ 'h.csv': CSV, 'k.csv': CSV },
    },
  },
  'x from other files': {
    files: {
      'dvc.yaml':
        'plots:\n- p: {x: {h.csv: step}, y: {k.csv: loss, h.csv: [acc, loss]}}\n- q: {x: {h.csv: step, k.csv: loss}, y: {k.csv: loss, h.csv: acc}}\n- r: {x: {h.csv: [step, loss]}, y: {k.csv: loss, h.csv: [acc, loss]}}\n- longer: {x: {h.csv: step}, y: {l.csv: loss}}\n',
      ...{ 'h.csv': CSV, 'k.csv': CSV, 'l.csv': LONGER },
    },
  },
  'y from files in several folders': {
    files: {
      'dvc.yaml':
        'plots:\n- p: {x: step, y: {a/b/h.csv: loss, a/c/h.csv: loss}}\n- q: {x: step, y: {a/b/h.csv: loss, a/c/h.csv: acc}}\n',
      ...{ 'a/b/h.csv': CSV, 'a/c/h.csv': CSV },
    },
  },
  'lists wherever they lie in a file': {
    files: {
      'dvc.yaml':
        'plots:\n- a.json: {x: x, y: y}\n- b.yaml\n- c.json\n- d.json\n- e.json\n- f.json\n- g.json\n- h.json\n',
      'a.json': '{"q": {"r": [{"x": 1, "y": 2}], "s": [{"z": 3}, {"z": 4}]}, "n": 1}',
      'b.yaml': '- {p: 1, q: 2}\n- {p: 2, q: 3}\n',
      ...{ 'c.json': '{}', 'd.json': '{"a": []}', 'e.json': '{"a": [{"b": 1}, {"c": 1}]}', 'f.json': '[1, 2]' },
      ...{ 'g.json': '1', 'h.json': '{bad' },
    },
  },
  'tables that are not even': {
    files: {
      'dvc.yaml': 'plots:\n- a.csv\n- b.csv\n- c.csv\n- d.csv\n- e.csv\n',
      ...{
        'a.csv': 'x,y\n1,2\n3\n',
        'b.csv': 'x,y\n1,2\n3,4,5\n',
        'c.csv': '',
        'd.csv': 'x,y\n',
        'e.csv': 'x,y\n\n1,"a\nb"\n',
      },
    },
  },
  templates: {
    files: {
      'dvc.yaml':
        'plots:\n- a: {x: step, y: {h.csv: [loss, acc]}, template: t1}\n- b: {x: step, y: {h.csv: [loss, acc]}, template: confusion}\n- c: {x: step, y: {h.csv: loss}, template: t1}\n- d: {x: step, y: {h.csv: loss}, template: .dvc/plots/t2.json}\n',
      'h.csv': CSV,
      '.dvc/plots/t1.json':
        '{"title": {"text": "my <DVC_METRIC_TITLE>"}, "data": {"values": "<DVC_METRIC_DATA>"}, "x": "<DVC_METRIC_X>"}',
      '.dvc/plots/t2.json':
        '{"data": {"values": "<DVC_METRIC_DATA>"}, "x": "<DVC_METRIC_X>", "c": "<DVC_METRIC_COLOR>"}',
    },
  },
  'tables without a head': {
    files: {
      'dvc.yaml': 'stages:\n  s:\n    cmd: x\n    plots:\n    - h.csv: {cache: false, header: false}\n',
      'h.csv': '1,2\n3,4\n',
    },
    steps: [SHOW, [...SHOW, '--no-header', 'h.csv'], [...SHOW, '-x', '0', '-y', '1']],
  },
  'a look that is given': {
    files: { 'h.csv': CSV },
    steps: [[...SHOW, 'h.csv', '-x', 'step', '-y', 'loss', '--title', 'TT', '--x-label', 'XX', '-t', 'scatter']],
  },
  'several dvc.yaml, from the root and from below': {
    files: {
      's/dvc.yaml':
        'plots:\n- h.csv: {x: step}\n- ../k.csv\n- p: {x: step, y: {h.csv: loss}}\nstages:\n  q: {cmd: x, wdir: w, plots: [z.csv: {cache: false}]}\n',
      'dvc.yaml': 'plots:\n- k.csv\n- p: {x: step, y: {k.csv: loss}}\n',
      ...{ 's/h.csv': CSV, 'k.csv': CSV, 's/w/z.csv': CSV },
    },
  },
  'from a folder below': {
    cwd: 's',
    files: {
      's/dvc.yaml':
        'plots:\n- h.csv: {x: step}\n- ../k.csv\n- p: {x: step, y: {h.csv: loss}}\nstages:\n  q: {cmd: x, plots: [z.csv: {cache: false}]}\n',
      'dvc.yaml': 'plots:\n- k.csv\n',
      ...{ 's/h.csv': CSV, 'k.csv': CSV, 's/z.csv': CSV },
    },
    steps: [SHOW, [...SHOW, 'h.csv']],
  },
  'a dvc.yaml that cannot be loaded': {
    files: { 's/dvc.yaml': 'plots: 3\n', 'dvc.yaml': 'plots: [h.csv]\n', 'h.csv': CSV },
  },
  'nothing at all': { files: {} },
  'definitions without a look': {
    files: { 'dvc.yaml': 'plots:\n- h.csv: null\n- k.csv: {}\n', 'h.csv': CSV, 'k.csv': CSV },
  },
  'pictures in the cache alone': {
    files: { 'dvc.yaml': 'plots: [i]\n', 'i/a.png': PNG, 'i/b.svg': '<svg/>' },
    steps: [SHOW, 'commit', { 'i/a.png': undefined }, SHOW, [...DIFF, 'HEAD']],
  },
  'between revisions': {
    files: { 'dvc.yaml': 'plots:\n- h.csv: {x: step, y: loss}\n', 'h.csv': CSV },
    steps: [
      ...[DIFF, 'commit', DIFF, { 'h.csv': LONGER }, DIFF, [...DIFF, 'HEAD'], [...DIFF, 'HEAD', 'HEAD']],
      ...[
        'commit',
        [...DIFF, 'HEAD~1'],
        [...DIFF, 'HEAD~1', 'HEAD'],
        [...DIFF, 'workspace', 'HEAD~1'],
        [...DIFF, 'no'],
      ],
    ] as Step[],
  },
  'a plot that is new': {
    files: { 'dvc.yaml': 'plots:\n- h.csv: {x: step, y: loss}\n', 'h.csv': CSV },
    steps: [
      'commit',
      { 'k.csv': CSV, 'dvc.yaml': 'plots:\n- h.csv: {x: step, y: acc, title: N}\n- k.csv\n' },
      DIFF,
      [...DIFF, '--targets', 'k.csv'],
      [...DIFF, 'HEAD', '--targets', 'h.csv', 'k.csv'],
    ],
  },
};

interface Answer {
  readonly errors?: readonly Readonly<Record<string, unknown>>[];
  readonly data?: Readonly<Record<string, readonly Drawn[]>>;
}
interface Drawn {
  readonly type: string;
  readonly revisions: readonly string[];
  readonly content?: { readonly title?: { readonly text?: string }; readonly data?: { readonly values?: unknown } };
}

/** What must be the same: how it is drawn is each tool's own, and so is the wording of errors. */
function decisive(answer: unknown): unknown {
  const { errors = [], data = {} } = answer as Answer;
  const plots = Object.entries(data).map(([id, items]) => [id, items.map(decisiveOf)]);
  const told = errors.map(({ name, rev, source, type }) => ({ name, rev, source, type }));
  return inOrder({ errors: told, data: Object.fromEntries(plots) });
}

function decisiveOf({ type, revisions, content }: Drawn): unknown {
  return { type, revisions: revisions.join(' '), title: content?.title?.text, values: content?.data?.values };
}

describe('agreement: plots', function () {
  this.timeout(240_000);
  let server: DvcServer;
  let empty: Twins;
  before(async () => {
    server = await DvcServer.start();
    empty = await Twins.make(server);
  });
  after(() => {
    empty.dispose();
    server.stop();
  });

  for (const [name, { files, cwd, steps = [SHOW] }] of Object.entries(rows)) {
    it(name, async () => {
      const twins = empty.copy();
      const put = (all: Readonly<Record<string, string | undefined>>): void =>
        twins.both((at) => {
          for (const [path, text] of Object.entries(all))
            if (text === undefined) rmSync(join(at, path));
            else writeFile(at, path, text);
        });
      try {
        put(files);
        if (name.startsWith('pictures')) await twins.act(['add', 'i']);
        for (const step of steps) {
          if (Array.isArray(step)) await twins.ask(step as readonly string[], decisive, cwd);
          else if (step !== 'commit') put(step as Readonly<Record<string, string | undefined>>);
          else {
            twins.git('add', '-A');
            twins.git('commit', '-q', '-m', 'x');
          }
        }
      } finally {
        twins.dispose();
      }
    });
  }
});
