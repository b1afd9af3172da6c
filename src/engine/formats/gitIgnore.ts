/**
 * The lines that DVC keeps in `.gitignore` files for its outputs (dvc.md §8): `/name`, appended once, special characters escaped.
 */

/**
 * The line for an output of this name in the same folder: `br[1]` → `/br\[1\]`. A space at the end is escaped, which DVC forgets; a line break
 * in a name becomes `?`, since a pattern cannot hold one.
 */
export function gitIgnoreLine(name: string): string {
  return `/${name
    .replace(/[\\[\]!*#?]/g, '\\$&')
    .replace(/ $/, '\\ ')
    .replace(/[\n\r]/g, '?')}`;
}

/**
 * The text with the line for `name` at its end, or before the first of the lines for the names in `later`; unchanged when it is there. An absent
 * file is the empty text.
 */
export function addGitIgnore(text: string, name: string, later: readonly string[] = []): string {
  const line = gitIgnoreLine(name);
  const lines = linesOf(text);
  if (lines.includes(line)) return text;
  const behind = new Set(later.map(gitIgnoreLine));
  const at = lines.findIndex((one) => behind.has(one));
  if (at >= 0) {
    const before = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0);
    return `${text.slice(0, before)}${line}\n${text.slice(before)}`;
  }
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  return `${text}${gap}${line}\n`;
}

/** The text without the line for `name`, escaped or not; empty when nothing is left and the file is to be deleted. */
export function removeGitIgnore(text: string, name: string): string {
  const unwanted = new Set([gitIgnoreLine(name), `/${name}`]);
  const parts = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return parts.filter((part) => !unwanted.has(part.replace(/\r?\n$/, ''))).join('');
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/);
}
