/**
 * Answers of the Diff page in its tests. `knobs.kind` chooses what the path is: `table` (unless told), `folder`, `text`, `binary`;
 * `knobs.label` is put into every text slot that a repository fills.
 */

import {
  diffContract,
  type FactsDiff,
  type FolderDiff,
  type TableDiff,
  type Version,
} from '../../../src/protocol/diff';
import { installStubHost, type StubHost } from './stubHost';

const HEADER = ['id', 'split', 'label', 'weight'];

installStubHost(diffContract, (host) => ({
  versions: () => Promise.resolve({ versions: versions(host) }),
  diff: ({ key }) => Promise.resolve(diffOf(host, key)),
  open: () => Promise.resolve({}),
  restore: () => Promise.resolve({ restored: true }),
}));

function slot(host: StubHost, text: string): string {
  const { label } = host.knobs;
  return typeof label === 'string' ? `${text} ${label}` : text;
}

function versions(host: StubHost): Version[] {
  const version = (i: number): Version => ({
    id: (0x9f3a1b2 + i * 7919).toString(16).padStart(40, '0'),
    label: (0x9f3a1b2 + i * 7919).toString(16),
    date: `Mar ${9 - i}, 2026, 9:14 AM`,
    author: slot(host, 'Ada'),
    message: slot(host, `data: batch ${4 - i}`),
    size: '1.2 MB',
    nfiles: host.knobs['kind'] === 'folder' ? 1797 : null,
    registered: i === 1 ? [slot(host, 'digits v1')] : [],
    cached: i !== 3,
    current: false,
  });
  const workspace: Version = {
    ...version(0),
    id: 'workspace',
    label: 'workspace',
    date: '',
    author: '',
    message: '',
    size: '',
    current: true,
  };
  return [workspace, version(0), version(1), version(2), version(3)];
}

function diffOf(host: StubHost, key: readonly string[]): TableDiff | FolderDiff | FactsDiff {
  const kind = host.knobs['kind'] ?? 'table';
  if (kind === 'folder') return folder(host);
  if (kind === 'text' || kind === 'binary') {
    return {
      kind,
      a: { size: '1.2 kB', hash: 'd41d8cd98f00b204e9800998ecf8427e' },
      b: { size: '1.3 kB', hash: '0cc175b9c0f1b6a831c399e269772661' },
      same: false,
      summary: kind === 'text' ? 'The text differs' : 'The bytes differ',
    };
  }
  return table(host, key);
}

function table(host: StubHost, key: readonly string[]): TableDiff {
  const sample: TableDiff['sample'] = Array.from({ length: 300 }, (_, i) => {
    const row = [`${i}`, 'train', `${i % 10}`, '1.0'].map((cell) => slot(host, cell));
    const next = [...row.slice(0, 2), `${(i + 1) % 10}`, i % 4 === 0 ? '0.5' : '1.0'];
    if (i % 7 === 5) return { state: 'added' as const, key: [`${i}`], a: null, b: row, changed: [] };
    if (i % 7 === 6) return { state: 'removed' as const, key: [`${i}`], a: row, b: null, changed: [] };
    return { state: 'changed' as const, key: [`${i}`], a: row, b: next, changed: i % 4 === 0 ? [2, 3] : [2] };
  });
  return {
    kind: 'table',
    header: HEADER.map((name) => slot(host, name)),
    key: key.length > 0 ? [...key] : [slot(host, 'id')],
    schema: { added: [slot(host, 'weight')], removed: [], changed: [] },
    rows: { a: 1797, b: 1797, added: 43, removed: 42, changed: 215, same: 1540 },
    columns: [
      { name: slot(host, 'label'), changed: 215 },
      { name: slot(host, 'weight'), changed: 54 },
    ],
    sample,
    total: 342,
    summary: '43 rows added, 42 removed, 215 changed',
  };
}

function folder(host: StubHost): FolderDiff {
  return {
    kind: 'folder',
    files: [
      { path: slot(host, 'img/0001.png'), state: 'added', a: '', b: '1.1 kB' },
      { path: slot(host, 'img/0002.png'), state: 'removed', a: '1.2 kB', b: '' },
      { path: 'labels.csv', state: 'changed', a: '20 kB', b: '21 kB' },
      { path: 'notes/new.txt', from: 'notes/old.txt', state: 'renamed', a: '90 B', b: '90 B' },
    ],
    same: 1793,
    summary: '4 files differ, 1,793 are the same',
  };
}
