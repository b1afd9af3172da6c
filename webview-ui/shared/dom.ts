/**
 * Elements without markup: text always goes in as text, so nothing that comes from a repository can become an element.
 * Styles are set through classes or, where a number is measured, through the CSS object model, which the CSP allows.
 */

/** What an element may hold; empty values are left out. */
export type Child = Node | string | number | null | undefined | false | readonly Child[];

/** Listeners by event name. */
export type Listeners = { readonly [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

/** Attributes by name; `false` and undefined leave an attribute out, except for `aria-…`, where `false` is a value. */
export interface Props {
  readonly on?: Listeners;
  /** Style sheets only: a `style` attribute is refused by the content security policy. */
  readonly style?: never;
  readonly [attribute: string]: string | number | boolean | undefined | Listeners;
}

/** Makes an HTML element with attributes, listeners and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setProps(element, props);
  append(element, children);
  return element;
}

/** Makes an element of a registered custom tag. */
export function custom(tag: string, props: Props = {}, ...children: readonly Child[]): HTMLElement {
  const element = document.createElement(tag);
  setProps(element, props);
  append(element, children);
  return element;
}

/** Makes an SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setProps(element, props);
  append(element, children);
  return element;
}

/** Replaces what `parent` holds. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  parent.textContent = '';
  append(parent, children);
}

/** Sets or removes attributes and adds listeners. */
function setProps(element: Element, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'object') listen(element, value);
    else setAttribute(element, name, value);
  }
}

function setAttribute(element: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === undefined || (value === false && !name.startsWith('aria-'))) element.removeAttribute(name);
  else element.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : String(value));
}

function listen(element: Element, listeners: Listeners): void {
  for (const [name, listener] of Object.entries(listeners)) {
    element.addEventListener(name, listener as EventListener);
  }
}

function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (child instanceof Node || typeof child === 'string') parent.append(child);
    else if (typeof child === 'number') parent.append(String(child));
    else append(parent, child);
  }
}

/** Calls `draw` at most once a frame, however often the answer is called. */
export function oncePerFrame(draw: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}
