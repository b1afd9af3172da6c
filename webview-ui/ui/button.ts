/** Buttons and links, with text or with an icon that has a name. */

import { h, type Child, type Props } from '../shared/dom';
import { icon } from './icon';
import { toolkit } from './toolkit';
import './ui.css';

/** A button with text. */
export interface ButtonOptions {
  readonly label: string;
  readonly press: () => void;
  /** `primary` is for the one act that a place is for. */
  readonly kind?: 'primary' | 'secondary';
  readonly icon?: string;
  readonly disabled?: boolean;
  readonly title?: string;
}

/** A button of this page, and what may change about it. */
export interface Button {
  readonly element: HTMLElement;
  setDisabled(disabled: boolean): void;
  setLabel(label: string): void;
}

/** Makes a button with text. */
export function button(options: ButtonOptions): Button {
  const label = document.createTextNode(options.label);
  const children: Child[] = [options.icon !== undefined && startIcon(options.icon), label];
  const element = toolkit('button', { appearance: options.kind ?? 'secondary', title: options.title }, ...children);
  element.disabled = options.disabled ?? false;
  element.addEventListener('click', () => !element.disabled && options.press());
  return {
    element,
    setDisabled: (disabled) => {
      element.disabled = disabled;
    },
    setLabel: (text) => {
      label.data = text;
    },
  };
}

function startIcon(name: string): HTMLElement {
  const element = icon(name);
  element.slot = 'start';
  return element;
}

/** A button that is only an icon; `label` is its name and tooltip. */
export interface IconButtonOptions {
  readonly icon: string;
  readonly label: string;
  readonly press: () => void;
  /** A switch: true when it is on. */
  readonly pressed?: boolean;
}

/** An icon button and its state. */
export interface IconButton {
  readonly element: HTMLElement;
  setPressed(pressed: boolean): void;
}

/** Makes a button that is only an icon. Native: the toolkit's host element may not carry `aria-pressed`. */
export function iconButton(options: IconButtonOptions): IconButton {
  const { label, press } = options;
  const element = plainButton({ class: 'icon-button', 'aria-label': label, title: label }, press, icon(options.icon));
  const setPressed = (pressed: boolean): void => {
    element.setAttribute('aria-pressed', String(pressed));
    element.classList.toggle('is-on', pressed);
  };
  if (options.pressed !== undefined) setPressed(options.pressed);
  return { element, setPressed };
}

/** Makes a native button without a frame, for what opens or switches something. */
export function plainButton(props: Props, press: () => void, ...children: readonly Child[]): HTMLButtonElement {
  return h('button', { type: 'button', ...props, on: { click: press } }, ...children);
}

/** A link that acts inside the editor; it never leads to a web address by itself. */
export function linkButton(label: string, press: () => void): HTMLElement {
  const element = toolkit('link', { href: '#' }, label);
  element.addEventListener('click', (event) => {
    event.preventDefault();
    press();
  });
  return element;
}
