/** Small acts on the body of a grid and on the pointer. */

import { h } from '../shared/dom';

/** A row that stands for those above or below the drawn ones; `height` in CSS pixels. */
export function spacer(height: number): HTMLTableRowElement {
  const cell = h('td');
  cell.style.height = `${height}px`;
  return h('tr', { class: 'grid-spacer', 'aria-hidden': true }, cell);
}

/** Makes `wanted` the children of `parent`; those that stay are not touched, so focus and clicks survive. */
export function reconcile(parent: HTMLElement, wanted: readonly HTMLElement[]): void {
  const keep = new Set<Element>(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((element, i) => {
    if (parent.children[i] !== element) parent.insertBefore(element, parent.children[i] ?? null);
  });
}

/** Follows a drag that began with `event`: `move` gets the way in CSS pixels, `end` comes once. */
export function followDrag(event: PointerEvent, move: (way: number) => void, end: () => void): void {
  const onMove = (moved: PointerEvent): void => move(moved.clientX - event.clientX);
  const onEnd = (): void => {
    window.removeEventListener('pointermove', onMove);
    end();
  };
  window.addEventListener('pointermove', onMove);
  window.addEventListener('pointerup', onEnd, { once: true });
}
