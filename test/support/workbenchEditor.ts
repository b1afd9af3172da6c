/** Text editors of the workbench: opening files, typing, saving, and what stands around the text. */
import type { Locator, Page } from 'playwright-core';

/** The editor area. */
export class WorkbenchEditor {
  constructor(private readonly page: Page) {}

  /** Opens a file of the workspace by its path relative to the folder, through Ctrl+P. */
  async open(path: string): Promise<void> {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const input = await this.typeInto('Control+P', path);
    const row = this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: name }).first();
    await row.waitFor();
    await input.press('Enter');
    await this.tab(name).waitFor();
  }

  /** Opens the quick input by a key and types; it closes when something else takes the focus just then, so we ask for it again. */
  private async typeInto(key: string, text: string): Promise<Locator> {
    const input = this.page.locator('.quick-input-widget .quick-input-box input');
    for (let tries = 0; ; tries++) {
      await this.page.keyboard.press(key);
      try {
        await input.fill(text, { timeout: 3000 });
        return input;
      } catch (error) {
        if (tries === 4) throw error;
      }
    }
  }

  /** The tab with this name. */
  tab(name: string): Locator {
    return this.page.locator(`.tabs-container .tab[aria-label^="${name}"]`).first();
  }

  /** Names of the open tabs, from left to right. */
  async tabs(): Promise<string[]> {
    const labels = this.page.locator('.tabs-container .tab .monaco-icon-label');
    return labels.evaluateAll((all) => all.map((each) => (each.textContent ?? '').trim()));
  }

  /** Puts the cursor at a line and column, both from 1, of the active editor. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.focus();
    const input = await this.typeInto('Control+G', `:${line}:${column}`);
    await input.press('Enter');
    await input.waitFor({ state: 'hidden' });
  }

  /** Puts the focus into the text of the active editor. */
  async focus(): Promise<void> {
    await this.page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
  }

  /** Replaces a whole line, from 1, by `text`. */
  async replaceLine(line: number, text: string): Promise<void> {
    await this.goTo(line);
    await this.page.keyboard.press('Home');
    await this.page.keyboard.press('Shift+End');
    await this.page.keyboard.insertText(text);
  }

  /** Saves the active editor, which must hold a change, and waits until it is no longer marked as changed. */
  async save(): Promise<void> {
    const changed = this.page.locator('.editor-group-container.active .tab.active.dirty');
    await changed.waitFor();
    await this.page.keyboard.press('Control+S');
    await changed.waitFor({ state: 'detached' });
  }

  /** Closes all editors. */
  async closeAll(): Promise<void> {
    await this.page.keyboard.press('Control+K');
    await this.page.keyboard.press('Control+W');
    await this.page.locator('.tabs-container .tab').first().waitFor({ state: 'detached' });
  }

  /** The code lens links in the active editor whose text holds `text`. */
  codeLens(text: string): Locator {
    return this.page.locator('.editor-group-container.active .codelens-decoration a').filter({ hasText: text });
  }

  /** The letter that the Explorer draws behind a file or folder, empty when none. */
  async explorerBadge(name: string): Promise<string> {
    const row = this.page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ has: this.page.getByText(name, { exact: true }) });
    const label = row.first().locator('.monaco-icon-label').first();
    await label.waitFor();
    return label.evaluate((element) => {
      const content = getComputedStyle(element, '::after').content;
      return content === 'none' || content === 'normal' ? '' : content.replace(/^"|"$/g, '');
    });
  }
}
