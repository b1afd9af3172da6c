/**
 * The Compare panel: a table of runs that the engine sorts and filters, and below it the comparison of what is ticked.
 * The first ticked run is A, the one the others are measured against.
 */

import { isCancelled } from '../../src/base/cancel';
import { type Text } from '../../src/base/text';
import { compareContract, type CompareState } from '../../src/protocol/compare';
import { fill, h } from '../shared/dom';
import { openPage, type Page } from '../shared/page';
import { errorSentence } from '../shared/rpc';
import { openState, type PageState } from '../shared/state';
import { withHidden, type GridLayout } from '../table/columns';
import { ROW_HEIGHT, type GridRequest } from '../table/grid';
import { checkbox, textField } from '../ui/field';
import { mark } from '../ui/marks';
import { popover } from '../ui/popover';
import { place } from '../ui/states';
import { createComparisonView } from './comparisonView';
import './compare.css';
import { createRunsTable } from './runsTable';

const INITIAL: CompareState = {
  selected: [],
  sort: [],
  filter: '',
  onlyDiffering: false,
  hidden: [],
  widths: {},
  tab: 'metrics',
};

class ComparePage {
  private readonly text: Text;
  private readonly state: PageState<CompareState>;
  private readonly table;
  private readonly result;
  private readonly tableHolder = h('div', { class: 'compare-table' });
  private readonly top = place('compare-top');
  private readonly below = place('compare-below');
  private readonly count = h('span', { class: 'muted', role: 'status' });
  private readonly problem = h('div', { role: 'alert', hidden: true });
  private comparing = new AbortController();

  constructor(private readonly page: Page<typeof compareContract>) {
    const { text, host } = page;
    this.text = text;
    this.state = openState(compareContract, page.boot, INITIAL);
    this.result = createComparisonView({
      text,
      tab: () => this.state.value.tab,
      tabChanged: (tab) => this.state.update({ tab }),
      swap: (a, b) => this.select(swapped(this.state.value.selected, a, b)),
      copyReport: () => void this.copyReport(),
      showLogSnippet: () => void this.act(() => host.call('showLogSnippet', {})),
    });
    this.table = createRunsTable({
      text,
      state: () => this.state.value,
      load: (request, signal) => this.load(request, signal),
      layoutChanged: (layout) => this.keepLayout(layout),
      toggle: (run) => this.select(toggled(this.state.value.selected, run)),
      untickAll: () => this.select([]),
      loaded: (total) => this.onLoaded(total),
      failed: (error) => this.onFailed(error),
    });
  }

  /** Shows the page and asks for the first rows. */
  start(): void {
    const { root, host, owned, text } = this.page;
    this.tableHolder.append(this.table.grid.element);
    fill(
      root,
      h('h1', { class: 'visually-hidden' }, text.t('panel.compare.title')),
      this.tools(),
      this.problem,
      this.top.element,
      this.tableHolder,
      this.below.element,
    );
    this.top.loading(text.t('webview.loading'), 8);
    owned.add(host.on('changed', () => this.refresh()));
    owned.add(host.on('selection', ({ runs }) => this.onSelection(runs)));
    owned.add(this.table.grid);
    void this.compare();
  }

  private tools(): HTMLElement {
    const { text } = this;
    const { filter, onlyDiffering } = this.state.value;
    const refilter = (patch: Partial<CompareState>): void => {
      this.state.update(patch);
      this.table.grid.refresh();
    };
    const search = textField({
      label: text.t('panel.compare.filter'),
      value: filter,
      input: (value) => refilter({ filter: value.slice(0, 1000) }),
    });
    const differing = checkbox(text.t('panel.compare.onlyDiffering'), onlyDiffering, (on) =>
      refilter({ onlyDiffering: on }),
    );
    const columns = this.page.owned.add(
      popover({
        label: text.t('webview.grid.columns'),
        icon: 'layout',
        make: (panel) => this.columnBoxes(panel),
      }),
    );
    return h('div', { class: 'row compare-tools' }, search.element, differing.element, columns.element, this.count);
  }

  private columnBoxes(panel: HTMLElement): void {
    const { grid } = this.table;
    const boxes = this.table.columns().map((column) => {
      const shown = !grid.layout.hidden.includes(column.id);
      return h(
        'div',
        {},
        checkbox(column.label, shown, (on) => grid.setLayout(withHidden(grid.layout, column.id, !on))).element,
      );
    });
    panel.append(...boxes);
  }

