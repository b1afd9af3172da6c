/** The report: what it says, and that nothing from files becomes Markdown. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createText, type Bundle, type Text } from '../../../src/base/text';
import { drawInterval, renderReport } from '../../../src/engine/compare/report';
import { type CompareAnswer, type RunRow, type Verdict } from '../../../src/engine/verbs/runs';

function text(language: string): Text {
  const folder = join(__dirname, '../../../l10n', language);
  const parts = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Bundle);
  return createText(language, Object.assign({}, ...parts) as Bundle);
}

function run(id: string, more: Partial<RunRow> = {}): RunRow {
  return { id, source: 'commit', name: id, state: 'finished', labels: [], params: {}, last: {}, best: {}, ...more };
}

function verdict(estimate: number, ci: [number, number], more: Partial<Verdict> = {}): Verdict & { b_run: string } {
  return {
    metric: 'accuracy',
    goal: 'max',
    primary: true,
    method: 'mcnemar',
    why: 'verdict.why.rightWrong',
    verdict: 'B_better',
    sentence: {
      code: 'verdict.B_better.points',
      data: { metric: 'accuracy', est: 1.8, lo: 0.6, hi: 3, digits: 1, level: 95, n: 1797 },
    },
    a: { value: 0.9, ci: null },
    b: { value: 0.918, ci: null },
    result: { estimate, se: (ci[1] - ci[0]) / 4, ci, n: 1797, mde: 0.02, needs: 0 },
    unit: 'points',
    how: [{ label: 'verdict.label.method', code: 'verdict.how.mcnemar', data: {} }],
    b_run: 'b',
    ...more,
  };
}

function answer(more: Partial<CompareAnswer> = {}): CompareAnswer {
  return {
    runs: [run('a'), run('b')],
    verdicts: [verdict(0.018, [0.006, 0.03])],
    changed: { params: [], code: [], data: [], env: [] },
    ...more,
  };
}

describe('compare: report', () => {
  it('begins with the sentence and the interval', () => {
    const lines = renderReport(answer(), text('en')).split('\n');
    assert.equal(lines[0], '## Comparison of `a` (A) and `b` (B)');
    assert.ok(lines.includes('**B is better: accuracy +1.8 points (95 % interval 0.6 to 3.0; 1,797 samples).**'));
    assert.ok(lines.includes('| `accuracy` | 90 % | 91.8 % | +1.80 points (0.60 to 3.00) | B is better |'));
  });

  it('speaks Spanish, with its numbers; values of files stay as they are', () => {
    const changed = {
      params: [{ path: 'params.yaml', key: 'lr', old: 0.5, new: 12345.5 }],
      code: [],
      data: [],
      env: [],
    };
    const report = renderReport(answer({ changed }), text('es'));
    assert.ok(
      report.includes('**B es mejor: accuracy +1,8 puntos (intervalo del 95 %: de 0,6 a 3,0; 1797 muestras).**'),
    );
    assert.ok(report.includes('| `lr` | `0.5` | `12345.5` |'));
  });

  const drawings: [string, Verdict, string, string][] = [
    [
      'right of zero',
      verdict(0.018, [0.006, 0.03]),
      '   │        ├─────────────────●────────────────┤',
      '← A better · B better →',
    ],
    [
      'across zero',
      verdict(0.01, [-0.01, 0.03]),
      '   ├──────────┼──────────●─────────────────────┤',
      '← A better · B better →',
    ],
    [
      'margins',
      verdict(0, [-0.01, 0.01], { margin: 0.02, goal: 'min' }),
      '   ┊          ├─────────●──────────┤           ┊',
      '← B better · A better →',
    ],
  ];
  for (const [title, one, line, sides] of drawings) {
    it(`draws an interval ${title}`, () => {
      const [axis = '', zero = '', caption] = (drawInterval(one, text('en')) ?? '').split('\n');
      assert.equal(axis.replace(/\s+$/, '').length <= 49, true);
      assert.equal(shape(axis), shape(line));
      assert.equal(zero.trim(), '0');
      assert.equal(caption, sides);
    });
  }

  it('draws nothing without an interval', () => {
    assert.equal(drawInterval(verdict(0, [0, 0], { result: { estimate: null, ci: null } }), text('en')), undefined);
  });

  it('lets nothing from files become Markdown, HTML, a mention or another row', () => {
    const evil = '`x`|<img src=x>\n# @everyone **bold**';
    const report = renderReport(
      answer({
        runs: [run('a', { name: evil, message: `${evil}` }), run('b', { labels: [evil] })],
        verdicts: [verdict(0.018, [0.006, 0.03], { metric: evil })],
        changed: {
          params: [{ path: evil, key: evil, old: evil, new: null }],
          code: [{ path: evil, state: 'added' }],
          data: [{ path: evil, new: 'f'.repeat(32) }],
          env: [evil],
        },
      }),
      text('en'),
    );
    const outsideCode = report.replace(/(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, '');
    for (const bad of [/(?<!\\)<img/, /@everyone/, /^# /m, /[^\\*]\*\*bold/, /[^\\]\|<img/])
      assert.doesNotMatch(outsideCode, bad, String(bad));
    for (const line of report.split('\n').filter((one) => one.startsWith('| '))) {
      const cells = line.replaceAll('\\|', '').split('|').length - 2;
      assert.ok([3, 5].includes(cells), line);
    }
  });

  it('cuts long lists and says how much is missing', () => {
    const code = Array.from({ length: 25 }, (_, i) => ({ path: `f${i}.py`, state: 'modified' }));
    const report = renderReport(answer({ changed: { params: [], code, data: [], env: [] } }), text('en'));
    assert.ok(report.includes('- `f19.py` modified\n- and 5 more'));
  });

  it('says when nothing can be judged and nothing changed', () => {
    const report = renderReport(answer({ verdicts: [] }), text('en'));
    assert.ok(report.includes('Nothing to judge: these runs share no metric.'));
    assert.ok(report.includes('Params, data and code are the same.'));
  });

  it('has a part for each run after the first', () => {
    const three = answer({
      runs: [run('a'), run('b'), run('c')],
      verdicts: [verdict(0.018, [0.006, 0.03]), verdict(0.018, [0.006, 0.03], {})],
    });
    assert.equal(renderReport(three, text('en')).match(/^## /gm)?.length, 2);
  });

  it('has each text in both languages', () => {
    const keys = (language: string): string[] =>
      Object.keys(
        JSON.parse(readFileSync(join(__dirname, '../../../l10n', language, 'compare-engine.json'), 'utf8')) as Bundle,
      );
    assert.deepEqual(keys('en'), keys('es'));
  });
});

/** The marks in their order, without how far apart they are. */
function shape(axis: string): string {
  return axis.replace(/ +/g, ' ').replace(/─+/g, '─').trim();
}
