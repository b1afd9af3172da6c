/**
 * What a panel remembers: columns, sort, filters, zoom. It survives hiding the tab and reloading the window, because VS Code keeps
 * it outside the page. What comes back is checked like a message, since an older build may have written it.
 */

import type * as z from 'zod/mini';
import { Emitter, type Event } from '../../src/base/event';
import { type Boot, type Contract } from '../../src/protocol/contract';
import { vscodeApi } from './vscodeApi';

/** The state of a contract. */
export type StateOf<C extends Contract> = z.infer<C['state']>;

/** The remembered state of one panel. */
export interface PageState<T> {
  readonly value: T;
  /** Changes some fields, remembers them, and tells listeners. */
  update(patch: Partial<T>): void;
  readonly onDidChange: Event<T>;
}

/** Opens the state of this page: what was remembered, else what the host sent along, else `initial`. */
export function openState<C extends Contract>(contract: C, boot: Boot, initial: StateOf<C>): PageState<StateOf<C>> {
  const changed = new Emitter<StateOf<C>>();
  const check = (value: unknown): StateOf<C> | undefined => {
    const checked = contract.state.safeParse(value);
    return checked.success ? (checked.data as StateOf<C>) : undefined;
  };
  let value = check(remembered(contract.version)) ?? check(boot.state) ?? initial;
  // The project goes along, so that the host finds it again when it restores the panel after a reload.
  const keep = (): void => vscodeApi().setState({ version: contract.version, project: boot.project, value });
  keep();
  return {
    get value() {
      return value;
    },
    onDidChange: changed.event,
    update: (patch) => {
      value = Object.assign({}, value, patch);
      vscodeApi().setState({ version: contract.version, project: boot.project, value });
      changed.fire(value);
    },
  };
}

function remembered(version: number): unknown {
  const stored = vscodeApi().getState() as { version?: unknown; value?: unknown } | null | undefined;
  if (typeof stored !== 'object' || stored === null || stored.version !== version) return undefined;
  return stored.value;
}
