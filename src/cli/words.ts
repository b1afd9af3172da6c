/**
 * Failures inside an answer in words: the engine gives codes and facts, and what is printed, `--json` included, holds sentences. An answer
 * without failures passes unchanged.
 */

import { type ErrorData } from '../engine/errors';
import { type Text } from '../base/text';
import { codeSentence } from './output';

/** The fields that hold a message, as the shapes of the answers name them. */
const MESSAGES = ['msg', 'message'] as const;

interface Coded {
  readonly code: string;
  readonly data?: ErrorData;
}

/** A copy of an answer in which each message that only repeats its code is the sentence of that code. */
export function inWords<T>(answer: T, text: Text): T {
  return translated(answer, text) as T;
}

function translated(value: unknown, text: Text): unknown {
  if (Array.isArray(value)) return value.map((item) => translated(item, text));
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  const fields: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) define(fields, key, translated(field, text));
  const failure = coded(fields) ?? coded(fields['error']);
  for (const key of failure ? MESSAGES : []) {
    const message = fields[key];
    if (
      failure &&
      typeof message === 'string' &&
      message.includes(`${failure.code} {`) &&
      text.has(`error.${failure.code}`)
    )
      fields[key] = codeSentence(failure.code, { ...pathOf(fields), ...failure.data }, text);
  }
  return fields;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Sets a field under any name; one called `__proto__` stays a field. */
function define(fields: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(fields, key, { value, enumerable: true, writable: true, configurable: true });
}

function coded(value: unknown): Coded | undefined {
  if (typeof value !== 'object' || value === null || !('code' in value) || typeof value.code !== 'string')
    return undefined;
  return value as Coded;
}

function pathOf(fields: Readonly<Record<string, unknown>>): ErrorData {
  return typeof fields['path'] === 'string' ? { path: fields['path'] } : {};
}
