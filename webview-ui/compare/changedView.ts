/** What differs between two runs besides their results: params, code, data. */

import { visible, type Text } from '../../src/base/text';
import { type Comparison } from '../../src/protocol/compare';
import { h, type Child } from '../shared/dom';
import { plainTable } from '../ui/plainTable';

/** Makes the view; each part says so when nothing changed. */
export function changedView(changed: Comparison['changed'], text: Text): HTMLElement {
  const name = (part: string): string => text.t(`panel.compare.changed.${part}`);
  const part = (title: string, heads: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement =>
    h(
      'section',
      { class: 'compare-changed' },
      h('h3', {}, name(title)),
      rows.length === 0
        ? h('p', { class: 'muted' }, name('nothing'))
        : plainTable(
            name(title),
            heads.map((label) => ({ label: name(label) })),
            rows,
          ),
    );
  return h(
    'div',
    {},
    part(
      'params',
      ['param', 'old', 'new'],
      changed.params.map((row) => [visible(row.key), h('del', {}, visible(row.old)), h('ins', {}, visible(row.new))]),
    ),
    part(
      'code',
      ['file', 'state'],
      changed.code.map((row) => [visible(row.path), stateText(row.state, text)]),
    ),
    part(
      'data',
      ['file', 'version'],
      changed.data.map((row) => [visible(row.path), visible(row.text)]),
    ),
  );
}

/** The state of a file in words; one that has no words is shown as it came. */
function stateText(state: string, text: Text): string {
  const key = `panel.compare.changed.state.${state}`;
  return text.has(key) ? text.t(key) : visible(state);
}
