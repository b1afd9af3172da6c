/** Promise: tracking and restoring a file of 4 GiB costs at most 1.2 times what reading, hashing and writing it costs, in constant memory. */
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { alternate, compareRow, memoryRow } from './measure.mjs';
import { floor, makeProjects, remove } from './projects.mjs';

const MiB = 1024 * 1024;
const size = 4096;

/** Writes a file of `size` MiB, no two of them alike. */
function makeBigFile(file) {
  mkdirSync(join(file, '..'), { recursive: true });
  const fd = openSync(file, 'w');
  const block = Buffer.concat(
    Array.from({ length: MiB / 64 }, (_, n) => createHash('sha512').update(String(n)).digest()),
  );
  for (let n = 0; n < size; n++) {
    block.writeUInt32LE(n, 0);
    writeSync(fd, block);
  }
  closeSync(fd);
}

/** Measures; gives rows. */
export function measure(context) {
  const { work, rounds } = context;
  const { strata } = makeProjects({ ...context, twins: false }, (folder) => makeBigFile(join(folder, 'big.bin')));
  const object = () => join(work, 'floor');
  const tool = (words, prepare) => ({ name: 'strata', command: strata.command(words), prepare });
  const bare = (from) => ({
    name: 'floor',
    command: floor('file', from, object(), 'sync'),
    prepare: () => remove(object()),
  });
  const add = tool(['add', 'big.bin'], () => {
    remove(strata.path('.dvc/cache'), strata.path('.dvc/tmp'), strata.path('big.bin.dvc'), strata.path('.gitignore'));
  });
  const checkout = tool(['checkout'], () => remove(strata.path('big.bin'), strata.path('.dvc/tmp')));
  const added = alternate([add, bare(strata.path('big.bin'))], rounds);
  const addMemory = memoryRow('add a file of 4 GiB', add, 200);
  const restored = alternate([checkout, bare(strata.path('big.bin'))], rounds);
  const rows = [
    compareRow('add a file of 4 GiB', added, { against: 'floor', atMost: 1.2 }),
    addMemory,
    compareRow('checkout a file of 4 GiB', restored, { against: 'floor', atMost: 1.2 }),
    memoryRow('checkout a file of 4 GiB', checkout, 200),
  ];
  remove(work);
  return rows;
}
