/** What a reader of metric files is: it says which files are its own, and turns their text into series as it comes. */

import { type SeriesSet } from './seriesStore';

/** Where a file's curves belong. */
export interface Claim {
  /** Path of the file or folder that is one run's log: its files are shown together. */
  readonly source: string;
  /** The one metric of the file, when its place names it. */
  readonly metric?: string;
}

/** Takes the text of one file piece by piece. Neither call throws. */
export interface TextParser {
  push(text: string): void;
  /** Nothing more comes; false when the last record was cut short and left out. */
  end(): boolean;
}

/** A kind of metric file. */
export interface MetricReader {
  readonly id: string;
  /** Undefined when a file of that path (`/` between parts) is not of this kind. */
  claim(path: string): Claim | undefined;
  /** A parser that adds what it reads to `into`. */
  open(claim: Claim, into: SeriesSet): TextParser;
}
