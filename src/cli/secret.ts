/** Text that is typed without being shown: passphrases and passwords. */

import { StringDecoder } from 'node:string_decoder';
import { Cancelled } from '../base/cancel';

/** A terminal to type at. */
export interface Keyboard {
  readonly isRaw?: boolean | undefined;
  setRawMode(raw: boolean): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  off(event: 'data', listener: (chunk: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Keys with a meaning of their own, as a terminal in raw mode sends them. */
const KEY = { stop: '\u0003', end: '\u0004', erase: ['\u007f', '\b'], clear: '\u0015', enter: ['\r', '\n'] };

/** Reads a line without echo. Ctrl+C stops, and so does Ctrl+D; both reject with Cancelled. The terminal is left as it was. */
export function readSecret(keyboard: Keyboard): Promise<string> {
  const decoder = new StringDecoder('utf8');
  const before = keyboard.isRaw === true;
  let typed: string[] = [];
  return new Promise((resolve, reject) => {
    const end = (tell: () => void): void => {
      keyboard.off('data', take);
      keyboard.setRawMode(before);
      keyboard.pause();
      tell();
    };
    const take = (chunk: Buffer): void => {
      for (const key of decoder.write(chunk)) {
        if (key === KEY.stop || key === KEY.end) return end(() => reject(new Cancelled()));
        if (KEY.enter.includes(key)) return end(() => resolve(typed.join('')));
        if (KEY.erase.includes(key)) typed.pop();
        else if (key === KEY.clear) typed = [];
        else typed.push(key);
      }
    };
    keyboard.setRawMode(true);
    keyboard.on('data', take);
    keyboard.resume();
  });
}
