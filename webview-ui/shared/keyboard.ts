/** Keys that mean the same in every panel: a group of controls is one tab stop with arrows inside; Escape goes back. */

import { toDisposable, type Disposable } from '../../src/base/lifecycle';

/** The keys of a moving focus and what each does to an index. */
const STEPS: Readonly<Record<string, (index: number, last: number) => number>> = {
  ArrowRight: (index, last) => (index >= last ? 0 : index + 1),
  ArrowLeft: (index, last) => (index <= 0 ? last : index - 1),
  ArrowDown: (index, last) => (index >= last ? 0 : index + 1),
  ArrowUp: (index, last) => (index <= 0 ? last : index - 1),
  Home: () => 0,
  End: (_, last) => last,
};

/**
 * Makes the elements that match `selector` inside `container` one tab stop with arrow keys.
 * `onMove` is told which element got the focus.
 */
export function roveFocus(
  container: HTMLElement,
  selector: string,
  onMove: (element: HTMLElement) => void = () => undefined,
): Disposable {
  const items = (): HTMLElement[] => [...container.querySelectorAll<HTMLElement>(selector)];
  const enter = (element: HTMLElement): void => {
    for (const item of items()) item.tabIndex = item === element ? 0 : -1;
  };
  const onKey = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    const all = items();
    const index = all.findIndex((item) => item.contains(event.target as Node));
    if (!step || index < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = all[step(index, all.length - 1)];
    if (!next) return;
    event.preventDefault();
    enter(next);
    next.focus();
    onMove(next);
  };
  container.addEventListener('keydown', onKey);
  const [first] = items();
  if (first && !items().some((item) => item.tabIndex === 0)) enter(first);
  return toDisposable(() => container.removeEventListener('keydown', onKey));
}

/** Runs `leave` on Escape inside `element`, and stops the key there. */
export function onEscape(element: HTMLElement, leave: () => void): Disposable {
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    leave();
  };
  element.addEventListener('keydown', onKey);
  return toDisposable(() => element.removeEventListener('keydown', onKey));
}
