/**
 * Versions of models: semantic versions 2.0 behind a `v` (dvc.md §24). Order is semver's: numbers as numbers, a pre-release before its
 * release, build metadata of no weight.
 */

const CORE = '(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)';
const PART = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const BUILD = '[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*';

/** Text of a pattern that matches a version with its `v`; it has four groups: three numbers and the pre-release. */
export const VERSION_PATTERN = `v${CORE}(?:-(${PART}(?:\\.${PART})*))?(?:\\+${BUILD})?`;

const VERSION = new RegExp(`^${VERSION_PATTERN}$`);

/** A version taken apart. */
export interface SemVer {
  /** Major, minor, patch. */
  readonly numbers: readonly [bigint, bigint, bigint];
  /** Parts of the pre-release; empty for a release. */
  readonly pre: readonly string[];
}

/** Takes `v1.2.0-rc.1` apart; undefined for anything that is not such a version. */
export function parseSemver(text: string): SemVer | undefined {
  const match = VERSION.exec(text);
  if (!match) return undefined;
  const [, major = '0', minor = '0', patch = '0', pre] = match;
  return { numbers: [BigInt(major), BigInt(minor), BigInt(patch)], pre: pre === undefined ? [] : pre.split('.') };
}

/** Negative when `a` is the lower version, 0 when neither is. What is no version (a commit's id) is below all versions. */
export function compareSemver(a: string, b: string): number {
  const [left, right] = [parseSemver(a), parseSemver(b)];
  if (!left || !right) return left ? 1 : right ? -1 : a < b ? -1 : a > b ? 1 : 0;
  for (let i = 0; i < 3; i += 1) {
    const [x = 0n, y = 0n] = [left.numbers[i], right.numbers[i]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return comparePre(left.pre, right.pre);
}

function comparePre(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const order = comparePart(a[i] ?? '', b[i] ?? '');
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Numbers are below words. */
function comparePart(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA && isNumberB) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Which number is raised. */
export type Bump = 'major' | 'minor' | 'patch';

/** The next version: `v1.2.3` bumped by patch is `v1.2.4`, and so is `v1.2.3-rc.1`. */
export function bumpSemver(version: string, bump: Bump): string {
  const [major, minor, patch] = parseSemver(version)?.numbers ?? [0n, 0n, 0n];
  if (bump === 'major') return `v${major + 1n}.0.0`;
  return bump === 'minor' ? `v${major}.${minor + 1n}.0` : `v${major}.${minor}.${patch + 1n}`;
}

/** The version that a model starts with. */
export const FIRST_VERSION = 'v0.0.1';
