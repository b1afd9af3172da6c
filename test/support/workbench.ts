/**
 * The whole workbench of VS Code in a headless browser, driven as a person would drive it: by what is written on buttons,
 * rows and menus. One object is one page on one server on one folder; what it starts it ends in `close`.
 * Waits are for what a person would see, never for a time.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser, Frame, Locator, Page } from 'playwright-core';
import { launchChromium } from '../../scripts/lib/chromium.mjs';
import { outFolder, root } from '../../scripts/lib/root.mjs';
import { start, type Server, type ServerOptions } from '../../scripts/vscodeServer.mjs';
import { WorkbenchEditor } from './workbenchEditor';
import { WorkbenchView } from './workbenchView';

const patienceMs = 20_000;

/** Theme ids as settings know them; a wrong one falls back silently, so `setTheme` checks the page. */
export const themes = {
  dark: 'Dark Modern',
  light: 'Light Modern',
  highContrast: 'Default High Contrast',
  highContrastLight: 'Default High Contrast Light',
} as const;

/** The class by which the workbench itself shows its theme. */
const workbenchClasses = { dark: 'vs-dark', light: 'vs', highContrast: 'hc-black', highContrastLight: 'hc-light' };

/** How a workbench is opened, beside what the server takes. */
export interface WorkbenchOptions extends ServerOptions {
  /** The folder that the workbench opens. */
  folder: string;
  /** Size of the page in CSS pixels; default 1280 × 800. */
  size?: { width: number; height: number };
  /** Pixels a CSS pixel; 2 makes pictures for the README crisp. Default 1. */
  scale?: number;
  /** False leaves our extension to what is installed in `extensionsDir`. */
  own?: boolean;
}

/** A workbench that is open. */
export class Workbench {
  readonly editor: WorkbenchEditor;

  private constructor(
    readonly page: Page,
    readonly server: Server,
    private readonly browser: Browser,
    /** What the page's console said at level error, newest last. */
    readonly consoleErrors: string[],
    private readonly settingsRequest: string,
  ) {
    this.editor = new WorkbenchEditor(page);
  }

