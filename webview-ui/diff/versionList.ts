/** The versions of a path, newest first: pick two to compare, or put one back. */

import { visible, type Text } from '../../src/base/text';
import { type Version } from '../../src/protocol/diff';
import { fill, h } from '../shared/dom';
import { iconButton } from '../ui/button';
import { mark } from '../ui/marks';

/** What the list may do. */
export interface VersionListOptions {
  readonly text: Text;
  readonly pick: (side: 'a' | 'b', version: string) => void;
  readonly restore: (version: Version) => void;
}

/** The list on the page. */
export interface VersionList {
  readonly element: HTMLElement;
  show(versions: readonly Version[], a: string, b: string): void;
}

/** Makes the list. */
export function createVersionList(options: VersionListOptions): VersionList {
  const { text } = options;
  const body = h('tbody');
  const head = h(
    'tr',
    {},
    h('th', { scope: 'col', class: 'is-pick' }, text.t('panel.diff.from')),
    h('th', { scope: 'col', class: 'is-pick' }, text.t('panel.diff.to')),
    h('th', { scope: 'col' }, text.t('panel.diff.version')),
    h('td', {}),
  );
  const table = h(
    'table',
    { class: 'diff-versions', 'aria-label': text.t('panel.diff.versions') },
    h('thead', {}, head),
    body,
  );
  let shown = '';
  const show = (versions: readonly Version[], a: string, b: string): void => {
    const next = JSON.stringify(versions);
    if (next !== shown) {
      shown = next;
      fill(
        body,
        versions.map((version) => versionRow(version, options)),
      );
    }
    for (const input of body.querySelectorAll('input')) {
      input.checked = input.value === (input.name === 'a' ? a : b);
    }
  };
  return { element: h('section', { class: 'diff-side', 'aria-label': text.t('panel.diff.versions') }, table), show };
}

function versionRow(version: Version, options: VersionListOptions): HTMLElement {
  const { text } = options;
  const pick = (side: 'a' | 'b'): HTMLElement => {
    const input = h('input', {
      type: 'radio',
      name: side,
      value: version.id,
      'aria-label': text.t(side === 'a' ? 'panel.diff.compareFrom' : 'panel.diff.compareTo', {
        version: version.label,
      }),
    });
    input.addEventListener('change', () => options.pick(side, version.id));
    return h('td', { class: 'is-pick' }, input);
  };
  const restore = version.current
    ? undefined
    : iconButton({
        icon: 'discard',
        label: text.t('panel.diff.restore', { version: version.label }),
        press: () => options.restore(version),
      }).element;
  return h('tr', {}, pick('a'), pick('b'), h('td', {}, describe(version, text)), h('td', {}, restore));
}

function describe(version: Version, text: Text): HTMLElement {
  const { date, author, message, size, nfiles, registered, cached } = version;
  const amount = [nfiles === null ? '' : text.t('panel.diff.nfiles', { n: nfiles }), size].filter(
    (part) => part !== '',
  );
  const who = [date, visible(author)].filter((part) => part !== '').join(' · ');
  return h(
    'div',
    { class: 'diff-version' },
    h(
      'span',
      { class: 'row' },
      h('strong', {}, visible(version.label)),
      registered.map((name) => h('span', { class: 'diff-label' }, visible(name))),
    ),
    message !== '' && h('span', {}, visible(message)),
    who !== '' && h('span', { class: 'muted' }, who),
    amount.length > 0 && h('span', { class: 'muted' }, amount.join(' · ')),
    !cached && mark('warn', text.t('panel.diff.notCached')),
  );
}
