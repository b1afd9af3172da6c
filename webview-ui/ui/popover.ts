/** A panel that a button opens below itself: column choosers, explanations. Escape closes it and gives the focus back. */

import { toDisposable, type Disposable } from '../../src/base/lifecycle';
import { fill, h } from '../shared/dom';
import { onEscape } from '../shared/keyboard';
import { plainButton } from './button';
import { icon } from './icon';
import './ui.css';

/** A button with its panel. */
export interface PopoverOptions {
  readonly label: string;
  readonly icon?: string;
  /** Fills the panel each time it is opened. */
  readonly make: (panel: HTMLElement) => void;
}

/** The button, and how to close its panel. */
export interface Popover extends Disposable {
  readonly element: HTMLElement;
  close(): void;
}

/** Makes a button that opens a panel. */
export function popover(options: PopoverOptions): Popover {
  const panel = h('div', { class: 'popover-panel', role: 'group', 'aria-label': options.label, hidden: true });
  const opener = plainButton(
    { class: 'text-button', 'aria-expanded': false },
    () => setOpen(panel.hidden !== false),
    options.icon !== undefined && icon(options.icon),
    options.label,
    icon('chevron-down'),
  );
  const element = h('span', { class: 'popover' }, opener, panel);
  const setOpen = (open: boolean): void => {
    if (open) {
      fill(panel);
      options.make(panel);
    }
    panel.hidden = !open;
    opener.setAttribute('aria-expanded', String(open));
    if (open) panel.querySelector<HTMLElement>('strata-checkbox, strata-button, input, button, [tabindex]')?.focus();
  };
  const escape = onEscape(element, () => {
    if (panel.hidden) return;
    setOpen(false);
    opener.focus();
  });
  const outside = (event: PointerEvent): void => {
    if (!panel.hidden && !element.contains(event.target as Node)) setOpen(false);
  };
  document.addEventListener('pointerdown', outside);
  const owned = toDisposable(() => (escape.dispose(), document.removeEventListener('pointerdown', outside)));
  return { element, close: () => setOpen(false), dispose: () => owned.dispose() };
}
