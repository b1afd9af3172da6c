/** Changes the last cell of one line of a CSV file, as somebody who corrects a label. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `line` counts from 1; the head is line 1. The cell becomes another digit. */
export function changeRow(folder: string, path: string, line: number): void {
  const file = join(folder, path);
  const lines = readFileSync(file, 'utf8').split('\n');
  const text = lines[line - 1] ?? '';
  const cut = text.lastIndexOf(',') + 1;
  lines[line - 1] = `${text.slice(0, cut)}${(Number(text.slice(cut)) + 1) % 10}`;
  writeFileSync(file, lines.join('\n'));
}
