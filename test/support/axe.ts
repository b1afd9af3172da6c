/** Accessibility findings of a page or a webview frame, by axe-core. */
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Frame, Page } from 'playwright-core';

const source = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** One rule that is broken, and where. */
export interface Finding {
  rule: string;
  impact: string;
  help: string;
  /** The start of the markup of each place. */
  places: string[];
}

interface AxeWindow {
  axe: { run(context: unknown, options: unknown): Promise<{ violations: AxeViolation[] }> };
}

interface AxeViolation {
  id: string;
  impact?: string | null;
  help: string;
  nodes: { html: string; failureSummary?: string }[];
}

/** All findings in a frame, the grave ones and the slight ones. */
export async function findings(frame: Frame | Page): Promise<Finding[]> {
  await frame.evaluate(await source);
  const violations = await frame.evaluate(async (tags) => {
    const { axe } = window as unknown as AxeWindow;
    return (await axe.run(document, { runOnly: tags, resultTypes: ['violations'] })).violations;
  }, rules);
  return violations.map(({ id, impact, help, nodes }) => ({
    rule: id,
    impact: impact ?? 'minor',
    help,
    places: nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} — ${failureSummary ?? ''}`),
  }));
}

/** Fails when a frame has a finding that is serious or critical. */
export async function assertAccessible(frame: Frame | Page, where: string): Promise<void> {
  const grave = (await findings(frame)).filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const lines = grave.map(({ rule, help, places }) => `${rule}: ${help}\n    ${places.join('\n    ')}`);
  assert.equal(grave.length, 0, `${where} has accessibility findings:\n  ${lines.join('\n  ')}`);
}
