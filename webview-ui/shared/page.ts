/**
 * What every panel starts with: boot data, texts, the channel to the host, the theme, a root element and a voice for screen readers.
 * A page is opened once, by its own main file.
 */

import { DisposableStore } from '../../src/base/lifecycle';
import { createText, type Bundle, type Text } from '../../src/base/text';
import { type Boot, type Client, type Contract } from '../../src/protocol/contract';
import { readBoot } from './boot';
import { fill, h } from './dom';
import './page.css';
import { connectHost } from './rpc';
import { watchTheme, type Theme } from './theme';

/** The ground a panel stands on. */
export interface Page<C extends Contract> {
  readonly boot: Boot;
  readonly text: Text;
  readonly host: Client<C>;
  readonly theme: Theme;
  /** The `<main>` of the page. */
  readonly root: HTMLElement;
  /** Everything the page must release; it goes with the page. */
  readonly owned: DisposableStore;
  /** Says something to a screen reader without moving the focus. */
  announce(message: string): void;
}

/**
 * Opens the page of a contract. When the boot data does not fit (another version was installed meanwhile) there are no texts: the
 * host's own sentence, hidden in `<p id="boot-error" hidden>`, is shown instead and the answer is undefined.
 */
export function openPage<C extends Contract>(contract: C): Page<C> | undefined {
  const boot = readBoot(document, contract);
  if (!boot) {
    document.getElementById('boot-error')?.removeAttribute('hidden');
    return undefined;
  }
  const owned = new DisposableStore();
  const root = h('main', { class: `page page-${contract.panel}` });
  const voice = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  fill(document.body, root, voice);
  return {
    boot,
    text: createText(boot.language, boot.bundle as Bundle),
    root,
    owned,
    host: owned.add(connectHost(contract)),
    theme: owned.add(watchTheme()),
    announce: (message) => {
      voice.textContent = message;
    },
  };
}
