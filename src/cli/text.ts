/** The language of the command line: `LC_ALL`, `LC_MESSAGES`, `LANG`, in this order; English and Spanish, else English. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { createText, type Bundle, type Text } from '../base/text';

/** The language that an environment asks for. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): 'en' | 'es' {
  const value = [env.LC_ALL, env.LC_MESSAGES, env.LANG].find((v) => v !== undefined && v !== '');
  return value !== undefined && /^es([_.@-]|$)/i.test(value) ? 'es' : 'en';
}

/** Loads the texts that stand beside the program. */
export function loadText(env: Readonly<Record<string, string | undefined>>, dir: string): Text {
  const read = (language: string): Bundle =>
    JSON.parse(fs.readFileSync(path.join(dir, 'l10n', `${language}.json`), 'utf8')) as Bundle;
  const language = languageOf(env);
  const english = read('en');
  return createText(language, language === 'en' ? english : read(language), english);
}
