/** Codicons, the editor's own icon font. An icon alone never carries a meaning: it is hidden from screen readers. */

import '@vscode/codicons/dist/codicon.css';
import { h } from '../shared/dom';

/** An icon by its codicon name, such as `check` or `trash`. */
export function icon(name: string): HTMLElement {
  return h('span', { class: `codicon codicon-${name}`, 'aria-hidden': true });
}
