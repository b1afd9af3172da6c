/** Edges, order and refusals of the stage graph; expectations are DVC's own (dvc.md §17, conformance cases of `repro`). */

import assert from 'node:assert/strict';
import { is } from '../../../src/engine/errors';
import { buildGraph, linkStages, needs, postOrder, reach, type GraphNode } from '../../../src/engine/pipeline/graph';

/** `name: dep dep -> out out`; a leading `!` is frozen, a file before `|`. */
function parse(text: string): GraphNode[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [head = '', rest = ''] = line.split(/:(.*)/s);
      const [reads = '', makes = ''] = rest.split('->');
      const [file, name] = head.includes('|') ? head.split('|') : ['dvc.yaml', head];
      const words = (part: string): string[] => part.split(' ').filter((word) => word !== '');
      const id = (name ?? '').replace('!', '');
      return {
        id,
        file: file ?? '',
        reads: words(reads),
        makes: words(makes),
        frozen: head.includes('!'),
        repoImport: false,
      };
    });
}

const DVC_EXAMPLE = `
  raw.dvc|raw.dvc: -> raw
  e: d1 b1
  a: raw -> a1
  b: a1 -> b1
  d: c1 -> d1
  c: -> c1
  z:`;

describe('graph: order', () => {
  const rows: [string, string, string[], string][] = [
    ['all in file order', DVC_EXAMPLE, ['e', 'a', 'b', 'd', 'c', 'z'], 'c d raw.dvc a b e z'],
    ['one target', DVC_EXAMPLE, ['b'], 'raw.dvc a b'],
    ['a folder feeds a file inside it and around it', 'x: -> d\n y: d/a -> e/f\n z: e', ['z', 'y'], 'x y z'],
    ['frozen stages do not look upstream', 'a: -> 1\n !b: 1 -> 2\n c: 2', ['c'], 'b c'],
    ['an unknown start is nothing', 'a: -> 1', ['q'], ''],
  ];
  for (const [title, text, starts, expected] of rows) {
    it(title, () => {
      const graph = buildGraph(parse(text));
      assert.equal(postOrder(graph, starts, needs(graph, true)).join(' '), expected);
    });
  }

  it('downstream of a', () => {
    const graph = buildGraph(parse(DVC_EXAMPLE));
    const within = reach(['a'], (id) => graph.downstream(id));
    const next = (id: string): string[] => graph.upstream(id).filter((other) => within.has(other));
    const starts = [...graph.nodes.keys()].filter((id) => within.has(id));
    assert.equal(postOrder(graph, starts, next).join(' '), 'a b e');
  });

  it('holds chains of 20,000 stages', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `s${i}: o${i - 1} -> o${i}`);
    const graph = buildGraph(parse(lines.join('\n')));
    assert.equal(postOrder(graph, ['s19999'], needs(graph, true)).length, 20_000);
  });
});

describe('graph: refusals', () => {
  const rows: [string, string, string, Record<string, unknown>][] = [
    ['two stages, one output', 's: -> a\n t: -> a', 'pipeline.outTwice', { path: 'a', stages: ['s', 't'] }],
    ['one stage, one output twice', 's: -> a a', 'pipeline.outTwiceInStage', { path: 'a', stage: 's' }],
    [
      'output in output',
      't: -> a/b/c\n s: -> a',
      'pipeline.outsOverlap',
      { parent: 'a', parentStage: 's', path: 'a/b/c', stage: 't' },
    ],
    ['reads what it makes', 's: a -> a', 'pipeline.cycle', { stages: ['s'] }],
    ['a cycle', 's: y -> x\n t: x -> y', 'pipeline.cycle', { stages: ['s', 't'] }],
    ['a cycle behind others', 'q: r\n r: y -> r\n s: y -> x\n t: x -> y', 'pipeline.cycle', { stages: ['t', 's'] }],
    [
      'a stage file in an output',
      'd/dvc.yaml|d/dvc.yaml:s: -> q\n t: -> d',
      'pipeline.fileInsideOut',
      { file: 'd/dvc.yaml', path: 'd' },
    ],
  ];
  for (const [title, text, code, data] of rows) {
    it(title, () => {
      assert.throws(
        () => buildGraph(parse(text)),
        (error) => {
          assert.ok(is(error, code), String(error));
          assert.deepEqual(error.data, data);
          return true;
        },
      );
    });
  }

  it('is linked all the same for views', () => {
    const graph = linkStages(parse('s: y -> x\n t: x -> y'));
    assert.deepEqual(graph.upstream('s'), ['t']);
  });
});
