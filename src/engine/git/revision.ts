/** Which texts may stand for revisions, refs and remotes: checked before any of them reaches a process. */

import { StrataError } from '../errors';

/** Refuses a revision that Git could take for an option, a range or a path. `HEAD~2`, `v1^{commit}` and `main@{1}` pass. */
export function checkRevision(rev: string): string {
  const good =
    rev !== '' && rev.length < 1000 && !rev.startsWith('-') && !/[\u0000-\u0020\u007f:?*[\\]|\.\./u.test(rev);
  if (!good) throw new StrataError('git.badRevision', { rev });
  return rev;
}

/** Refuses what `git check-ref-format` refuses; for names of branches and tags. */
export function checkRefName(name: string): string {
  const parts = name.split('/');
  const bad =
    /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\.$|^@$/u.test(name) ||
    name.startsWith('-') ||
    parts.some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock'));
  if (bad) throw new StrataError('git.badName', { name });
  return name;
}

/** A remote is named as in the configuration, never given as a URL or a command. */
export function checkRemote(name: string): string {
  if (!/^[A-Za-z0-9_][\w./-]*$/.test(name) || name.includes('..')) throw new StrataError('git.badRemote', { name });
  return name;
}
