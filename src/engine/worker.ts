/**
 * The engine as a worker of the editor's extension host (`dist/engine.js`): one project behind a message port. Methods: `open`
 * once, then the verbs. The extension host keeps snapshots, never files.
 */

import { parentPort } from 'node:worker_threads';
import { serveRpc, type Port } from '../base/rpc';
import { type Call } from '../base/cancel';
import { toDisposable } from '../base/lifecycle';
import { errorCodec, StrataError } from './errors';
import { callAnywhere, openRepository, type Repository, type RepositoryOptions } from './library';
import { type ArgsOf, type VerbId } from './verbs/verbs';

/** Arguments of the method `open`. */
export interface OpenArgs {
  readonly dir: string;
  readonly trusted: boolean;
}

/** Arguments of every other method; the method's name is the verb's. */
export interface VerbCall {
  readonly args: unknown;
  readonly cwd?: string;
}

class Engine {
  private options: RepositoryOptions | undefined;
  private project: Promise<Repository> | undefined;

  async handle(method: string, args: unknown, call: Call): Promise<unknown> {
    if (method === 'open') return this.open(args as OpenArgs);
    if (method === 'close') return this.close();
    if (method === 'reload') return (await this.opened()).reload();
    const { args: own, cwd } = args as VerbCall;
    return this.act(method as VerbId, own, call, cwd);
  }

  /** Answers with the project's root, or null when there is none yet (`init` and `sample` work all the same). */
  private async open(args: OpenArgs): Promise<{ root: string | null }> {
    await this.close();
    this.options = args;
    this.project = openRepository(this.options);
    const root = await this.project.then(
      (project) => project.root,
      (error: unknown) => {
        this.project = undefined;
        if (error instanceof StrataError && error.code === 'project.none') return null;
        throw error;
      },
    );
    return { root };
  }

  private opened(): Promise<Repository> {
    if (!this.project) throw new StrataError('project.none', { path: this.options?.dir ?? '' });
    return this.project;
  }

  private async act(verb: VerbId, args: unknown, call: Call, cwd?: string): Promise<unknown> {
    if (!this.project && this.options) return callAnywhere(this.options, verb, args as ArgsOf<VerbId>, call);
    return (await this.opened()).call(verb, args as ArgsOf<VerbId>, call, cwd);
  }

  private async close(): Promise<void> {
    const project = await this.project?.catch(() => undefined);
    this.project = undefined;
    await project?.close();
  }
}

const port = parentPort;
if (port) {
  const channel: Port = {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.on('message', listener);
      return toDisposable(() => port.off('message', listener));
    },
  };
  const engine = new Engine();
  serveRpc(channel, errorCodec, (method, args, call) => engine.handle(method, args, call));
}
