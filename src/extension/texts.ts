/** The texts of the editor's language, from the bundles beside the extension; English where a language or key is missing. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { createText, type Bundle, type Text } from '../base/text';

/** Texts, and the bundle that webviews get. */
export interface Texts extends Text {
  readonly bundle: Bundle;
}

/** Reads the bundle for `language` (`env.language`, such as `es` or `es-mx`) from `dir/l10n`. */
export function loadTexts(dir: string, language: string): Texts {
  const english = readBundle(dir, 'en') ?? {};
  const short = language.toLowerCase().split('-')[0] ?? 'en';
  const own = short === 'en' ? english : readBundle(dir, short);
  const bundle = own ? { ...english, ...own } : english;
  return { ...createText(own ? language : 'en', bundle), bundle };
}

function readBundle(dir: string, language: string): Bundle | undefined {
  try {
    return JSON.parse(fs.readFileSync(path.join(dir, 'l10n', `${language}.json`), 'utf8')) as Bundle;
  } catch {
    return undefined;
  }
}