  /** Starts a server and a browser and waits until the workbench stands. */
  static async open(options: WorkbenchOptions): Promise<Workbench> {
    const { folder, size = { width: 1280, height: 800 }, scale = 1, own = true, ...serverOptions } = options;
    const work = await mkdtemp(join(tmpdir(), 'strata-walk-'));
    const request = join(work, 'settings-request.json');
    const server = await start(folder, {
      gallery: false,
      ...(own ? { extensionDevelopmentPath: root } : {}),
      userDataDir: join(work, 'server'),
      otherExtensions: [join(root, 'test', 'support', 'settingsDriver')],
      ...serverOptions,
      env: { ...serverOptions.env, STRATA_SETTINGS_REQUEST: request },
    });
    try {
      const browser = await launchChromium();
      const context = await browser.newContext({ viewport: size, deviceScaleFactor: scale });
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      const page = await context.newPage();
      page.setDefaultTimeout(patienceMs);
      const errors: string[] = [];
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto(server.url);
      const workbench = new Workbench(page, server, browser, errors, request);
      await workbench.waitUntilReady();
      return workbench;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Ends the page, the browser, the server and everything that the server started. */
  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await rm(dirname(this.settingsRequest), { recursive: true, force: true });
  }

  /** Loads the page anew, as a window reload does, and waits until the workbench stands. */
  async reload(): Promise<void> {
    // A workbench in a browser keeps its layout every five seconds; what is younger may be lost in a reload.
    await this.page.waitForTimeout(6000);
    await this.page.reload();
    await this.waitUntilReady();
  }

  private async waitUntilReady(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.activitybar .action-label').first().waitFor();
    await this.page.locator('.monaco-workbench .part.statusbar .statusbar-item').first().waitFor();
  }

  /** Types into the list of commands; it closes when something else takes the focus just then, so we ask for it again. */
  private async typeCommand(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget .quick-input-box input');
    for (let tries = 0; ; tries++) {
      await this.page.keyboard.press('F1');
      try {
        return await input.fill(`>${text}`, { timeout: 3000 });
      } catch (error) {
        if (tries === 4) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Runs a command by its title, such as `Strata: Push`, through F1. Throws with the offered titles when it is not offered. */
  async runCommand(title: string): Promise<void> {
    await this.typeCommand(title);
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    const row = rows.filter({ has: this.page.getByText(title, { exact: true }) }).first();
    try {
      await row.click({ timeout: 10_000 });
    } catch {
      const offered = await rows.allInnerTexts();
      await this.page.keyboard.press('Escape');
      throw new Error(`The command "${title}" is not offered; these are: ${offered.join(' | ')}`);
    }
  }

  /** Titles that F1 offers for what is typed. */
  async offeredCommands(typed: string): Promise<string[]> {
    await this.typeCommand(typed);
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    const offered = await rows.locator('.label-name').allInnerTexts();
    await this.page.keyboard.press('Escape');
    return offered;
  }

  /** Clicks an item of the activity bar by its name; if its side bar is open already, does nothing. */
  async openActivity(name: string): Promise<void> {
    const item = this.page.locator('.part.activitybar li.action-item', {
      has: this.page.locator(`a.action-label[aria-label^="${name}"]`),
    });
    await item.first().waitFor();
    const open = (await item.first().getAttribute('aria-expanded')) === 'true';
    if (!open) await item.first().click();
    await this.page.locator('.part.sidebar .composite.title', { hasText: name }).waitFor();
  }

  /** A view of a side bar or panel by the name in its header. */
  view(name: string): WorkbenchView {
    return new WorkbenchView(this.page, name);
  }

  /** Waits for a webview by the title of its document and gives its inner frame. */
  async webview(title: string | RegExp, timeoutMs = patienceMs): Promise<Frame> {
    const fits = (text: string): boolean => (typeof title === 'string' ? text === title : title.test(text));
    for (const end = Date.now() + timeoutMs; Date.now() < end;) {
      for (const frame of this.page.frames()) {
        if (frame === this.page.mainFrame()) continue;
        if (fits(await frame.title().catch(() => ''))) return frame;
      }
      await this.page.waitForTimeout(50);
    }
    const titles = await Promise.all(this.page.frames().map((frame) => frame.title().catch(() => '')));
    throw new Error(`No webview titled ${String(title)}; there are: ${titles.filter(Boolean).join(' | ')}`);
  }

  /** A notification by a part of its text, as a toast or in the notification centre. */
  notification(text: string | RegExp): Locator {
    return this.page
      .locator('.notifications-toasts .notification-toast, .notifications-center')
      .filter({ hasText: text });
  }

  /** Clicks a button of the notification that holds `text`. */
  async answerNotification(text: string | RegExp, button: string): Promise<void> {
    const toast = this.notification(text).first();
    await toast.getByRole('button', { name: button, exact: true }).click();
  }

  /** Takes all notifications away. */
  async clearNotifications(): Promise<void> {
    await this.runCommand('Notifications: Clear All Notifications');
  }

  /** Clicks a button of the modal dialog that holds `text`. */
  async answerDialog(text: string | RegExp, button: string): Promise<void> {
    const dialog = this.page.locator('.monaco-dialog-box').filter({ hasText: text });
    await dialog.getByRole('button', { name: button, exact: true }).click();
  }

  /** Picks the row that holds `text` in the open quick pick; one that has just opened takes no click, so we click until it is gone. */
  async pick(text: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text }).first();
    await row.waitFor();
    for (let tries = 0; tries < 10 && (await row.isVisible()); tries++) {
      await row.click({ timeout: 1000 }).catch(() => undefined);
      await this.page.waitForTimeout(200);
    }
  }

  /** What the open quick pick offers, one text a row. */
  async offered(): Promise<string[]> {
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    return rows.allInnerTexts();
  }

  /** Types into the open input box or quick pick and accepts. */
  async answerInput(text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget .quick-input-box input');
    await input.waitFor();
    await input.fill(text);
    await input.press('Enter');
  }

  /** The status bar item whose text or accessible name holds `text`. */
  statusBarItem(text: string): Locator {
    const items = this.page.locator('.part.statusbar .statusbar-item');
    return items
      .filter({ hasText: text })
      .or(this.page.locator(`.part.statusbar .statusbar-item[aria-label*="${text}"]`))
      .first();
  }

  /** The visible text of the terminal that is shown, its rows joined by line feeds. */
  async terminalText(): Promise<string> {
    const rows = this.page.locator('.terminal-wrapper.active .xterm-rows > div');
    const texts = await rows.evaluateAll((elements) =>
      elements.map((each) => (each.textContent ?? '').replaceAll('\u00a0', ' ').trimEnd()),
    );
    return texts.join('\n').trimEnd();
  }

  /** Waits until the shown terminal holds `text`, and gives all of it. */
  async waitForTerminal(text: string | RegExp, timeoutMs = patienceMs): Promise<string> {
    const fits = (all: string): boolean => (typeof text === 'string' ? all.includes(text) : text.test(all));
    return this.waitFor(`${String(text)} in the terminal`, () => this.terminalText(), fits, timeoutMs);
  }

  /** Reads again and again until what was read fits; throws with the last reading when it never does. */
  async waitFor<T>(
    what: string,
    read: () => Promise<T>,
    fits: (value: T) => boolean,
    timeoutMs = patienceMs,
  ): Promise<T> {
    let last: T | undefined;
    for (const end = Date.now() + timeoutMs; Date.now() < end;) {
      last = await read();
      if (fits(last)) return last;
      await this.page.waitForTimeout(100);
    }
    throw new Error(`Waited ${timeoutMs / 1000} s for ${what}; the last reading was ${JSON.stringify(last)}`);
  }

  /** Changes user settings of the running workbench and waits until it has them; null takes a setting away. */
  async changeSettings(changes: Record<string, unknown>): Promise<void> {
    await writeFile(`${this.settingsRequest}.new`, JSON.stringify(changes));
    await rename(`${this.settingsRequest}.new`, this.settingsRequest);
    const isDone = (): boolean => ['', '.taken'].every((end) => !existsSync(`${this.settingsRequest}${end}`));
    await this.waitFor('the settings to change', async () => isDone(), Boolean);
  }

  /** Changes the colour theme and waits until the page has it. */
  async setTheme(theme: keyof typeof themes): Promise<void> {
    await this.changeSettings({ 'workbench.colorTheme': themes[theme], 'window.autoDetectHighContrast': false });
    await this.page.locator(`.monaco-workbench.${workbenchClasses[theme]}`).waitFor();
  }

  /** Takes the pointer off everything that answers to it, and waits until no hover is shown. */
  private async parkPointer(): Promise<void> {
    await this.page.mouse.move(this.page.viewportSize()?.width ?? 0, 0);
    const hovers = this.page.locator('.context-view .workbench-hover-container, .workbench-hover');
    await hovers
      .first()
      .waitFor({ state: 'hidden', timeout: 2000 })
      .catch(() => undefined);
  }

  /**
   * Saves a picture into `out/screenshots`, or into `media/screenshots` when the run was asked for it by
   * STRATA_SCREENSHOTS=media and the picture is one of those. Gives its path. `keepPointer` leaves hovers as they are.
   */
  async screenshot(name: string, { forMedia = false, keepPointer = false } = {}): Promise<string> {
    const media = forMedia && process.env['STRATA_SCREENSHOTS'] === 'media';
    const folder = media ? join(root, 'media', 'screenshots') : join(outFolder, 'screenshots');
    const path = join(folder, `${name.replace(/[^\w.-]+/g, '-')}.png`);
    if (!keepPointer) await this.parkPointer();
    await mkdir(dirname(path), { recursive: true });
    await this.page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    return path;
  }
}
