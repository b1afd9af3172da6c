/** One remote at a server under test, with whoever answers its questions. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { Cancelled, type Call, type Question } from '../../src/base/cancel';
import { type Host } from '../../src/engine/host/host';
import { type Patience } from '../../src/engine/remotes/retry';
import { SshRemote } from '../../src/engine/remotes/ssh';
import { resolvePlace } from '../../src/engine/remotes/sshTarget';
import { sshSettings, USER, type SshServer } from './sshServer';

/** Answers by the code of the question; `stop` is what a person does who wants none of it. No answer: nobody is there. */
export type Answers = Readonly<Record<string, string | readonly string[]>>;

/** What differs from the usual. */
export interface Session {
  readonly options?: Record<string, string>;
  readonly answers?: Answers;
  /** Further variables of the environment. */
  readonly host?: Partial<Host['env']>;
  /** The engine's machine, which remembers what was typed; a new one for each session unless given. */
  readonly machine?: Host;
  readonly files?: Record<string, string>;
  readonly port?: number;
  /** Instead of `user@127.0.0.1:port`. */
  readonly where?: string;
  readonly base?: string;
  readonly patience?: Partial<Patience>;
  readonly signal?: AbortSignal;
}

/** A remote, and what it asked. */
export interface OpenSession {
  readonly remote: SshRemote;
  readonly call: Call;
  readonly asked: Question[];
}

/** Opens a remote; `files` are put below the home first. */
export async function openSession(server: SshServer, session: Session = {}): Promise<OpenSession> {
  for (const [name, content] of Object.entries(session.files ?? {}))
    fs.writeFileSync(path.join(server.folder, name), content);
  const asked: Question[] = [];
  const given = new Map<string, number>();
  const call: Call = {
    signal: session.signal ?? new AbortController().signal,
    progress: () => undefined,
    ask: (question) => {
      asked.push(question);
      const answer = session.answers?.[question.code];
      const turn = given.get(question.code) ?? 0;
      given.set(question.code, turn + 1);
      const text = typeof answer === 'string' ? answer : answer?.[turn];
      if (text === undefined) return Promise.reject(new Error('nobody can be asked'));
      return text === 'stop' ? Promise.reject(new Cancelled()) : Promise.resolve(text);
    },
  };
  const where = session.where ?? `${USER}@127.0.0.1:${session.port ?? server.port}`;
  const host = session.machine ?? { ...server.host, env: { ...server.host.env, ...session.host } };
  const settings = sshSettings(`ssh://${where}${session.base ?? server.store}`, session.options ?? {});
  const place = await resolvePlace(settings, host);
  const patience = { firstPauseMs: 10, ...session.patience };
  return { remote: new SshRemote(place, 8, { host, call, patience }), call, asked };
}
