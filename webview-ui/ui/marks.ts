/** Small quiet things: badge, divider, progress, key and value lists. */

import { h, type Child } from '../shared/dom';
import { icon } from './icon';
import { toolkit } from './toolkit';
import './ui.css';

/** What a mark means; shown by shape and text as well as by colour. */
export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'muted';

const TONE_ICON: Readonly<Record<Tone, string>> = {
  good: 'pass',
  bad: 'error',
  warn: 'warning',
  info: 'info',
  muted: 'circle-outline',
};

/** A count or a short word in a rounded box. Not the toolkit's, whose template breaks the content security policy. */
export function badge(label: string): HTMLElement {
  return h('span', { class: 'badge' }, label);
}

/** A line between two groups. */
export function divider(): HTMLElement {
  return toolkit('divider');
}

/** A ring that turns while work of unknown length goes on; `label` says which. */
export function progressRing(label: string): HTMLElement {
  return toolkit('progress-ring', { 'aria-label': label, role: 'progressbar' });
}

/** A text with the icon of its tone before it. */
export function mark(tone: Tone, ...children: readonly Child[]): HTMLElement {
  return h('span', { class: `mark tone-${tone}` }, icon(TONE_ICON[tone]), h('span', {}, ...children));
}

/** A list of names and values, for facts that belong together. */
export function facts(entries: readonly (readonly [string, Child])[]): HTMLElement {
  return h(
    'dl',
    { class: 'facts' },
    entries.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}
