/** Every text in both languages: equal keys, equal places, no key that nobody defined, no literal text in the manifest. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Message } from '../../src/base/text';

const root = resolve(__dirname, '../..');
const json = (path: string): Record<string, Message> =>
  JSON.parse(readFileSync(join(root, path), 'utf8')) as Record<string, Message>;
const areas = readdirSync(join(root, 'l10n/en')).sort();

function bundle(language: string): Map<string, Message> {
  return new Map(areas.flatMap((area) => Object.entries(json(`l10n/${language}/${area}`))));
}

function places(message: Message): string[] {
  const forms = typeof message === 'string' ? [message] : Object.values(message);
  return [
    ...new Set(forms.flatMap((form) => [...form.matchAll(/\{(\w+)(?::[+\w]+)?\}/g)].map((match) => match[1] ?? ''))),
  ].sort();
}

function sources(dir: string): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('words', () => {
  it('have the same areas and keys in both languages', () => {
    assert.deepEqual(readdirSync(join(root, 'l10n/es')).sort(), areas);
    for (const area of areas)
      assert.deepEqual(Object.keys(json(`l10n/es/${area}`)), Object.keys(json(`l10n/en/${area}`)), area);
    assert.deepEqual(Object.keys(json('package.nls.es.json')), Object.keys(json('package.nls.json')));
  });

  it('are defined once', () => {
    const seen = new Map<string, string>();
    const twice: string[] = [];
    for (const area of areas) {
      for (const key of Object.keys(json(`l10n/en/${area}`))) {
        if (seen.has(key)) twice.push(`${key} in ${seen.get(key) ?? ''} and ${area}`);
        seen.set(key, area);
      }
    }
    assert.deepEqual(twice, []);
  });

  it('have the same places in both languages', () => {
    const es = bundle('es');
    const wrong = [...bundle('en')].filter(([key, message]) => {
      const other = places(es.get(key) ?? '').filter((name) => name !== 'n');
      return (
        places(message)
          .filter((name) => name !== 'n')
          .join() !== other.join()
      );
    });
    assert.deepEqual(
      wrong.map(([key]) => key),
      [],
    );
  });

  it('are translated', () => {
    const es = bundle('es');
    const same = [...bundle('en')].filter(([key, message]) => {
      // Titles of papers are not translated.
      if (key.startsWith('verdict.source.')) return false;
      const text = typeof message === 'string' ? message : message.other;
      return (
        text.replace(/\{[^}]*\}/g, '').split(/\s+/).length > 4 &&
        JSON.stringify(es.get(key)) === JSON.stringify(message)
      );
    });
    assert.deepEqual(
      same.map(([key]) => key),
      [],
    );
  });

  it('exist for every key that the sources name', () => {
    const known = new Set(bundle('en').keys());
    const missing: string[] = [];
    for (const file of [...sources('src'), ...sources('webview-ui')]) {
      const text = readFileSync(file, 'utf8');
      for (const match of text.matchAll(/\bt\(\s*'([\w.-]+)'/g))
        if (!known.has(match[1] ?? '')) missing.push(`${match[1] ?? ''} in ${file.slice(root.length + 1)}`);
      for (const match of text.matchAll(/new StrataError\(\s*'([\w.-]+)'/g)) {
        if (!known.has(`error.${match[1] ?? ''}`))
          missing.push(`error.${match[1] ?? ''} in ${file.slice(root.length + 1)}`);
      }
    }
    assert.deepEqual(missing, []);
  });

  it('of the manifest are all in package.nls.json', () => {
    const manifest = readFileSync(join(root, 'package.json'), 'utf8');
    const used = [...manifest.matchAll(/"%([^%]+)%"/g)].map((match) => match[1] ?? '');
    assert.deepEqual([...new Set(used)].sort(), Object.keys(json('package.nls.json')).sort());
  });
});
