import * as assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { isCancelled } from '../../src/base/cancel';
import { readSecret, type Keyboard } from '../../src/cli/secret';

/** A keyboard that keeps what was done to it. */
class Keys extends EventEmitter implements Keyboard {
  isRaw = false;
  running = false;
  setRawMode(raw: boolean): void {
    this.isRaw = raw;
  }
  resume(): void {
    this.running = true;
  }
  pause(): void {
    this.running = false;
  }
}

describe('readSecret', () => {
  const cases: [string, (string | Buffer)[], string | undefined][] = [
    ['one line', ['open sesame\r'], 'open sesame'],
    ['single keys', ['o', 'p', '\n'], 'op'],
    ['an empty line', ['\r'], ''],
    ['erased keys', ['ab\u007fc\b\bd\r'], 'd'],
    ['a cleared line', ['wrong\u0015right\r'], 'right'],
    ['letters in parts', [Buffer.from([0xc3]), Buffer.from([0xb1, 0x0d])], 'ñ'],
    ['Ctrl+C', ['half\u0003'], undefined],
    ['Ctrl+D', ['\u0004'], undefined],
  ];
  for (const [name, chunks, secret] of cases) {
    it(`takes ${name} and leaves the terminal as it was`, async () => {
      const keys = new Keys();
      const reading = readSecret(keys);
      assert.ok(keys.isRaw && keys.running, 'raw while reading');
      for (const chunk of chunks) keys.emit('data', Buffer.from(chunk as string));
      if (secret === undefined) await assert.rejects(reading, isCancelled);
      else assert.equal(await reading, secret);
      assert.deepEqual([keys.isRaw, keys.running, keys.listenerCount('data')], [false, false, 0]);
    });
  }
});
