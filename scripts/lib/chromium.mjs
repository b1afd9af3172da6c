/** Opens the machinery's Chromium with Playwright: one place for its flags and environment. */
import { chromium } from 'playwright-core';
import { ensureBrowser } from '../machinery.mjs';

/** @returns {Promise<import('playwright-core').Browser>} a headless Chromium; the caller closes it */
export async function launchChromium() {
  const { executablePath, args, env } = await ensureBrowser();
  return chromium.launch({ executablePath, args, env, headless: true });
}
