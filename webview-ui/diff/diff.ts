/** The Diff panel: versions of one path at the side, and what changed between the two that are picked. */

import { isCancelled } from '../../src/base/cancel';
import { visible, type Text } from '../../src/base/text';
import { type AnswerOf } from '../../src/protocol/contract';
import { diffContract, type DiffState, type Version } from '../../src/protocol/diff';
import { fill, h } from '../shared/dom';
import { openPage, type Page } from '../shared/page';
import { errorSentence } from '../shared/rpc';
import { openState, type PageState } from '../shared/state';
import { mark } from '../ui/marks';
import { place } from '../ui/states';
import './diff.css';
import { factsDiffView, folderDiffView } from './fileDiff';
import { tableDiffView } from './tableDiff';
import { createVersionList } from './versionList';

type Answer = AnswerOf<typeof diffContract, 'diff'>;

const INITIAL: DiffState = { path: '', a: '', b: '', key: [], column: null };

class DiffPage {
  private readonly text: Text;
  private readonly state: PageState<DiffState>;
  private readonly list;
  private readonly title = h('h1', { class: 'diff-path' });
  private readonly summary = h('h2', {});
  private readonly main = place('diff-place');
  private readonly problem = h('div', { role: 'alert', hidden: true });
  private readonly parts = h('div', { class: 'diff-parts' });
  private asking = new AbortController();
  private versions: readonly Version[] = [];

  constructor(private readonly page: Page<typeof diffContract>) {
    this.text = page.text;
    this.state = openState(diffContract, page.boot, INITIAL);
    this.list = createVersionList({
      text: page.text,
      pick: (side, version) => this.change(side === 'a' ? { a: version } : { b: version }),
      restore: (version) => void this.restore(version),
    });
  }

  /** Shows the page and asks for versions and difference. */
  start(): void {
    const { root, host, owned } = this.page;
    const right = h('section', { class: 'diff-main', 'aria-label': this.text.t('panel.diff.title') });
    right.append(this.summary, this.main.element);
    fill(this.parts, this.list.element, right);
    fill(root, this.title, this.problem, this.parts);
    owned.add(host.on('changed', () => this.load()));
    owned.add(
      host.on('show', (target) => {
        this.state.update({ ...target, key: [], column: null });
        this.load();
      }),
    );
    this.load();
  }

  private load(): void {
    const { path } = this.state.value;
    this.title.textContent = visible(path);
    this.parts.classList.toggle('is-empty', path === '');
    if (path === '') {
      const { text } = this;
      this.list.element.hidden = true;
      this.summary.textContent = '';
      this.main.empty({ icon: 'diff', title: text.t('panel.diff.emptyTitle'), body: text.t('panel.diff.emptyBody') });
      return;
    }
    this.list.element.hidden = false;
    void this.readVersions();
    void this.compare();
  }

  private change(patch: Partial<DiffState>): void {
    this.state.update({ column: null, ...patch });
    this.showVersions();
    void this.compare();
  }

  private async readVersions(): Promise<void> {
    const { path } = this.state.value;
    try {
      const { versions } = await this.page.host.call('versions', { path });
      if (path !== this.state.value.path) return;
      this.versions = versions;
      this.showVersions();
    } catch (error) {
      this.tell(error);
    }
  }

  private showVersions(): void {
    const { a, b } = this.state.value;
    this.list.show(this.versions, this.idOf(a), this.idOf(b));
  }

  /** The host may open the panel with a branch or a short id; the list knows full ones. */
  private idOf(rev: string): string {
    return this.versions.find(({ id }) => id === rev || (rev.length >= 7 && id.startsWith(rev)))?.id ?? rev;
  }

  /** Asks what changed; a newer question makes the open one stale. The answer at hand stays until the next. */
  private async compare(): Promise<void> {
    const { path, a, b, key } = this.state.value;
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    if (this.main.state !== 'full') this.main.loading(this.text.t('webview.loading'), 8);
    try {
      const answer = await this.page.host.call('diff', { path, a, b, key: [...key] }, signal);
      if (!signal.aborted) this.show(answer);
    } catch (error) {
      if (signal.aborted || isCancelled(error)) return;
      this.summary.textContent = '';
      const act = { label: this.text.t('webview.retry'), press: () => this.load() };
      this.main.error({ sentence: errorSentence(this.text, error), act });
    }
  }

  private show(answer: Answer): void {
    this.problem.hidden = true;
    this.summary.textContent = answer.summary;
    this.main.full(this.view(answer));
  }

  private view(answer: Answer): HTMLElement {
    const { text } = this;
    const { path, a, b, key, column } = this.state.value;
    if (answer.kind === 'folder') {
      return folderDiffView(answer, text, (file) => void this.open({ path: joined(path, file), a, b }));
    }
    if (answer.kind !== 'table') return factsDiffView(answer, text, () => void this.open({ path, a, b }));
    return tableDiffView(answer, {
      text,
      key,
      column,
      keyChanged: (next) => this.change({ key: [...next] }),
      columnChanged: (next) => {
        this.state.update({ column: next });
        this.show(answer);
      },
    });
  }

  private async open(target: { path: string; a: string; b: string }): Promise<void> {
    try {
      await this.page.host.call('open', target);
    } catch (error) {
      this.tell(error);
    }
  }

  private async restore(version: Version): Promise<void> {
    const { path } = this.state.value;
    try {
      const { restored } = await this.page.host.call('restore', { path, version: version.id });
      if (!restored) return;
      this.page.announce(this.text.t('panel.diff.restored', { version: version.label }));
      this.load();
    } catch (error) {
      this.tell(error);
    }
  }

  private tell(error: unknown): void {
    if (isCancelled(error)) return;
    this.problem.hidden = false;
    fill(this.problem, mark('bad', errorSentence(this.text, error)));
  }
}

/** Path of a file of the folder: the engine names files relative to the folder. */
function joined(folder: string, file: string): string {
  return file.startsWith(`${folder}/`) ? file : `${folder}/${file}`;
}

const opened = openPage(diffContract);
if (opened) new DiffPage(opened).start();
