/** placeholder until the reader of regular files */
import { type Value } from './values';
export interface KeyRange {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}
export interface FastDocument {
  readonly value: Value;
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, KeyRange>>;
}
export function parseFast(_text: string): FastDocument | undefined {
  return undefined;
}
