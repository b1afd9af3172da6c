/**
 * The four states of every place that shows something: empty (what it is for, the one button that fills it), loading (a skeleton,
 * only after 200 ms, so that an answer from disk never flickers), error (what, where, fix) and full.
 */

import { fill, h, type Child } from '../shared/dom';
import { button } from './button';
import { icon } from './icon';
import './ui.css';

/** The act that an empty or failed place offers. */
export interface Act {
  readonly label: string;
  readonly press: () => void;
}

/** What an empty place says. */
export interface EmptyView {
  readonly icon: string;
  readonly title: string;
  readonly body: string;
  readonly act?: Act;
}

/** What a failed place says: the sentence names what, where and what to do; the act does it. */
export interface ErrorView {
  readonly sentence: string;
  readonly act?: Act;
}

/** A place in one of the four states. */
export interface Place {
  readonly element: HTMLElement;
  readonly state: 'empty' | 'loading' | 'error' | 'full';
  empty(view: EmptyView): void;
  /** `label` is read aloud; `rows` grey lines are drawn. */
  loading(label: string, rows?: number): void;
  error(view: ErrorView): void;
  full(...content: readonly Child[]): void;
}

/** How long a place waits before it shows a skeleton, in milliseconds. */
const SKELETON_DELAY = 200;

/** Makes a place; it starts blank. */
export function place(className = ''): Place {
  const element = h('div', { class: `place ${className}`.trim() });
  let state: Place['state'] = 'loading';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enter = (next: Place['state']): void => {
    clearTimeout(timer);
    state = next;
    element.dataset['state'] = next;
    element.setAttribute('aria-busy', String(next === 'loading'));
  };
  return {
    element,
    get state() {
      return state;
    },
    empty: (view) => {
      enter('empty');
      fill(element, drawEmpty(view));
    },
    loading: (label, rows = 6) => {
      enter('loading');
      timer = setTimeout(() => fill(element, drawSkeleton(label, rows)), SKELETON_DELAY);
    },
    error: (view) => {
      enter('error');
      fill(element, drawError(view));
    },
    full: (...content) => {
      enter('full');
      fill(element, ...content);
    },
  };
}

function drawEmpty(view: EmptyView): HTMLElement {
  const act = view.act && button({ label: view.act.label, press: view.act.press, kind: 'primary' }).element;
  return h(
    'div',
    { class: 'state state-empty' },
    h('span', { class: 'state-icon' }, icon(view.icon)),
    h('h2', {}, view.title),
    h('p', { class: 'muted' }, view.body),
    act,
  );
}

function drawError(view: ErrorView): HTMLElement {
  const act = view.act && button({ label: view.act.label, press: view.act.press }).element;
  return h(
    'div',
    { class: 'state state-error', role: 'alert' },
    h('span', { class: 'state-icon tone-bad' }, icon('error')),
    h('p', {}, view.sentence),
    act,
  );
}

function drawSkeleton(label: string, rows: number): HTMLElement {
  const lines = Array.from({ length: rows }, (_, i) => h('div', { class: `skeleton-line skeleton-${i % 4}` }));
  return h('div', { class: 'skeleton', role: 'status', 'aria-label': label }, lines);
}
