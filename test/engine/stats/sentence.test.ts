/** The verdicts in words, in both languages: rounding, units, plural forms, and a text for every key that can come up. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createText, type Bundle } from '../../../src/base/text';
import { howOf, pSentence } from '../../../src/engine/stats/how';
import { mcnemar } from '../../../src/engine/stats/mcnemar';
import { pairedMean } from '../../../src/engine/stats/pairedMean';
import { twoProportions } from '../../../src/engine/stats/proportions';
import { sentenceOf, unitOf, type About, type Said } from '../../../src/engine/stats/sentence';
import { runNow } from '../../../src/engine/stats/steps';
import { type StatsOptions } from '../../../src/engine/stats/settings';

const bundle = (language: string): Bundle =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../../l10n/${language}/stats.json`), 'utf8')) as Bundle;
const en = createText('en', bundle('en'));
const es = createText('es', bundle('es'));

function check(said: Said, about: About, options: StatsOptions, [english, spanish]: readonly [string, string]): void {
  const { code, data } = sentenceOf(said, about, options);
  assert.equal(en.t(code, data), english);
  assert.equal(es.t(code, data).replaceAll('\u00a0', ' '), spanish);
}

const points: About = { metric: 'accuracy', unit: 'points' };
const plain: About = { metric: 'latency_ms', unit: 'none' };
const none = { estimate: null, se: null, ci: null, n: 0, mde: null, needs: null };
const better: Said = {
  verdict: 'B_better',
  estimate: 0.018,
  se: 0.0061,
  ci: [0.006, 0.03],
  n: 1797,
  mde: 0.017,
  needs: 0,
};

const rows: [string, Said, About, StatsOptions, readonly [string, string]][] = [
  [
    'better, in points',
    better,
    points,
    {},
    [
      'B is better: accuracy +1.80 points (95 % interval 0.60 to 3.00; 1,797 samples).',
      'B es mejor: accuracy +1,80 puntos (intervalo del 95 %: de 0,60 a 3,00; 1797 muestras).',
    ],
  ],
  [
    'better, but within the margin',
    better,
    points,
    { margin: 0.05 },
    [
      'B is better, but by less than the margin of 5 pp: accuracy +1.80 points (95 % interval 0.60 to 3.00; 1,797 samples).',
      'B es mejor, pero por menos del margen de 5 p. p.: accuracy +1,80 puntos (intervalo del 95 %: de 0,60 a 3,00; 1797 muestras).',
    ],
  ],
  [
    'worse, less is better, another level',
    { verdict: 'B_worse', estimate: 1234.5, se: 250, ci: [500, 1990], n: 40, mde: 700, needs: 0 },
    plain,
    { goal: 'min', alpha: 0.1 },
    [
      'B is worse: latency_ms +1,230 (90 % interval 500 to 1,990; 40 samples).',
      'B es peor: latency_ms +1230 (intervalo del 90 %: de 500 a 1990; 40 muestras).',
    ],
  ],
  [
    'better by less of it, small numbers',
    {
      verdict: 'B_better',
      estimate: -0.000321,
      se: 0.0000456,
      ci: [-0.00041, -0.00023],
      n: 900,
      mde: 0.0001,
      needs: 0,
    },
    { metric: 'loss', unit: 'none' },
    { goal: 'min' },
    [
      'B is better: loss -0.000321 (95 % interval -0.000410 to -0.000230; 900 samples).',
      'B es mejor: loss -0,000321 (intervalo del 95 %: de -0,000410 a -0,000230; 900 muestras).',
    ],
  ],
  [
    'equivalent, one point',
    { ...better, verdict: 'equivalent' },
    points,
    { margin: 0.01 },
    [
      'Practically the same: any difference in accuracy is smaller than 1 point.',
      'Prácticamente iguales: cualquier diferencia de accuracy es menor que 1 punto.',
    ],
  ],
  [
    'equivalent, half a point',
    { ...better, verdict: 'equivalent' },
    points,
    { margin: 0.005 },
    [
      'Practically the same: any difference in accuracy is smaller than 0.5 points.',
      'Prácticamente iguales: cualquier diferencia de accuracy es menor que 0,5 puntos.',
    ],
  ],
  [
    'more samples needed',
    { ...better, verdict: 'not_enough_data', n: 400, needs: 2740 },
    points,
    { margin: 0.01 },
    [
      'Not enough data to tell: to see a difference of 1 pp in accuracy, about 2,740 more samples are needed (3,140 in all).',
      'No hay datos suficientes para saberlo: para ver una diferencia de 1 p. p. en accuracy hacen falta unas 2740 muestras más (3140 en total).',
    ],
  ],
  [
    'below the minimum',
    { verdict: 'not_enough_data', ...none, n: 1, needs: 1 },
    points,
    {},
    [
      'Not enough data for accuracy: 1 sample; at least 2 are needed.',
      'No hay datos suficientes para accuracy: 1 muestra; hacen falta al menos 2.',
    ],
  ],
  [
    'no evidence',
    { verdict: 'no_evidence', estimate: -0.0001, se: 0.01, ci: [-0.0197, 0.0195], n: 400, mde: 0.028, needs: null },
    points,
    {},
    [
      'No evidence of a difference: accuracy 0.0 points (95 % interval -2.0 to 2.0; 400 samples). A difference of 2.8 points or more would very likely have shown.',
      'Sin indicios de una diferencia: accuracy 0,0 puntos (intervalo del 95 %: de -2,0 a 2,0; 400 muestras). Una diferencia de 2,8 puntos o más se habría visto con mucha probabilidad.',
    ],
  ],
  [
    'no evidence and no spread',
    { verdict: 'no_evidence', estimate: 0.1, se: 0, ci: [0.1, 0.1], n: 3, mde: 0, needs: null },
    plain,
    {},
    [
      'No evidence of a difference: latency_ms +0.100 (95 % interval 0.100 to 0.100; 3 samples).',
      'Sin indicios de una diferencia: latency_ms +0,100 (intervalo del 95 %: de 0,100 a 0,100; 3 muestras).',
    ],
  ],
  [
    'identical',
    { ...better, verdict: 'identical' },
    points,
    {},
    [
      'A and B are identical in accuracy on these 1,797 samples.',
      'A y B son idénticos en accuracy en estas 1797 muestras.',
    ],
  ],
  [
    'one value each',
    { verdict: 'none', ...none },
    points,
    {},
    [
      'One value each: the difference in accuracy cannot be separated from chance. Add per-sample predictions, or three seeds.',
      'Un solo valor por modelo: la diferencia en accuracy no se puede separar del azar. Añada predicciones por muestra, o tres semillas.',
    ],
  ],
  [
    'invalid',
    { verdict: 'invalid', ...none },
    { ...points, reason: 'data_differs' },
    {},
    [
      'accuracy cannot be judged: the two runs were evaluated on different data.',
      'accuracy no se puede juzgar: las dos ejecuciones se evaluaron con datos distintos.',
    ],
  ],
];

describe('verdicts in words', () => {
  for (const [name, said, about, options, want] of rows) it(name, () => check(said, about, options, want));

  const ps: [number, string][] = [
    [0, 'p < 0.0001'],
    [5e-56, 'p < 0.0001'],
    [0.00012, 'p = 0.00012'],
    [0.0163, 'p = 0.016'],
    [0.5231, 'p = 0.52'],
    [1, 'p = 1.00'],
  ];
  for (const [p, want] of ps) it(`p of ${p}`, () => assert.equal(en.t(pSentence(p).code, pSentence(p).data), want));
});

describe('how do we know', () => {
  const flips = runNow(pairedMean([0, 0, 0, null], [1, 3, 2, 2]));
  const results = [
    mcnemar({ b: 19, c: 37, n: 1000, dropped: 1, warnings: ['many_dropped', 'missing_differs'] }),
    runNow(
      pairedMean(
        Array.from({ length: 30 }, () => 0),
        Array.from({ length: 30 }, (_, i) => Math.cos(i)),
      ),
    ),
    runNow(pairedMean([1, 2], [2, 3])),
    flips,
    twoProportions({ n_a: 60, x_a: 1, n_b: 55, x_b: 6 }),
    twoProportions({ n_a: 9000, x_a: 450, n_b: 9000, x_b: 560 }),
  ];
  for (const result of results) {
    it(`${result.method}, n = ${result.n}: every line has its texts and no place is left open`, () => {
      for (const { label, code, data } of howOf(result, { metric: 'm', unit: unitOf(result.method) })) {
        for (const text of [en, es]) {
          assert.ok(text.has(label), label);
          assert.ok(text.has(code), code);
          assert.doesNotMatch(text.t(code, data), /[{}]/);
        }
      }
    });
  }

  it('says what McNemar rests on', () => {
    const [first] = results;
    assert.ok(first !== undefined);
    const lines = howOf(first, points).map(({ label, code, data }) => `${en.t(label)}: ${en.t(code, data)}`);
    assert.deepEqual(lines.slice(1, 7), [
      'Samples: 1,000 samples, the same for A and B',
      'What changed: B gets 37 right that A gets wrong, and 19 wrong that A gets right',
      'Difference: +1.80 points (95 % interval 0.31 to 3.28)',
      'p: p = 0.016',
      'Would have shown: a true difference of 2.12 points is found 80 % of the time',
      'Dropped: 1 sample, missing or not a number on one side',
    ]);
  });

  it('says how it resampled', () => {
    const line = howOf(flips, plain).find(({ label }) => label === 'verdict.label.resamples');
    assert.equal(
      line && en.t(line.code, line.data),
      'all choices of signs; 10,000 random resamples for the interval, seed 1',
    );
  });
});
