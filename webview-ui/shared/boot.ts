/**
 * What the host writes into the page before it loads: `<script type="application/json" id="boot">`. It is data, not code, so no
 * nonce is needed; the host writes every `<` in it as `\u003c`.
 */

import { type Boot, type Contract } from '../../src/protocol/contract';

/** Reads the boot data of a panel; undefined when it is missing, broken, or of another panel or version. */
export function readBoot(document: Document, contract: Contract): Boot | undefined {
  const source = document.getElementById('boot')?.textContent ?? '';
  try {
    const value = JSON.parse(source) as Partial<Boot> | null;
    return isBoot(value, contract) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isBoot(value: Partial<Boot> | null, contract: Contract): value is Boot {
  if (typeof value !== 'object' || value === null) return false;
  if (value.version !== contract.version || value.panel !== contract.panel) return false;
  if (typeof value.project !== 'string') return false;
  return typeof value.language === 'string' && typeof value.bundle === 'object';
}
