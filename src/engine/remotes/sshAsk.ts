/**
 * Questions on the way into a computer. Whoever is at the other end of the call answers; when nobody can, the sentence names what to do
 * instead. A secret that was typed and was right is kept in memory as long as its engine lives, never written anywhere.
 */

import { isCancelled, throwIfCancelled, type Call, type Question } from '../../base/cancel';
import { type StrataError } from '../errors';
import { type Host } from '../host/host';

/** Typed secrets by engine; they go with it. */
const KEPT = new WeakMap<Host, Map<string, string>>();

/** Asks for one remote. */
export class SshAsker {
  /** Questions that wait for an answer: their time is nobody's fault. */
  waiting = 0;

  constructor(
    private readonly host: Host,
    private readonly call: Call,
  ) {}

  /** A typed secret that was kept. */
  kept(name: string): string | undefined {
    return KEPT.get(this.host)?.get(name);
  }

  /** Keeps a secret that was right. */
  keep(name: string, secret: string): void {
    const secrets = KEPT.get(this.host) ?? new Map<string, string>();
    KEPT.set(this.host, secrets.set(name, secret));
  }

  /** Drops one that was wrong. */
  forget(name: string): void {
    KEPT.get(this.host)?.delete(name);
  }

  /** Asks for text that nobody sees. Fails with `nobody` when there is nobody to answer, with Cancelled when the answer is to stop. */
  secret(code: string, data: Question['data'], nobody: StrataError): Promise<string> {
    return this.ask({ code, data, choices: [], kind: 'secret' }, nobody);
  }

  /** Asks for consent; the safe choice is to stop. */
  async consent(code: string, data: Question['data'], nobody: StrataError): Promise<boolean> {
    return (await this.ask({ code, data, choices: ['cancel', 'trustKey'], kind: 'confirm' }, nobody)) === 'trustKey';
  }

  private async ask(question: Question, nobody: StrataError): Promise<string> {
    throwIfCancelled(this.call.signal);
    this.waiting += 1;
    try {
      return await this.call.ask(question);
    } catch (error) {
      throw isCancelled(error) ? error : nobody;
    } finally {
      this.waiting -= 1;
    }
  }
}
