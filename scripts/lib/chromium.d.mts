/** Types of chromium.mjs, for tests. */
import type { Browser } from 'playwright-core';

/** Opens the machinery's Chromium, headless; the caller closes it. */
export declare function launchChromium(): Promise<Browser>;