  private async load(request: GridRequest, signal: AbortSignal) {
    const { from, to, generation, sort } = request;
    const { filter, onlyDiffering } = this.state.value;
    const args = { from, to, generation, sort: [...sort], filter, onlyDiffering };
    return this.page.host.call('table', args, signal);
  }

  private onLoaded(total: number): void {
    const { text } = this;
    const { filter } = this.state.value;
    this.problem.hidden = true;
    this.count.textContent = text.t('webview.grid.rows', { n: total });
    this.tableHolder.hidden = total === 0;
    // Head with two lines, rows, and room for the scroll bar below.
    this.tableHolder.style.setProperty('--table-height', `${(total + 2) * ROW_HEIGHT + 14}px`);
    if (total > 0) this.top.full();
    else if (filter !== '') {
      this.top.empty({
        icon: 'search',
        title: text.t('panel.compare.noMatchTitle'),
        body: text.t('panel.compare.noMatchBody', { filter }),
      });
    } else {
      this.top.empty({
        icon: 'compare-changes',
        title: text.t('panel.compare.emptyTitle'),
        body: text.t('panel.compare.emptyBody'),
        act: { label: text.t('panel.compare.run'), press: () => void this.act(() => this.page.host.call('run', {})) },
      });
    }
  }

  /** The table at hand stays; without one the place says what went wrong. */
  private onFailed(error: unknown): void {
    if (this.top.state === 'full') {
      this.tell(error);
      return;
    }
    this.tableHolder.hidden = true;
    const act = { label: this.text.t('webview.retry'), press: () => this.refresh() };
    this.top.error({ sentence: errorSentence(this.text, error), act });
  }

  private refresh(): void {
    this.table.grid.refresh();
    void this.compare();
  }

  private keepLayout(layout: GridLayout): void {
    this.state.update({ sort: [...layout.sort], hidden: [...layout.hidden], widths: { ...layout.widths } });
  }

  private onSelection(runs: readonly string[]): void {
    if (JSON.stringify(runs) === JSON.stringify(this.state.value.selected)) return;
    this.state.update({ selected: [...runs] });
    this.table.grid.redraw();
    void this.compare();
  }

  private select(runs: readonly string[]): void {
    this.state.update({ selected: [...runs] });
    this.table.grid.redraw();
    void this.act(() => this.page.host.call('select', { runs: [...runs] }));
    void this.compare();
  }

  /** Compares what is ticked; a newer question makes the open one stale. */
  private async compare(): Promise<void> {
    const { text } = this;
    const runs = [...this.state.value.selected];
    this.comparing.abort();
    this.comparing = new AbortController();
    const { signal } = this.comparing;
    this.page.root.classList.toggle('has-result', runs.length >= 2);
    if (runs.length < 2) {
      this.below.full(h('p', { class: 'muted' }, text.t('panel.compare.hint')));
      return;
    }
    if (this.result.element.isConnected) this.below.element.setAttribute('aria-busy', 'true');
    else this.below.loading(text.t('panel.compare.comparing'), 4);
    try {
      const { comparisons } = await this.page.host.call('compare', { runs }, signal);
      if (signal.aborted) return;
      this.result.show(comparisons);
      if (this.result.element.isConnected) this.below.element.setAttribute('aria-busy', 'false');
      else this.below.full(this.result.element);
    } catch (error) {
      if (signal.aborted || isCancelled(error)) return;
      const act = { label: text.t('webview.retry'), press: () => void this.compare() };
      this.below.error({ sentence: errorSentence(text, error), act });
    }
  }

  private async copyReport(): Promise<void> {
    const runs = [...this.state.value.selected];
    if (await this.act(() => this.page.host.call('copyReport', { runs }))) {
      this.page.announce(this.text.t('panel.compare.copied'));
      this.count.textContent = this.text.t('panel.compare.copied');
    }
  }

  private async act(call: () => Promise<unknown>): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (error) {
      if (!isCancelled(error)) this.tell(error);
      return false;
    }
  }

  private tell(error: unknown): void {
    this.problem.hidden = false;
    fill(this.problem, mark('bad', errorSentence(this.text, error)));
  }
}

function toggled(selected: readonly string[], run: string): string[] {
  return selected.includes(run) ? selected.filter((id) => id !== run) : [...selected, run];
}

function swapped(selected: readonly string[], a: string, b: string): string[] {
  return selected.map((id) => (id === a ? b : id === b ? a : id));
}

const opened = openPage(compareContract);
if (opened) new ComparePage(opened).start();
