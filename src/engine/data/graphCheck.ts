/** Outputs that must not stand beside each other: two of one path, one inside another (dvc.md §10, §18). Pure. */

import { compareCodePoints } from '../../base/paths';
import { StrataError } from '../errors';
import { type Output } from './model';

/**
 * Fails with `data.sameOutput` {path, stage, other} or `data.overlap` {path, stage, inner, innerStage}. Linear after sorting: `a/b` comes
 * right after `a` or after other paths below `a` once `/` sorts first.
 */
export function refuseOverlaps(outputs: readonly Output[]): void {
  const sorted = [...outputs].sort((a, b) => compareCodePoints(sortKey(a.path), sortKey(b.path)));
  let around: Output | undefined;
  for (const output of sorted) {
    if (around && output.path === around.path) {
      throw new StrataError('data.sameOutput', { path: output.path, stage: around.stage, other: output.stage });
    }
    if (around && output.path.startsWith(`${around.path}/`)) {
      throw new StrataError('data.overlap', {
        path: around.path,
        stage: around.stage,
        inner: output.path,
        innerStage: output.stage,
      });
    }
    around = output;
  }
}

function sortKey(path: string): string {
  return path.replaceAll('/', '\u0000');
}
