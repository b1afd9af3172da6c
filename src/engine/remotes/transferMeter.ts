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

  /** A file was copied by work that tells its own progress to {@link beside}. */
  copied(bytes: number): void {
    this.files += 1;
    this.fileBytes += bytes;
    this.moved += bytes;
  }

  /** A call whose progress counts on top of what is done so far. */
  beside(): Call {
    const [files, moved] = [this.files, this.moved];
    const progress: Call['progress'] = ({ done, bytes = 0 }) => this.tell(files + done, moved + bytes);
    return { ...this.call, progress };
  }

  /** The last word. */
  end(): void {
    if (this.total > 0) this.report();
  }

  private soon(item?: string): void {
    if (Date.now() - this.last >= 100) this.report(item);
  }

  private report(item?: string): void {
    this.tell(this.files, this.moved, item);
  }

  private tell(done: number, bytes: number, item?: string): void {
    this.last = Date.now();
    this.call.progress({
      ...{ phase: this.phase, done, total: this.total, unit: 'files', bytes },
      ...(this.totalBytes > 0 ? { totalBytes: this.totalBytes } : {}),
      ...(item === undefined ? {} : { item }),
    });
  }
}
