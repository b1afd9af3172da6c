import * as assert from 'node:assert/strict';
import { quietCall } from '../../../../src/base/cancel';
import { is } from '../../../../src/engine/errors';
import { diffTables, type TableOptions } from '../../../../src/engine/data/diff/table';

interface Case {
  readonly a: string;
  readonly b: string;
  readonly options?: TableOptions;
  readonly path?: string;
  /** `key | rows as +added -removed ~changed =same | changed columns | schema`, or the error's code. */
  readonly says: string;
}

const CASES: Readonly<Record<string, Case>> = {
  'same tables': { a: 'id,x\n1,a\n', b: 'id,x\n1,a\n', says: 'id | +0 -0 ~0 =1 |  | ' },
  'a changed cell': { a: 'id,x\n1,a\n2,b\n', b: 'id,x\n1,a\n2,c\n', says: 'id | +0 -0 ~1 =1 | x | ' },
  'rows in another order': { a: 'id,x\n1,a\n2,b\n', b: 'id,x\n2,b\n1,a\n', says: 'id | +0 -0 ~0 =2 |  | ' },
  'columns in another order': { a: 'id,x\n1,a\n', b: 'x,id\na,1\n', says: 'x | +0 -0 ~0 =1 |  | ' },
  'a new column': { a: 'id\n1\n', b: 'id,y\n1,q\n', says: 'id | +0 -0 ~0 =1 |  | added y' },
  'a dropped column': { a: 'id,y\n1,q\n', b: 'id\n1\n', says: 'id | +0 -0 ~0 =1 |  | removed y' },
  'numbers that became text': { a: 'id,y\n1,2\n', b: 'id,y\n1,two\n', says: 'id | +0 -0 ~1 =0 | y | changed y' },
  'the second column is the first good key': {
    a: 'x,id\na,1\na,2\n',
    b: 'x,id\nb,1\na,2\n',
    says: 'id | +0 -0 ~1 =1 | x | ',
  },
  'a unique column that shares nothing is no key': {
    a: 'noise,id\n0.1,1\n0.2,2\n',
    b: 'noise,id\n0.3,1\n0.4,2\n',
    says: 'id | +0 -0 ~2 =0 | noise | ',
  },
  'two columns as key': {
    a: 'u,d,v\n1,mon,5\n1,tue,5\n2,mon,5\n',
    b: 'u,d,v\n1,mon,5\n1,tue,6\n2,mon,5\n',
    says: 'u,d | +0 -0 ~1 =2 | v | ',
  },
  'no key at all: rows as a multiset': { a: 'x\na\na\nb\n', b: 'x\na\nb\nb\n', says: ' | +1 -1 ~0 =2 |  | ' },
  'a declared key': { a: 'id,x\n1,a\n', b: 'id,x\n1,b\n', options: { key: ['id'] }, says: 'id | +0 -0 ~1 =0 | x | ' },
  'a key that is not there': { a: 'id\n1\n', b: 'x\n1\n', options: { key: ['id'] }, says: 'diff.keyMissing' },
  'a key that is not unique': { a: 'id\n1\n1\n', b: 'id\n1\n', options: { key: ['id'] }, says: 'diff.keyDouble' },
  'a tolerance': {
    a: 'id,x\n1,0.50\n2,1\n',
    b: 'id,x\n1,0.51\n2,2\n',
    options: { tolerance: 0.1 },
    says: 'id | +0 -0 ~1 =1 | x | ',
  },
  'an empty version': { a: '', b: 'id,x\n1,a\n', says: ' | +1 -0 ~0 =0 |  | added id,x' },
  'tabs, quotes, CRLF, a byte order mark': {
    path: 't.tsv',
    a: '\ufeffid\tx\r\n1\t"a\r\nb ""c"""\r\n',
    b: 'id\tx\n1\t"a\r\nb ""c"""\n',
    says: 'id | +0 -0 ~0 =1 |  | ',
  },
  'short rows': { a: 'id,x,y\n1,a\n', b: 'id,x,y\n1,a,\n', says: 'id | +0 -0 ~0 =1 |  | ' },
};

async function say({ a, b, path, options }: Case): Promise<string> {
  try {
    const found = await diffTables(path ?? 't.csv', { a, b }, options ?? {}, quietCall());
    const { rows, schema } = found;
    const counts = `+${rows.added} -${rows.removed} ~${rows.changed} =${rows.same}`;
    const changes = Object.entries(schema).filter(([, names]) => names.length > 0);
    return [
      found.key.join(','),
      counts,
      Object.keys(found.columns).join(','),
      changes.map(([what, names]) => `${what} ${names.join(',')}`).join(' '),
    ].join(' | ');
  } catch (error) {
    if (is(error)) return error.code;
    throw error;
  }
}

describe('diffTables', () => {
  for (const [name, one] of Object.entries(CASES)) it(name, async () => assert.equal(await say(one), one.says));

  it('cuts the sample and tells the total', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => `${i},b`).join('\n');
    const found = await diffTables('t.csv', { a: 'id,x\n', b: `id,x\n${rows}\n` }, { rows: 3 }, quietCall());
    assert.deepEqual([found.sample.length, found.total], [3, 100]);
  });

  it('stops when cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    const rows = `id\n${'x\n'.repeat(3000)}`;
    await assert.rejects(diffTables('t.csv', { a: rows, b: rows }, {}, quietCall(controller.signal)), {
      name: 'Cancelled',
    });
  });
});
