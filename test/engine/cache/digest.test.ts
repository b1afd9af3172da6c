import * as assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { BLOCK, createDigest, digestOf } from '../../../src/engine/cache/digest';

const md5 = (bytes: Uint8Array | string): string => createHash('md5').update(bytes).digest('hex');

describe('digestOf', () => {
  // What the hash of 2.x counts: the bytes after its line-ending rule.
  const cases: [string, Buffer, Buffer | string][] = [
    ['text loses carriage returns before newlines', Buffer.from('a\r\nb\r\n'), 'a\nb\n'],
    ['a lone carriage return stays', Buffer.from('a\rb\n'), 'a\rb\n'],
    ['two carriage returns lose one', Buffer.from('a\r\r\n'), 'a\r\n'],
    ['nothing is text', Buffer.alloc(0), ''],
    ['a NUL makes it binary', Buffer.from('a\0\r\n'), 'a\0\r\n'],
    ['a NUL after 512 bytes does not', Buffer.from(`${'a'.repeat(512)}\0\r\n`), `${'a'.repeat(512)}\0\n`],
    [
      '30 % other bytes are text',
      Buffer.from([...Array<number>(7).fill(97), 200, 201, 13, 10, 200]),
      Buffer.from([...Array<number>(7).fill(97), 200, 201, 10, 200]),
    ],
    ['more are binary', Buffer.from([97, 200, 201, 13, 10]), Buffer.from([97, 200, 201, 13, 10])],
  ];
  for (const [name, bytes, counted] of cases) {
    it(`md5-dos2unix: ${name}`, () => assert.equal(digestOf(bytes, 'md5-dos2unix'), md5(counted)));
  }

  it('decides block by block, and does not join a line end over two blocks', () => {
    const text = Buffer.concat([Buffer.alloc(BLOCK - 1, 'a'), Buffer.from('\r\n\0binary\r\n')]);
    const counted = Buffer.concat([Buffer.alloc(BLOCK - 1, 'a'), Buffer.from('\r\n\0binary\r\n')]);
    assert.equal(digestOf(text, 'md5-dos2unix'), md5(counted));
    const digest = createDigest('md5-dos2unix');
    digest.update(text.subarray(0, BLOCK));
    digest.update(text.subarray(BLOCK));
    assert.equal(digest.hex(), md5(counted));
  });

  it('knows the published pair', () => {
    assert.equal(digestOf(Buffer.from('a\r\nb\r\n'), 'md5-dos2unix'), 'dd8c6a395b5dd36c56d23275028f526c');
    assert.equal(digestOf(Buffer.from('a\r\nb\r\n')), '59b0d7772f0561efb95518f3cb8abc60');
  });
});
