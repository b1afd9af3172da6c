/** The HTML of a panel: strict policy, a fresh nonce, the language, and the boot facts as data. Nothing inline runs. */

import { randomBytes } from 'node:crypto';
import { type Boot } from '../../protocol/contract';

/** Addresses that the page may load. */
export interface PageSources {
  readonly cspSource: string;
  readonly script: string;
  readonly style: string;
  /** What the page shows when it cannot start at all. */
  readonly bootError: string;
}

/** The whole document of a panel. */
export function pageHtml(title: string, boot: Boot, sources: PageSources): string {
  const nonce = randomBytes(16).toString('base64url');
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${sources.cspSource}`,
    `img-src ${sources.cspSource} data:`,
    `font-src ${sources.cspSource}`,
    "connect-src 'none'",
    "frame-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
  ].join('; ');
  const json = JSON.stringify(boot)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return `<!DOCTYPE html>
<html lang="${attribute(boot.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<title>${attribute(title)}</title>
<link rel="stylesheet" href="${attribute(sources.style)}">
</head>
<body>
<main id="root"></main>
<p id="boot-error" hidden>${attribute(sources.bootError)}</p>
<script type="application/json" id="boot" nonce="${nonce}">${json}</script>
<script type="module" nonce="${nonce}" src="${attribute(sources.script)}"></script>
</body>
</html>`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
