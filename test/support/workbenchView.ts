/** A tree view of the workbench: its rows by their text, and what one does with them. */
import type { Locator, Page } from 'playwright-core';

/** What a row says of itself. */
export interface TreeRow {
  label: string;
  /** The dimmer text behind the label. */
  description: string;
  /** What a screen reader says. */
  accessibleName: string;
  /** Depth, the first is 1. */
  level: number;
  /** Undefined for a row without children. */
  expanded: boolean | undefined;
}

/** A view in a side bar or panel. */
export class WorkbenchView {
  constructor(
    private readonly page: Page,
    private readonly name: string,
  ) {}

  /** The whole pane with its header. A container with a single view shows that view's name in the title only. */
  get pane(): Locator {
    return this.page.locator('.pane', { has: this.page.locator(`.pane-header[aria-label^="${this.name}"]`) });
  }

  private get list(): Locator {
    return this.page.locator(`.monaco-list[aria-label="${this.name}"]`);
  }

  /** Opens the pane when it is folded. */
  async unfold(): Promise<void> {
    const header = this.pane.locator('.pane-header').first();
    await header.waitFor();
    if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
  }

  /** The row whose label is exactly `label`; with a pattern, the first whose label fits. */
  row(label: string | RegExp): Locator {
    const name = this.page.locator('.label-name');
    const fitting =
      typeof label === 'string'
        ? name.filter({ hasText: new RegExp(`^${escape(label)}$`) })
        : name.filter({ hasText: label });
    return this.list.locator('.monaco-list-row', { has: fitting }).first();
  }

  /** All rows that are drawn, from top to bottom. */
  async rows(): Promise<TreeRow[]> {
    return this.list.locator('.monaco-list-row').evaluateAll((elements) =>
      elements
        .map((element) => ({
          label: element.querySelector('.label-name')?.textContent ?? '',
          description: element.querySelector('.label-description')?.textContent ?? '',
          accessibleName: element.getAttribute('aria-label') ?? '',
          level: Number(element.getAttribute('aria-level')),
          expanded: element.hasAttribute('aria-expanded')
            ? element.getAttribute('aria-expanded') === 'true'
            : undefined,
          index: Number(element.getAttribute('data-index')),
        }))
        .sort((a, b) => a.index - b.index)
        .map(({ index: _, ...row }) => row),
    );
  }

  /** Opens a row that has children. */
  async expand(label: string | RegExp): Promise<void> {
    await this.toggle(label, true);
  }

  /** Closes a row that has children. */
  async collapse(label: string | RegExp): Promise<void> {
    await this.toggle(label, false);
  }

  private async toggle(label: string | RegExp, open: boolean): Promise<void> {
    const row = this.row(label);
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) === String(open)) return;
    await row.locator('.monaco-tl-twistie').click();
    await this.page.waitForFunction(([element, wanted]) => element?.getAttribute('aria-expanded') === wanted, [
      await row.elementHandle(),
      String(open),
    ] as const);
  }

  /** Clicks a row. */
  async click(label: string | RegExp): Promise<void> {
    await this.row(label).locator('.label-name').click();
  }

  /** Ticks or unticks the checkbox of a row. */
  async tick(label: string | RegExp): Promise<void> {
    const box = this.row(label).locator('.custom-view-tree-node-item-checkbox');
    const before = await box.getAttribute('aria-checked');
    const moved = async (): Promise<boolean> => (await box.getAttribute('aria-checked')) !== before;
    // A view that is being read anew at this very moment forgets the click.
    for (let tries = 0; tries < 5 && !(await moved()); tries++) {
      await box.click();
      for (let i = 0; i < 15 && !(await moved()); i++) await this.page.waitForTimeout(100);
      await this.page.waitForTimeout(400);
    }
  }

  /** Waits until the rows stay as they are for a moment: a row that moves under the pointer would get another's click. */
  private async settle(): Promise<void> {
    let before = '';
    for (let tries = 0; tries < 20; tries++) {
      const now = JSON.stringify(await this.rows());
      if (now === before) return;
      before = now;
      await this.page.waitForTimeout(500);
    }
  }

  /** Clicks an inline button of a row by its title. */
  async inlineAction(label: string | RegExp, title: string): Promise<void> {
    await this.settle();
    const row = this.row(label);
    await row.hover();
    await row.locator(`.actions .action-label[aria-label^="${title}"]`).first().click();
  }

  /** Titles of the inline buttons of a row, from left to right. */
  async inlineActions(label: string | RegExp): Promise<string[]> {
    const row = this.row(label);
    await row.hover();
    return row
      .locator('.actions .action-label')
      .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label') ?? ''));
  }

  /** Chooses an item of the context menu of a row. */
  async contextMenu(label: string | RegExp, item: string): Promise<void> {
    await this.row(label).click({ button: 'right' });
    const entry = menuItems(this.page).filter({ has: this.page.getByText(item, { exact: true }) });
    await chooseFromMenu(this.page, entry.first());
  }

  /** The items of the context menu of a row, which is closed again. */
  async contextMenuItems(label: string | RegExp): Promise<string[]> {
    await this.row(label).click({ button: 'right' });
    const items = menuItems(this.page);
    await items.first().waitFor();
    const texts = await items.locator('.action-label').allInnerTexts();
    await this.page.keyboard.press('Escape');
    return texts;
  }

  /** Clicks a button of the view's title by its name; the view is hovered first, as its buttons are hidden otherwise. */
  async titleAction(title: string): Promise<void> {
    await this.pane.first().hover();
    await this.page.locator(`.pane-header .actions .action-label[aria-label^="${title}"]`).first().click();
  }

  /** The text shown instead of rows, with its links. */
  get welcome(): Locator {
    return this.pane.locator('.welcome-view-content');
  }
}

function menuItems(page: Page): Locator {
  return page.locator('.context-view .monaco-menu .action-item:not(.disabled) .action-menu-item');
}

/** A menu that has just opened takes no click, lest the one that opened it choose something: so we click until it is gone. */
async function chooseFromMenu(page: Page, entry: Locator): Promise<void> {
  await entry.waitFor();
  for (let tries = 0; tries < 10 && (await entry.isVisible()); tries++) {
    await page.waitForTimeout(200);
    await entry.click({ timeout: 1000 }).catch(() => undefined);
  }
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
