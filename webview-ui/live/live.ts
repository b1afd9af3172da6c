/**
 * The Live panel: curves of running and ticked runs. The engine decimates to what is visible, so a zoom asks again; new points are
 * announced by the host and asked for one question at a time. The last good picture stays when a question fails.
 */

import { isCancelled } from '../../src/base/cancel';
import { type Text } from '../../src/base/text';
import { liveContract, type LiveRun } from '../../src/protocol/live';
import { type AnswerOf } from '../../src/protocol/contract';
import { createChartGroup } from '../charts/chartGroup';
import { fill, h } from '../shared/dom';
import { formatAgo } from '../shared/format';
import { openPage, type Page } from '../shared/page';
import { errorSentence } from '../shared/rpc';
import { openState, type PageState, type StateOf } from '../shared/state';
import { iconButton, type IconButton } from '../ui/button';
import { checkbox, select } from '../ui/field';
import { mark } from '../ui/marks';
import { place } from '../ui/states';
import { toolbar } from '../ui/tabs';
import { createChartBoard } from './chartBoard';
import './live.css';
import { createRunList } from './runList';

type Answer = AnswerOf<typeof liveContract, 'read'>;
type LiveState = StateOf<typeof liveContract>;

const INITIAL: LiveState = { runs: [], smoothing: 0, logY: false, zoom: null, hidden: [], asTable: false };
const SMOOTHING = [0, 0.6, 0.8, 0.9, 0.97];

class LivePage {
  private readonly text: Text;
  private readonly state: PageState<LiveState>;
  private readonly group;
  private readonly colours = new Map<string, number>();
  private readonly board;
  private readonly runList;
  private readonly body = place();
  private readonly fresh = h('span', { class: 'muted' });
  private readonly problem = h('div', { class: 'live-problem', role: 'alert', hidden: true });
  private readonly content: HTMLElement;
  private readonly resetZoom: IconButton;
  private answer: Answer | undefined;
  private generation = 0;
  private reading = false;
  private again = false;

  constructor(private readonly page: Page<typeof liveContract>) {
    const { text, theme } = page;
    this.text = text;
    this.state = openState(liveContract, page.boot, INITIAL);
    this.group = createChartGroup(this.state.value.zoom);
    const colourOf = (run: string): number => this.colourOf(run);
    this.board = createChartBoard({ text, theme, group: this.group, colourOf });
    this.runList = createRunList({
      text,
      theme,
      colourOf,
      toggle: (run, shown) => this.toggleRun(run, shown),
      cancel: (run) => void this.act(() => page.host.call('cancelRun', { run })),
    });
    this.resetZoom = iconButton({
      icon: 'zoom-out',
      label: text.t('panel.live.resetZoom'),
      press: () => this.group.zoom(null),
    });
    this.content = h('div', {}, this.head(), this.runList.element, this.board.element);
  }

  /** Shows the page and begins to follow. */
  start(): void {
    const { host, root, owned, text } = this.page;
    fill(root, h('h1', { class: 'visually-hidden' }, text.t('panel.live.title')), this.problem, this.body.element);
    this.body.loading(text.t('webview.loading'), 8);
    owned.add(host.on('changed', () => void this.read()));
    owned.add(host.on('selection', ({ runs }) => this.change({ runs })));
    owned.add(this.group.onDidZoom((range) => this.change({ zoom: range === null ? null : [...range] })));
    setInterval(() => this.showFreshness(), 1000);
    void this.read();
  }

  private head(): HTMLElement {
    const { text } = this;
    const { logY, smoothing, asTable } = this.state.value;
    const smooth = select({
      label: text.t('panel.live.smoothing'),
      choices: SMOOTHING.map((value) => ({
        value: String(value),
        label: value === 0 ? text.t('panel.live.smoothingNone') : text.number(value),
      })),
      value: String(smoothing),
      change: (value) => this.change({ smoothing: Number(value) }),
    });
    const log = checkbox(text.t('panel.live.logAxis'), logY, (on) => this.change({ logY: on }, false));
    const table = iconButton({
      icon: 'table',
      label: text.t('panel.live.asTable'),
      pressed: asTable,
      press: () => {
        const next = !this.state.value.asTable;
        table.setPressed(next);
        this.change({ asTable: next }, false);
      },
    });
    const tools = toolbar(text.t('panel.live.tools'), this.resetZoom.element, table.element);
    return h(
      'div',
      { class: 'row live-head' },
      h('div', { class: 'row' }, smooth.element, log.element, tools),
      this.fresh,
    );
  }

