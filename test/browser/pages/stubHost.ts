/**
 * The other side of a page in its tests: runs inside the page before it, offers what VS Code offers to a webview, and answers through
 * the real channel and the real contract. The answers themselves come from a module of the panel (`compareHost.ts` …).
 * Messages are cloned as the editor clones them; the state lives in `sessionStorage`, so it survives a reload as in the editor.
 */

import { toDisposable } from '../../../src/base/lifecycle';
import { serveRpc, type ErrorCodec, type RpcServer } from '../../../src/base/rpc';
import { errorCodec, StrataError } from '../../../src/engine/errors';
import { handle, type Contract, type Handlers } from '../../../src/protocol/contract';

/** What a test reads and steers through `window.stubHost`. */
export interface StubHost {
  /** Every call that arrived, in order. */
  readonly calls: { method: string; args: unknown }[];
  /** Methods that fail from now on, with the code of their error; `hang` never answers. */
  readonly failing: Record<string, string>;
  /** Free knobs of a panel's answers. */
  readonly knobs: Record<string, unknown>;
  emit(name: string, value: unknown): void;
  /** Puts a raw message into the page. */
  post(message: unknown): void;
}

declare global {
  interface Window {
    stubHost: StubHost;
    acquireVsCodeApi(): unknown;
  }
}

/** As in the editor, an error crosses with its finished sentence. */
const codec: ErrorCodec = {
  fromWire: (wire) => errorCodec.fromWire(wire),
  toWire: (error) => {
    const wire = errorCodec.toWire(error);
    return { ...wire, message: `data/pool.csv: ${wire.code}. Check it and try again.` };
  },
};

/** Installs the host for a contract. */
export function installStubHost<C extends Contract>(contract: C, handlers: (host: StubHost) => Handlers<C>): void {
  const listeners = new Set<(message: unknown) => void>();
  const post = (message: unknown): void => window.postMessage(structuredClone(message), '*');
  const knobs = JSON.parse(sessionStorage.getItem('knobs') ?? '{}') as Record<string, unknown>;
  const failing = JSON.parse(sessionStorage.getItem('failing') ?? '{}') as Record<string, string>;
  const host: StubHost = { calls: [], failing, knobs, emit: (name, value) => server.emit(name, value), post };
  const answer = handle(contract, handlers(host));
  const server: RpcServer = serveRpc(
    {
      post,
      onMessage: (listener) => {
        listeners.add(listener);
        return toDisposable(() => listeners.delete(listener));
      },
    },
    codec,
    async (method, args, call) => {
      host.calls.push({ method, args });
      const code = host.failing[method];
      if (code === 'hang') return new Promise(() => undefined);
      if (code !== undefined) throw new StrataError(code, { path: 'data/pool.csv' });
      return answer(method, args, call);
    },
  );
  window.stubHost = host;
  window.acquireVsCodeApi = () => {
    window.acquireVsCodeApi = () => {
      throw new Error('asked twice');
    };
    return {
      postMessage: (message: unknown) => {
        const cloned: unknown = structuredClone(message);
        setTimeout(() => listeners.forEach((listener) => listener(cloned)), 0);
      },
      getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown,
      setState: (state: unknown) => sessionStorage.setItem('state', JSON.stringify(state)),
    };
  };
}
