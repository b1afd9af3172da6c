import * as assert from 'node:assert/strict';
import { contentKind } from '../../../../src/engine/data/diff/kind';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('contentKind', () => {
  const cases: readonly (readonly [path: string, head: Uint8Array, kind: string])[] = [
    ['a.csv', bytes('x,y\n'), 'table'],
    ['A.TSV', bytes('x\ty\n'), 'table'],
    ['a.csv', bytes('x\0y'), 'binary'],
    ['a.md', bytes('añ'), 'text'],
    ['a.md', bytes('añ').subarray(0, 2), 'text'],
    ['a', Uint8Array.of(0xff, 0xfe, 0x41), 'binary'],
    ['a.png', bytes(''), 'image'],
    ['m.safetensors', bytes(''), 'model'],
    ['empty', bytes(''), 'text'],
  ];
  for (const [path, head, kind] of cases)
    it(`${path} ${head.length} bytes: ${kind}`, () => assert.equal(contentKind(path, head), kind));
});
