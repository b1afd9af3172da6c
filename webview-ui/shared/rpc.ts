/** The page's end of the message channel to the extension host, and the sentences of its errors. */

import { Cancelled, isCancelled } from '../../src/base/cancel';
import { toDisposable } from '../../src/base/lifecycle';
import { type ErrorCodec, type Port } from '../../src/base/rpc';
import { type Text } from '../../src/base/text';
import { createClient, ProtocolError, type Client, type Contract } from '../../src/protocol/contract';
import { vscodeApi } from './vscodeApi';

/** A failure on the other side: `code` names it, `message` is its sentence in the user's language. */
class HostError extends Error {
  constructor(
    readonly code: string,
    readonly data: Readonly<Record<string, unknown>>,
    message: string,
  ) {
    super(message);
    this.name = 'HostError';
  }
}

const codec: ErrorCodec = {
  toWire: (error) => ({ code: 'unexpected', data: {}, message: String(error), cancelled: isCancelled(error) }),
  fromWire: (wire) => (wire.cancelled ? new Cancelled() : new HostError(wire.code, wire.data, wire.message)),
};

/** The port of this page: messages to the host, and those that the host posts into the window. */
function hostPort(): Port {
  return {
    post: (message) => vscodeApi().postMessage(message),
    onMessage: (listener) => {
      const own = (event: MessageEvent): void => listener(event.data);
      window.addEventListener('message', own);
      return toDisposable(() => window.removeEventListener('message', own));
    },
  };
}

/** Opens the calling end of this page. */
export function connectHost<C extends Contract>(contract: C): Client<C> {
  return createClient(contract, hostPort(), codec);
}

/** The sentence for an error in the user's language: what happened, where, what to do. The host sends its own finished. */
export function errorSentence(text: Text, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof HostError) return message;
  const key = error instanceof ProtocolError ? `error.${error.code}` : '';
  return text.has(key) ? text.t(key, (error as ProtocolError).data) : text.t('webview.error.unexpected', { message });
}
