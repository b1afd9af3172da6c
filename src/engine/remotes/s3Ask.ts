/**
 * Keys for a bucket when neither the configuration nor the chain of the AWS tools has any: whoever is at the other end of the call is asked, and
 * the answer is kept in memory as long as the engine lives. When nobody can answer, the error is that there are no keys.
 */

import { isCancelled, type Call, type Question } from '../../base/cancel';
import { type Host } from '../host/host';
import { type S3Keys } from './s3Options';

/** Typed keys by engine and place; they go with it and are written nowhere. */
const TYPED = new WeakMap<Host, Map<string, S3Keys>>();

/** Asks for one place. */
export class S3Asker {
  private asking: Promise<void> | undefined;
  private own: S3Keys | undefined;

  constructor(
    private readonly host: Host,
    /** The remote's name and url. */
    private readonly facts: Readonly<Record<'name' | 'url', string>>,
    private readonly ask: Call['ask'],
  ) {}

  /** What was typed; for this place it counts to its end. */
  get keys(): S3Keys | undefined {
    this.own ??= TYPED.get(this.host)?.get(this.facts.url);
    return this.own;
  }

  /** Sees to it once that there are keys: `find` looks for others than typed ones. Fails as `find` does when nobody gives any. */
  ready(find: () => Promise<S3Keys>): Promise<void> {
    this.asking ??= this.keys ? Promise.resolve() : this.findOrAsk(find);
    return this.asking;
  }

  /** What was typed is wrong: the next place asks again. */
  forget(): void {
    TYPED.get(this.host)?.delete(this.facts.url);
  }

  private async findOrAsk(find: () => Promise<S3Keys>): Promise<void> {
    try {
      await find();
    } catch (error) {
      if (!(error instanceof Error) || !error.name.endsWith('ProviderError')) throw error;
      const accessKeyId = await this.text('s3.accessKeyId', error);
      const secretAccessKey = await this.text('s3.secretAccessKey', error);
      const typed = TYPED.get(this.host) ?? new Map<string, S3Keys>();
      TYPED.set(this.host, typed.set(this.facts.url, { accessKeyId, secretAccessKey }));
    }
  }

  private async text(code: string, nobody: Error): Promise<string> {
    const question: Question = { code, data: this.facts, choices: [], kind: 'secret' };
    const typed = await this.ask(question).catch((error: unknown) => {
      throw isCancelled(error) ? error : nobody;
    });
    if (typed.trim() === '') throw nobody;
    return typed.trim();
  }
}
