/**
 * Colours of the editor for what CSS cannot reach (canvas), read anew whenever the theme changes: VS Code then swaps the variables
 * on the root element, the class of the body and its `data-vscode-theme-id`.
 */

import { Emitter, type Event } from '../../src/base/event';
import { toDisposable, type Disposable } from '../../src/base/lifecycle';

/** The four kinds of theme that VS Code knows. */
export type ThemeKind = 'dark' | 'light' | 'hcDark' | 'hcLight';

/** Colours as CSS text, ready for a canvas. */
export interface ThemeColours {
  readonly kind: ThemeKind;
  readonly foreground: string;
  readonly muted: string;
  readonly background: string;
  /** Lines of axes and grids. */
  readonly grid: string;
  readonly border: string;
  readonly focus: string;
  /** Eight series colours; series number n takes number n modulo eight. */
  readonly series: readonly string[];
  readonly fontFamily: string;
  /** In CSS pixels. */
  readonly fontSize: number;
}

/** The present theme and its changes. */
export interface Theme extends Disposable {
  readonly colours: ThemeColours;
  readonly onDidChange: Event<ThemeColours>;
}

const CHART_FALLBACK = ['blue', 'orange', 'green', 'red', 'purple', 'yellow', 'foreground', 'lines'];

/** Starts watching the theme of this page. */
export function watchTheme(): Theme {
  const changed = new Emitter<ThemeColours>();
  let colours = readColours();
  const observer = new MutationObserver(() => {
    const next = readColours();
    if (JSON.stringify(next) === JSON.stringify(colours)) return;
    colours = next;
    changed.fire(colours);
  });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  const owned = toDisposable(() => (observer.disconnect(), changed.dispose()));
  return {
    get colours() {
      return colours;
    },
    onDidChange: changed.event,
    dispose: () => owned.dispose(),
  };
}

/** True when a screen reader is in use; charts then open as tables. */
export function usesScreenReader(): boolean {
  return document.body.classList.contains('vscode-using-screen-reader');
}

function readColours(): ThemeColours {
  const style = getComputedStyle(document.body);
  const read = (...names: readonly string[]): string => {
    for (const name of names) {
      const value = style.getPropertyValue(`--vscode-${name}`).trim();
      if (value !== '') return value;
    }
    return style.color;
  };
  return {
    kind: readKind(document.body.classList),
    foreground: read('editor-foreground', 'foreground'),
    muted: read('descriptionForeground', 'foreground'),
    background: read('editor-background'),
    grid: read('contrastBorder', 'panel-border', 'editorWidget-border'),
    border: read('contrastBorder', 'panel-border'),
    focus: read('focusBorder'),
    series: CHART_FALLBACK.map((name, i) => read(`strata-series${i + 1}`, `charts-${name}`)),
    fontFamily: style.fontFamily,
    fontSize: Number.parseFloat(style.fontSize) || 13,
  };
}

function readKind(body: DOMTokenList): ThemeKind {
  if (body.contains('vscode-high-contrast-light')) return 'hcLight';
  if (body.contains('vscode-high-contrast')) return 'hcDark';
  return body.contains('vscode-light') ? 'light' : 'dark';
}