  /** Remembers a change and shows it; `ask` is false where the picture at hand is enough. */
  private change(patch: Partial<LiveState>, ask = true): void {
    this.state.update(patch);
    this.show();
    if (ask) void this.read();
  }

  private toggleRun(run: string, shown: boolean): void {
    const hidden = this.state.value.hidden.filter((id) => id !== run);
    this.change({ hidden: shown ? hidden : [...hidden, run] }, false);
  }

  /** Asks for what is visible; while one question is open, the next waits and several become one. */
  private async read(): Promise<void> {
    if (this.reading) {
      this.again = true;
      return;
    }
    this.reading = true;
    this.again = false;
    this.generation += 1;
    const { runs, zoom, smoothing } = this.state.value;
    try {
      const answer = await this.page.host.call('read', {
        runs,
        ...(zoom === null ? {} : { range: zoom }),
        width: Math.max(1, Math.min(10_000, Math.round(this.board.width * devicePixelRatio))),
        smoothing,
        generation: this.generation,
      });
      if (answer.generation === this.generation) this.accept(answer);
    } catch (error) {
      this.fail(error);
    }
    this.reading = false;
    if (this.again) void this.read();
  }

  private accept(answer: Answer): void {
    this.problem.hidden = true;
    this.tellEnds(this.answer?.runs ?? [], answer.runs);
    this.answer = answer;
    this.show();
  }

  private fail(error: unknown): void {
    if (isCancelled(error)) return;
    const sentence = errorSentence(this.text, error);
    if (this.answer === undefined) {
      this.body.error({ sentence, act: { label: this.text.t('webview.retry'), press: () => void this.read() } });
      return;
    }
    this.problem.hidden = false;
    fill(this.problem, mark('bad', sentence));
  }

  private show(): void {
    const { answer, text } = this;
    if (!answer) return;
    if (answer.series.length === 0 && answer.runs.length === 0) {
      this.body.empty({
        icon: 'graph-line',
        title: text.t('panel.live.emptyTitle'),
        body: text.t('panel.live.emptyBody'),
        act: { label: text.t('panel.live.run'), press: () => void this.act(() => this.page.host.call('run', {})) },
      });
      return;
    }
    if (this.body.state !== 'full') this.body.full(this.content);
    const { hidden, logY, asTable } = this.state.value;
    this.runList.update(answer.runs, hidden);
    const shown = answer.series.filter(({ run }) => !hidden.includes(run));
    this.board.update(shown, { xLabel: text.t(`panel.live.x.${answer.xKind}`), logY, asTable });
    this.resetZoom.setPressed(this.group.range !== null);
    this.showFreshness();
  }

  private showFreshness(): void {
    const newest = this.answer?.newest;
    const ago = newest === undefined ? '' : formatAgo(this.text, newest, Date.now());
    this.fresh.textContent = newest === undefined ? '' : this.text.t('panel.live.lastPoint', { ago });
  }

  /** Says aloud when a run that was going has ended. */
  private tellEnds(before: readonly LiveRun[], now: readonly LiveRun[]): void {
    const running = new Set(before.filter(({ state }) => state === 'running').map(({ id }) => id));
    for (const run of now) {
      if (run.state !== 'running' && running.has(run.id)) this.page.announce(`${run.name}: ${run.stateText}`);
    }
  }

  private async act(call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (isCancelled(error)) return;
      this.problem.hidden = false;
      fill(this.problem, mark('bad', errorSentence(this.text, error)));
    }
  }

  /** A run keeps its colour as long as the page lives. */
  private colourOf(run: string): number {
    const present = this.colours.get(run);
    if (present !== undefined) return present;
    this.colours.set(run, this.colours.size);
    return this.colours.size - 1;
  }
}

const opened = openPage(liveContract);
if (opened) new LivePage(opened).start();
