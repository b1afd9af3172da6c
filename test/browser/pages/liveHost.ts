/**
 * Answers of the Live page in its tests: two runs with training and validation curves that follow fixed formulas. `knobs.steps` is
 * how far the running one has come (0: nothing is there), `knobs.ended` ends it.
 */

import { liveContract, type LiveRun, type LiveSeriesMessage } from '../../../src/protocol/live';
import { installStubHost, type StubHost } from './stubHost';

const RUNS = [
  { id: 'r1', name: 'train 1', rate: 12 },
  { id: 'r2', name: 'train 2', rate: 25 },
];

const CURVES = [
  { key: 'train/acc', chart: 'acc', value: (x: number, rate: number) => 1 - Math.exp(-x / rate) },
  { key: 'val/acc', chart: 'acc', value: (x: number, rate: number) => 0.96 - Math.exp(-x / rate) },
  { key: 'train/loss', chart: 'loss', value: (x: number, rate: number) => 2 * Math.exp(-x / rate) + 0.01 },
];

interface ReadArgs {
  readonly range?: [number, number] | undefined;
  readonly smoothing: number;
  readonly generation: number;
}

installStubHost(liveContract, (host) => ({
  read: (args) => Promise.resolve(read(host, args)),
  cancelRun: () => {
    host.knobs['ended'] = true;
    host.emit('changed', {});
    return Promise.resolve({});
  },
  run: () => Promise.resolve({}),
}));

function read(host: StubHost, args: ReadArgs) {
  const steps = Number(host.knobs['steps'] ?? 60);
  const runs = steps === 0 ? [] : RUNS.map(({ id, name }, i) => runOf(host, id, name, i));
  const series = runs.flatMap((run, i) => CURVES.map((curve) => seriesOf(run, curve, i === 0 ? steps : 100, args)));
  return { generation: args.generation, series, runs, newest: Date.now() - 2000, xKind: 'epoch' as const };
}

function runOf(host: StubHost, id: string, name: string, i: number): LiveRun {
  const running = i === 0 && host.knobs['ended'] !== true;
  return {
    id,
    name,
    state: running ? 'running' : 'finished',
    stateText: running ? 'running' : 'finished',
    params: [{ key: 'lr', value: i === 0 ? '0.1' : '0.01' }],
    cancellable: running,
  };
}

function seriesOf(run: LiveRun, curve: (typeof CURVES)[number], steps: number, args: ReadArgs): LiveSeriesMessage {
  const [from, to] = args.range ?? [1, steps];
  const all = Array.from({ length: steps }, (_, i) => i + 1);
  const rate = RUNS.find(({ id }) => id === run.id)?.rate ?? 10;
  const x = Float64Array.from(all.filter((step) => step >= from && step <= to));
  const y = x.map((step) => curve.value(step, rate) + Math.sin(step * 7.3) * 0.02);
  const broken = curve.key === 'val/acc' && run.id === 'r2' && from <= 40 && to >= 40;
  if (broken) y[x.indexOf(40)] = NaN;
  return {
    run: run.id,
    runName: run.name,
    key: curve.key,
    chart: curve.chart,
    x,
    y,
    ...(args.smoothing > 0 ? { smooth: y.map((value, i) => (value + (y[i - 1] ?? value)) / 2) } : {}),
    nonfinite: broken ? Float64Array.of(40) : new Float64Array(),
    lastText: (y.at(-1) ?? NaN).toFixed(3),
    lastX: x.at(-1) ?? 0,
    n: steps,
  };
}
