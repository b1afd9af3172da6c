/** Runs, curves, values and comparison on the real sample project: its history, its cache, a workspace that changes. */

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietCall } from '../../../src/base/cancel';
import { compareVerbs, judgeRuns, runMetric } from '../../../src/engine/compare/compare';
import { openRepo } from '../../../src/engine/data/data';
import { type Repo } from '../../../src/engine/data/repo';
import { is } from '../../../src/engine/errors';
import { toJsonText } from '../../../src/engine/formats/json';
import { nodeHost } from '../../../src/engine/host/node';
import { makeSample } from '../../../src/engine/sample/sample';
import { type CompareAnswer, type LiveAnswer, type RunsAnswer } from '../../../src/engine/verbs/runs';

const MEDIA = join(__dirname, '../../../media');
const call = quietCall();

describe('compare: the sample project', () => {
  let root = '';
  let repo: Repo;
  const open = (trusted = true): Promise<Repo> =>
    openRepo({ root, cwd: '.', host: nodeHost(), trusted, command: 'strata' });
  const live = (runs: string[] = [], more: object = {}): Promise<LiveAnswer> =>
    compareVerbs.live(repo, { runs, width: 100, smoothing: 0, generation: 1, ...more }, call);

  before(async function () {
    this.timeout(20_000);
    root = join(mkdtempSync(join(tmpdir(), 'strata compare ')), 'sample');
    await makeSample({ dir: root, host: nodeHost(), media: MEDIA }, { targets: [root] }, call);
    repo = await open();
  });
  after(async () => {
    repo.git?.close();
    await repo.store.close();
    rmSync(join(root, '..'), { recursive: true, force: true });
  });

  describe('runs', () => {
    let rows: RunsAnswer;
    before(async () => {
      rows = await compareVerbs.runs(repo, {}, call);
    });

    it('are the workspace and the commits with metrics, newest first', () => {
      const shown = rows.map((row) => `${row.source} ${row.state} ${row.labels.join(' ')}`.trim());
      assert.deepEqual(shown, [
        'workspace none',
        'commit finished',
        'commit finished',
        'commit finished digits@v0.1.0 digits#prod',
      ]);
    });

    it('have short names for values, measured ones first', () => {
      assert.deepEqual(Object.keys(rows[0]?.last ?? {}).slice(0, 2), ['accuracy', 'log_loss']);
      assert.equal(rows[1]?.last['accuracy'], 0.928482);
      assert.equal(rows[1]?.params['train.hidden'], 80);
      assert.equal(rows[1]?.best['val.loss'], 0.11823);
    });

    it('are remembered by commit, also by the next process', async () => {
      const again = await open();
      assert.ok(readFileSync(join(root, '.dvc/tmp/strata/index/runs.json'), 'utf8').includes(rows[1]?.id ?? 'none'));
      assert.deepEqual(await compareVerbs.runs(again, {}, call), rows);
      again.git?.close();
      await again.store.close();
    });

    it('are the workspace alone without trust, and nothing is written', async () => {
      const careful = await open(false);
      const found = await compareVerbs.runs(careful, {}, call);
      assert.deepEqual(
        found.map((row) => row.id),
        ['workspace'],
      );
      await careful.store.close();
    });

    it('can be cut and chosen by source', async () => {
      assert.equal((await compareVerbs.runs(repo, { max: 2 }, call)).length, 2);
      assert.equal((await compareVerbs.runs(repo, { source: 'commit' }, call)).length, 3);
    });

    it('have a table', async () => {
      const args = {
        from: 0,
        to: 2,
        sort: [{ column: 'metric:accuracy', descending: false }],
        filter: '/^commit/ or network',
        onlyDiffering: true,
        generation: 2,
      };
      const table = await compareVerbs.runsTable(repo, args, call);
      assert.deepEqual(
        table.rows.map((row) => row.last['accuracy']),
        [0.873275, 0.928482],
      );
      assert.ok(table.columns.some((column) => column.id === 'param:train.lr'));
      assert.ok(!table.columns.some((column) => column.id === 'param:train.seed'));
    });
  });

  describe('compare', () => {
    let answer: CompareAnswer;
    before(async () => {
      answer = await compareVerbs.compare(repo, { targets: ['digits#prod', 'main'] }, call);
    });

    it('judges by the predictions of both commits', () => {
      const brief = answer.verdicts
        .slice(0, 2)
        .map((one) => `${one.metric} ${one.method} ${one.verdict} ${one.primary}`);
      assert.deepEqual(brief, ['accuracy mcnemar B_better true', 'log_loss sign_flip B_better false']);
      assert.deepEqual(answer.sampleCounts, { fixed: 50, broken: 6, bothWrong: 51, bothRight: 690 });
      assert.equal(answer.samples?.length, 107);
      assert.equal(answer.verdicts[0]?.b_run, answer.runs[1]?.id);
    });

    it('gives no verdict to what is one value a run', () => {
      assert.ok(answer.verdicts.slice(2).every((one) => one.verdict === 'none'));
      assert.ok(!answer.verdicts.some((one) => one.metric === 'n' || one.metric === 'step'));
    });

    it('says what changed: params, and the data they were made of', () => {
      const params = answer.changed.params.map((one) => `${one.key} ${toJsonText(one.old)} ${toJsonText(one.new)}`);
      assert.deepEqual(params, [
        'train.hidden 16 80',
        'train.epochs 20 40',
        'train.lr 0.05 0.1',
        'train.weight_decay 0.0005 0.001',
      ]);
      assert.deepEqual(
        answer.changed.data.map((one) => one.path),
        ['data/digits.csv', 'data/prepared'],
      );
    });

    it('finds runs by every name', async () => {
      const [, head] = answer.runs;
      for (const name of ['HEAD', 'main', head?.id ?? '', (head?.id ?? '').slice(0, 8)]) {
        const found = await compareVerbs.compare(repo, { targets: ['digits@v0.1.0', name], metric: 'accuracy' }, call);
        assert.equal(found.runs[1]?.id, head?.id, name);
        assert.equal(found.verdicts.length, 1);
      }
    });

    it('compares the workspace, also with itself', async () => {
      const found = await compareVerbs.compare(repo, { targets: ['main', 'workspace'] }, call);
      assert.equal(found.verdicts[0]?.verdict, 'no_evidence');
      assert.deepEqual(found.changed, { params: [], code: [], data: [], env: [] });
    });

    it('compares more than two with the first', async () => {
      const found = await compareVerbs.compare(
        repo,
        { targets: ['main', 'HEAD~1', 'HEAD~2'], metric: 'accuracy' },
        call,
      );
      assert.deepEqual(
        found.verdicts.map((one) => one.verdict),
        ['B_worse', 'B_worse'],
      );
      assert.equal(found.samples, undefined);
    });

    const refused: [string, object, string][] = [
      ['an unknown run', { targets: ['main', 'gone'] }, 'compare.unknownRun'],
      ['something that is no name', { targets: ['main', '--all'] }, 'compare.unknownRun'],
      ['a stage without a version', { targets: ['main', 'digits#dev'] }, 'compare.nothingInStage'],
      ['a run that is over and gone', { targets: ['main', '20200101-000000-00000000'] }, 'compare.unknownRun'],
      ['one run', { targets: ['main'] }, 'compare.tooFew'],
      ['an unknown metric', { targets: ['main', 'HEAD~1'], metric: 'gone' }, 'compare.noMetric'],
      ['a margin of zero', { targets: ['main', 'HEAD~1'], margin: 0 }, 'compare.badOption'],
      ['an alpha of one', { targets: ['main', 'HEAD~1'], alpha: 1 }, 'compare.badOption'],
    ];
    for (const [title, args, code] of refused) {
      it(`refuses ${title}`, async () => {
        await assert.rejects(compareVerbs.compare(repo, args as { targets: string[] }, call), (error) =>
          is(error, code),
        );
      });
    }

    it('answers what a gate asks', async () => {
      const pair = await judgeRuns(repo, 'digits#prod', 'workspace', call);
      assert.equal(pair.value('eval/metrics.json:accuracy'), 0.928482);
      assert.equal(pair.valueOfA('accuracy'), 0.873275);
      const verdict = await pair.verdict('eval/metrics.json:accuracy', { margin: 0.01 });
      assert.equal(verdict?.verdict, 'B_better');
      assert.equal(await pair.verdict('gone'), undefined);
      assert.equal(await runMetric(repo, 'digits@v0.1.0', 'log_loss', call), 0.444349);
    });
  });

  describe('live', () => {
    it('shows the workspace when nothing runs: a chart for train and val together', async () => {
      const answer = await live();
      assert.deepEqual(
        answer.runs.map((run) => run.id),
        ['workspace'],
      );
      const series = answer.series.map((one) => `${one.key} ${one.chart} ${one.n} ${one.last}`);
      assert.deepEqual(series, [
        'train/accuracy accuracy 40 0.992941',
        'train/loss loss 40 0.059079',
        'val/accuracy accuracy 40 0.96',
        'val/loss loss 40 0.127073',
      ]);
      assert.equal(answer.xKind, 'step');
      assert.ok((answer.newest ?? 0) > 0);
    });

    it('reads curves of commits out of the cache', async () => {
      const answer = await live(['HEAD~2', 'main'], { smoothing: 0.5, range: [5, 10] });
      assert.deepEqual(
        answer.runs.map((run) => run.name.length > 0),
        [true, true],
      );
      assert.equal(answer.series.length, 8);
      const [first] = answer.series;
      assert.deepEqual([...(first?.x ?? [])], [4, 5, 6, 7, 8, 9, 10, 11]);
      assert.equal(first?.smooth?.length, 8);
      assert.equal(answer.newest, undefined);
    });

    it('leaves runs out that are gone', async () => {
      assert.deepEqual(
        (await live(['gone', 'workspace'])).runs.map((run) => run.id),
        ['workspace'],
      );
    });

    it('grows with the files, and takes a half-written line when it is whole', async () => {
      const file = join(root, 'dvclive/plots/metrics/val/loss.tsv');
      const before = readFileSync(file);
      const n = async (): Promise<number | undefined> => (await live()).series.find((one) => one.key === 'val/loss')?.n;
      rmSync(file);
      writeFileSync(file, before);
      appendFileSync(file, '40\t0.1');
      assert.equal(await n(), 40);
      appendFileSync(file, '25\n');
      assert.equal(await n(), 41);
      appendFileSync(file, '41\tnan\n');
      const series = (await live()).series.find((one) => one.key === 'val/loss');
      assert.deepEqual([...(series?.nonfinite ?? [])], [41]);
      assert.ok(Number.isNaN(series?.last));
      writeFileSync(file, before);
      assert.equal(await n(), 40);
    });

    describe('while a run goes', () => {
      const token = '20300101-120000-0000abcd';
      const write = (status: object): void => {
        const dir = join(root, '.dvc/tmp/strata/runs', token);
        mkdirSync(dir, { recursive: true });
        writeFileSync(join(dir, 'status.json'), JSON.stringify({ schema: 1, token, start: 1, stages: [], ...status }));
      };
      let supervisor: ChildProcess;
      before(() => {
        supervisor = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)', token], { stdio: 'ignore' });
        const stages = [
          { name: 'train', state: 'running' },
          { name: 'evaluate', state: 'queued' },
        ];
        write({ pid: supervisor.pid, state: 'running', stages });
      });
      after(() => {
        supervisor.kill();
        rmSync(join(root, '.dvc/tmp/strata/runs', token), { recursive: true });
      });

      it('it stands for the workspace, once', async () => {
        for (const ids of [[], ['workspace'], [token, 'workspace']]) {
          assert.deepEqual(
            (await live(ids)).runs.map((run) => `${run.id} ${run.state}`),
            [`${token} running`],
          );
        }
      });

      it('its row begins with how far it is, and has nothing of what is still to come', async () => {
        const [row] = await compareVerbs.runs(repo, {}, call);
        assert.equal(`${row?.id} ${row?.source} ${row?.state}`, `${token} run running`);
        assert.deepEqual(Object.keys(row?.last ?? {}), [
          'step',
          'val.loss',
          'val.accuracy',
          'train.loss',
          'train.accuracy',
        ]);
      });

      it('a dead supervisor makes it a crashed run', async () => {
        supervisor.kill('SIGKILL');
        await new Promise((resolve) => supervisor.once('exit', resolve));
        const rows = await compareVerbs.runs(repo, { max: 2 }, call);
        assert.deepEqual(
          rows.map((row) => `${row.source} ${row.state}`),
          ['run maybe-crashed', 'workspace none'],
        );
      });

      it('a run that ended well is the workspace', async () => {
        write({ pid: 1, state: 'succeeded', end: 2 });
        assert.equal((await compareVerbs.runs(repo, { max: 1 }, call))[0]?.id, 'workspace');
        assert.deepEqual(
          (await live([token, 'workspace'])).runs.map((run) => run.id),
          [token],
        );
      });
    });
  });

  describe('files that are being written', () => {
    it('are an entry with an error, and the rest is there', async () => {
      const file = join(root, 'eval/metrics.json');
      const before = readFileSync(file);
      writeFileSync(file, '{"accuracy": 0.9');
      const broken = await compareVerbs.metrics(repo, { targets: [] }, call);
      const { data = {} } = broken[''] ?? {};
      assert.deepEqual(Object.keys(data), ['dvclive/metrics.json', 'eval/metrics.json']);
      assert.ok('error' in (data['eval/metrics.json'] ?? {}));
      const rows = await compareVerbs.runs(repo, {}, call);
      assert.equal(rows[0]?.last['accuracy'], undefined);
      writeFileSync(file, before);
    });
  });
});
