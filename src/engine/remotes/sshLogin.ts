/** The steps of a login: keys, then a password or the server's own questions, in the order that the server allows. */

import { type AnyAuthMethod, type AuthenticationType, type KeyboardInteractiveCallback, type Prompt } from 'ssh2';
import { StrataError } from '../errors';
import { type SshAsker } from './sshAsk';
import { SshKeys } from './sshKeys';
import { type SshOptions, type SshTarget } from './sshTarget';

/** A password is asked for so often. */
const TRIES = 3;

/** One login at one computer. */
export class SshLogin {
  readonly keys: SshKeys;
  /** Why it ended, when it was neither the server nor the network. */
  failure: unknown;
  /** The server asked its own questions: another login would ask them again. */
  answered = false;
  /** Ways in that were tried, for the message. */
  private readonly tried = new Set<string>();
  private asked = 0;
  private typed: string | undefined;

  constructor(
    private readonly target: SshTarget,
    private readonly options: Pick<SshOptions, 'password' | 'passphrase' | 'askPassword'>,
    private readonly asker: SshAsker,
  ) {
    this.keys = new SshKeys(target, asker, options.passphrase);
  }

  /** The next step, false when there is none; `left` is what the server still allows, null at first. */
  async next(left: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | false> {
    const username = this.target.user;
    const failure = this.failure ?? this.keys.failure;
    if (failure !== undefined) throw failure as Error;
    if (left === null) return { type: 'none', username };
    const known = this.options.password ?? this.asker.kept(this.secretName);
    const early = this.options.askPassword && known === undefined && this.asked === 0 && left.includes('password');
    if (!early && left.includes('publickey') && this.first('publickey'))
      return { type: 'agent', username, agent: this.keys };
    if (left.includes('password')) return this.withPassword(known);
    if (!left.includes('keyboard-interactive') || this.asked >= TRIES) return false;
    this.tried.add('keyboard-interactive');
    return { type: 'keyboard-interactive', username, prompt: (...given) => this.questions(given[3], given[4], known) };
  }

  /** The login succeeded. */
  succeeded(): void {
    if (this.typed !== undefined) this.asker.keep(this.secretName, this.typed);
  }

  /** The error of a login that the server refused. */
  refused(reason: string): StrataError {
    const { user, host, port } = this.target;
    const ways = [...this.tried].filter((way) => way !== 'known password').join(', ') || 'none';
    return new StrataError('remoteSsh.denied', { user, host, port, ways, keys: this.keys.offered, reason });
  }

  private get secretName(): string {
    const { user, host, port } = this.target;
    return `password ${user}@${host}:${port}`;
  }

  private first(way: string): boolean {
    if (this.tried.has(way)) return false;
    this.tried.add(way);
    return true;
  }

  private async withPassword(known: string | undefined): Promise<AnyAuthMethod | false> {
    const username = this.target.user;
    if (known !== undefined && this.first('known password')) return { type: 'password', username, password: known };
    return this.asked < TRIES ? { type: 'password', username, password: await this.password() } : false;
  }

  private async password(): Promise<string> {
    this.asker.forget(this.secretName);
    this.tried.add('password');
    const { user, host } = this.target;
    const code = this.asked === 0 && !this.tried.has('known password') ? 'sshPassword' : 'sshPasswordAgain';
    this.asked += 1;
    this.typed = await this.asker.secret(code, { user, host }, this.refused(''));
    return this.typed;
  }

  /** Answers the server's questions: a single hidden one is the password when we have it. */
  private questions(prompts: Prompt[], finish: KeyboardInteractiveCallback, known: string | undefined): void {
    this.answers(prompts, known).then(finish, (error: unknown) => {
      this.failure = error;
      finish([]);
    });
  }

  private async answers(prompts: readonly Prompt[], known: string | undefined): Promise<string[]> {
    const [only] = prompts;
    if (known !== undefined && prompts.length === 1 && only?.echo !== true && this.first('known password'))
      return [known];
    const { user, host } = this.target;
    this.asked += 1;
    this.answered = true;
    const answers: string[] = [];
    for (const { prompt } of prompts) {
      const nobody = this.refused('');
      answers.push(await this.asker.secret('sshPrompt', { user, host, prompt: prompt.trim() }, nobody));
    }
    return answers;
  }
}
