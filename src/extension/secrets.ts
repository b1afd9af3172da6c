/**
 * Passwords and passphrases that remotes ask for. They are typed once a workspace and kept in the editor's secret store, nowhere else, when
 * they proved right; one that proves wrong is dropped and asked for again. What is kept has a name in the workspace's memory, so that a command
 * can list and remove it.
 */

import * as vscode from 'vscode';
import { type Question } from '../base/cancel';
import { is } from '../engine/errors';
import { askChoice, askSecret } from './prompts/questions';
import { type Texts } from './texts';

/** Questions whose answers may serve again. What a server asks by itself may be a code for one time. */
const KEPT = new Set(['sshPassword', 'sshPassphrase', 'remoteHttp.password', 's3.accessKeyId', 's3.secretAccessKey']);
/** Errors that mean that an answer was wrong. */
const WRONG = new Set(['remoteHttp.login', 's3.unknownKey', 's3.wrongSecret', 's3.denied', 's3.noKeys']);
const NAMES = 'strata.secrets';

/** What is kept, without the secret itself. */
export interface KeptSecret {
  readonly id: string;
  /** What was asked, in the language that was spoken then. */
  readonly label: string;
}

/** Answers the engine's questions. */
type Ask = (question: Question) => Promise<string>;

/** The secrets of this workspace. */
export class Secrets {
  private readonly workspace: string;

  constructor(
    private readonly store: vscode.SecretStorage,
    private readonly names: vscode.Memento,
    private readonly text: Texts,
  ) {
    const { workspaceFile, workspaceFolders = [] } = vscode.workspace;
    this.workspace = (workspaceFile ?? workspaceFolders[0]?.uri)?.toString() ?? '';
  }

  /** What is kept, oldest first. */
  get kept(): readonly KeptSecret[] {
    return this.names.get<KeptSecret[]>(NAMES) ?? [];
  }

  /** Removes what is kept. */
  async forget(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.store.delete(id);
    await this.names.update(
      NAMES,
      this.kept.filter((one) => !ids.includes(one.id)),
    );
  }

  /** Does one act with its questions answered; what was typed is kept when the act shows that it was right. */
  async during<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    const typed = new Map<string, { readonly label: string; readonly secret: string }>();
    const used = new Set<string>();
    const ask: Ask = async (question) => {
      if (question.kind !== 'secret') return askChoice(question, this.text);
      const code = question.code.replace(/Again$/, '');
      if (!KEPT.has(code)) return askSecret(question, undefined, this.text);
      const id = this.idOf(code, question.data);
      const known = code === question.code && !used.has(id) ? await this.store.get(id) : undefined;
      used.add(id);
      if (known !== undefined) return known;
      await this.drop([id]);
      const secret = await askSecret(question, this.text.t('secret.note'), this.text);
      typed.set(id, { label: this.text.t(`ask.${code}`, question.data), secret });
      return secret;
    };
    try {
      const answer = await work(ask);
      if (wrongIn(answer)) await this.drop([...used]);
      else for (const [id, { label, secret }] of typed) await this.keep({ id, label }, secret);
      return answer;
    } catch (error) {
      if (is(error) && WRONG.has(error.code)) await this.drop([...used]);
      throw error;
    }
  }

  private idOf(code: string, data: Question['data']): string {
    const facts = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
    return `strata ${this.workspace} ${code} ${JSON.stringify(facts)}`;
  }

  private async keep(one: KeptSecret, secret: string): Promise<void> {
    if (secret === '') return;
    await this.store.store(one.id, secret);
    await this.names.update(NAMES, [...this.kept.filter(({ id }) => id !== one.id), one]);
  }

  private async drop(ids: readonly string[]): Promise<void> {
    const known = this.kept.map(({ id }) => id).filter((id) => ids.includes(id));
    if (known.length > 0) await this.forget(known);
  }
}

/** An act may be over and yet say that a login failed: one line an object. */
function wrongIn(answer: unknown): boolean {
  const failed = (answer as { failed?: unknown } | undefined)?.failed;
  return Array.isArray(failed) && failed.some((one: { code?: unknown }) => WRONG.has(String(one.code)));
}
