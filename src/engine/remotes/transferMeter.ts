/** Progress of a transfer: files and bytes, told at most ten times a second. */

import { type Call } from '../../base/cancel';
import { type Moving } from './remotes';

export class TransferMeter {
  /** Files that arrived, and their bytes. */
  files = 0;
  fileBytes = 0;
  private moved = 0;
  private total = 0;
  private totalBytes = 0;
  private last = 0;

  constructor(
    private readonly phase: string,
    private readonly call: Call,
  ) {}

  /** More work became known; bytes are 0 where sizes are not known before. */
  expect(files: number, bytes: number): void {
    this.total += files;
    this.totalBytes += bytes;
    if (files > 0) this.report();
  }

  /** What a remote tells its steps to. */
  moving(signal: AbortSignal): Moving {
    return {
      signal,
      moved: (bytes) => {
        this.moved += bytes;
        this.soon();
      },
    };
  }

  /** A file is in its place. */
  fileDone(item: string, bytes: number): void {
    this.files += 1;
    this.fileBytes += bytes;
    this.soon(item);
  }

  /** The last word. */
  end(): void {
    if (this.total > 0) this.report();
  }

  private soon(item?: string): void {
    if (Date.now() - this.last >= 100) this.report(item);
  }

  private report(item?: string): void {
    this.last = Date.now();
    this.call.progress({
      phase: this.phase,
      done: this.files,
      total: this.total,
      unit: 'files',
      bytes: this.moved,
      ...(this.totalBytes > 0 ? { totalBytes: this.totalBytes } : {}),
      ...(item === undefined ? {} : { item }),
    });
  }
}
