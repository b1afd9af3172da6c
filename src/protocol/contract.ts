/**
 * How a panel's page and the extension host talk: named methods with validated arguments and answers, named events, and the state
 * the page keeps. Both ends check what arrives against the same schemas; anything unknown is refused. Travels over `base/rpc`.
 */

import * as z from 'zod/mini';
import { quietCall, type Call } from '../base/cancel';
import { createRpcClient, type ErrorCodec, type Port } from '../base/rpc';
import { type Disposable } from '../base/lifecycle';

/** Schemas of one method. */
export interface MethodSchema {
  readonly args: z.ZodMiniType;
  readonly answer: z.ZodMiniType;
}

/** The whole conversation of one panel. `version` changes whenever a schema does. */
export interface Contract {
  readonly panel: string;
  readonly version: number;
  readonly methods: Readonly<Record<string, MethodSchema>>;
  readonly events: Readonly<Record<string, z.ZodMiniType>>;
  /** What the page stores for tab switches and reloads; restored state is checked like a message. */
  readonly state: z.ZodMiniType;
}

/** Arguments of a method. */
export type ArgsOf<C extends Contract, M extends keyof C['methods']> = z.infer<C['methods'][M]['args']>;
/** Answer of a method. */
export type AnswerOf<C extends Contract, M extends keyof C['methods']> = z.infer<C['methods'][M]['answer']>;
/** Value of an event. */
export type EventOf<C extends Contract, E extends keyof C['events']> = z.infer<C['events'][E]>;

/** What the host writes into the page for its start; `<script type="application/json" id="boot">`. */
export interface Boot {
  readonly panel: string;
  readonly version: number;
  /** Root of the project shown; the page keeps it beside its state, so that a restored panel finds its project. */
  readonly project: string;
  readonly language: string;
  /** Messages of the language, merged over English. */
  readonly bundle: Readonly<Record<string, string | Record<string, string>>>;
  /** Things the page must know before its first call, checked against the contract's `state`. */
  readonly state: unknown;
}

/** The host's functions for a contract. */
export type Handlers<C extends Contract> = {
  readonly [M in keyof C['methods']]: (args: ArgsOf<C, M>, call: Call) => Promise<AnswerOf<C, M>>;
};

/** Errors of the contract itself, with their texts `error.protocol.*`. */
export class ProtocolError extends Error {
  readonly code: 'protocol.unknownMethod' | 'protocol.badArguments' | 'protocol.badAnswer';
  readonly data: { readonly method: string; readonly message: string };
  constructor(code: ProtocolError['code'], method: string, message: string) {
    super(`${code} ${method} ${message}`);
    this.name = 'ProtocolError';
    this.code = code;
    this.data = { method, message };
  }
}

/** The answering function for `serveRpc`: checks the method's name and arguments before any handler sees them. */
export function handle<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
): (method: string, args: unknown, call: Call) => Promise<unknown> {
  return async (method, args, call) => {
    const schema = Object.hasOwn(contract.methods, method) ? contract.methods[method] : undefined;
    if (!schema) throw new ProtocolError('protocol.unknownMethod', method, '');
    const checked = schema.args.safeParse(args);
    if (!checked.success) throw new ProtocolError('protocol.badArguments', method, z.prettifyError(checked.error));
    const run = handlers[method as keyof C['methods']] as (args: unknown, call: Call) => Promise<unknown>;
    return run(checked.data, call);
  };
}

/** The page's end of a contract. */
export interface Client<C extends Contract> extends Disposable {
  call<M extends keyof C['methods'] & string>(
    method: M,
    args: ArgsOf<C, M>,
    signal?: AbortSignal,
  ): Promise<AnswerOf<C, M>>;
  on<E extends keyof C['events'] & string>(event: E, listener: (value: EventOf<C, E>) => void): Disposable;
}

/** Opens the page's end; answers and events that do not fit the contract are refused. */
export function createClient<C extends Contract>(contract: C, port: Port, codec: ErrorCodec): Client<C> {
  const rpc = createRpcClient(port, codec);
  return {
    call: async (method, args, signal) => {
      const answer = await rpc.call(method, args, quietCall(signal));
      const checked = contract.methods[method]?.answer.safeParse(answer);
      if (!checked?.success) {
        throw new ProtocolError('protocol.badAnswer', method, checked ? z.prettifyError(checked.error) : '');
      }
      return checked.data as never;
    },
    on: (event, listener) =>
      rpc.onEvent(({ name, value }) => {
        if (name !== event) return;
        const checked = contract.events[event]?.safeParse(value);
        if (checked?.success) listener(checked.data as never);
      }),
    dispose: () => rpc.dispose(),
  };
}
