/** Tabs: one row of names, one view at a time, made when it is first shown. */

import { roveFocus } from '../shared/keyboard';
import { fill } from '../shared/dom';
import { badge } from './marks';
import { toolkit, type ToolkitElement } from './toolkit';
import './ui.css';

/** One tab. `make` fills its view when it is first shown. */
export interface Tab {
  readonly id: string;
  readonly label: string;
  readonly make: (view: HTMLElement) => void;
  /** A count beside the name. */
  readonly count?: string;
}

/** A row of tabs. */
export interface Tabs {
  readonly element: HTMLElement;
  readonly selected: string;
  select(id: string): void;
}

/** Makes tabs; `change` is called when the user picks another one. */
export function tabs(label: string, all: readonly Tab[], first: string, change: (id: string) => void): Tabs {
  const element = toolkit('panels', { 'aria-label': label, class: 'tabs' });
  const views = new Map<string, HTMLElement>();
  const made = new Set<string>();
  for (const tab of all) {
    const count = tab.count === undefined ? undefined : badge(tab.count);
    element.append(toolkit('panel-tab', { id: `tab-${tab.id}` }, tab.label, count));
  }
  for (const tab of all) {
    const view = toolkit('panel-view', { id: `view-${tab.id}` });
    views.set(tab.id, view);
    element.append(view);
  }
  let selected = all.some((tab) => tab.id === first) ? first : (all[0]?.id ?? '');
  const show = (id: string): void => {
    selected = id;
    const tab = all.find((one) => one.id === id);
    const view = views.get(id);
    if (!tab || !view || made.has(id)) return;
    made.add(id);
    fill(view);
    tab.make(view);
  };
  element.setAttribute('activeid', `tab-${selected}`);
  element.addEventListener('change', (event) => {
    // Changes of fields inside a view bubble up to here as well.
    if (event.target !== element) return;
    const id = (event.target as ToolkitElement).activeid.replace(/^tab-/, '');
    if (id === selected) return;
    show(id);
    change(id);
  });
  show(selected);
  return {
    element,
    get selected() {
      return selected;
    },
    select: (id) => {
      element.setAttribute('activeid', `tab-${id}`);
      show(id);
    },
  };
}

/** Makes a row of controls that is one tab stop, with arrows between them. */
export function toolbar(label: string, ...controls: readonly HTMLElement[]): HTMLElement {
  const bar = document.createElement('div');
  bar.className = 'toolbar';
  bar.setAttribute('role', 'toolbar');
  bar.setAttribute('aria-label', label);
  bar.append(...controls);
  roveFocus(bar, 'button');
  return bar;
}
