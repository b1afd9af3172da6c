/**
 * `.dvcignore`: which files of the workspace DVC does not see (dvc.md §9). Gitignore syntax; a nested file's patterns apply below it and override
 * outer ones; the last match wins; nothing below an ignored folder comes back.
 */

import ignore, { type Ignore } from 'ignore';
import { dirname, join } from '../../base/paths';
import { costlyMatcher, isCostly } from './globMatch';

/** One `.dvcignore`. */
export interface IgnoreFile {
  /** Folder of the file, relative to the root; `.` for the root. */
  readonly dir: string;
  readonly text: string;
}

/** The pattern that decided about a path. */
export interface IgnoreMatch {
  /** The `.dvcignore` relative to the root; empty for what is built in. */
  readonly source: string;
  /** From 1; 0 for what is built in. */
  readonly line: number;
  /** As written; begins with `!` when it brings the path back. */
  readonly pattern: string;
}

/** Answers about paths relative to the root, with `/`. Answers are remembered for folders, so walking a tree is cheap. */
export interface DvcIgnore {
  /** True when DVC does not see the path: it matches, or a folder above it does. */
  ignored(path: string, isFolder: boolean): boolean;
  /** The pattern that decides about the path, also one that brings it back; undefined when none does. */
  match(path: string, isFolder: boolean): IgnoreMatch | undefined;
}

interface Rule extends IgnoreMatch {
  /** The pattern as seen from the root. */
  readonly rooted: string;
}

/**
 * Neighbouring rules of one kind. As in DVC a rule also matches everything below what it matches, a rule for folders (`logs/`) is not asked about
 * files, and the last run that matches decides.
 */
interface Run {
  readonly back: boolean;
  readonly foldersOnly: boolean;
  readonly test: (name: string) => boolean;
  /** Takes more patterns; absent for one that is matched by itself. */
  readonly matcher?: Ignore;
}

interface Level {
  readonly rules: readonly Rule[];
  readonly runs: readonly Run[];
}

const BUILT_IN = ['.hg/', '.git/', '.git', '.dvc/'];

/** Builds the answers from all `.dvcignore` files of a project; `subrepos` are folders that hold a `.dvc` of their own. */
export function createDvcIgnore(files: readonly IgnoreFile[], subrepos: readonly string[] = []): DvcIgnore {
  const builtIn = [...BUILT_IN, ...subrepos.map((dir) => `/${escapePath(dir)}/`)];
  const base = builtIn.map((pattern): Rule => ({ source: '', line: 0, pattern, rooted: pattern }));
  const byDir = new Map(files.map((file) => [file.dir, rulesOf(file)]));
  const levels = new Map<string, Level>([['', makeLevel(base)]]);
  const folders = new Map<string, boolean>();

  /** The patterns that apply to what lies in a folder: its own after those of the folders above. */
  const levelOf = (dir: string): Level => {
    const known = levels.get(dir);
    if (known) return known;
    const above = levelOf(dir === '.' ? '' : dirname(dir));
    const own = byDir.get(dir) ?? [];
    // A .dvcignore that is itself ignored is not read.
    const counts = own.length > 0 && !decide(above, join(dir, '.dvcignore'), false);
    const level = counts ? makeLevel([...above.rules, ...own]) : above;
    levels.set(dir, level);
    return level;
  };

  const folderIgnored = (path: string): boolean => {
    if (path === '.') return false;
    let known = folders.get(path);
    if (known === undefined) {
      known = folderIgnored(dirname(path)) || decide(levelOf(dirname(path)), path, true);
      folders.set(path, known);
    }
    return known;
  };

  const ignored = (path: string, isFolder: boolean): boolean => {
    if (isElsewhere(path)) return false;
    if (isFolder || folderIgnored(dirname(path))) return folderIgnored(isFolder ? path : dirname(path));
    return decide(levelOf(dirname(path)), path, false);
  };

  const match = (path: string, isFolder: boolean): IgnoreMatch | undefined => {
    const parent = dirname(path);
    if (isElsewhere(path)) return undefined;
    if (parent !== '.' && folderIgnored(parent)) return match(parent, true);
    return decidingRule(levelOf(parent).rules, path, isFolder);
  };

  return { ignored, match };
}

/** True for the root itself and for what lies outside it: no pattern speaks about these. */
function isElsewhere(path: string): boolean {
  return path === '.' || path === '..' || path.startsWith('../') || path.startsWith('/');
}

/** A run that begins with a pattern (without `!`). */
function runOf(pattern: string, back: boolean, foldersOnly: boolean): Run {
  if (isCostly(pattern)) return { back, foldersOnly, test: costlyMatcher(pattern) };
  const matcher = ignore({ ignorecase: false }).add({ pattern });
  return { back, foldersOnly, matcher, test: (name) => matcher.test(name).ignored };
}

function makeLevel(rules: readonly Rule[]): Level {
  const runs: Run[] = [];
  for (const { rooted: pattern, pattern: written } of rules) {
    const foldersOnly = written.endsWith('/');
    const back = pattern.startsWith('!');
    const plain = back ? pattern.slice(1) : pattern;
    const run = runs[runs.length - 1];
    const goesOn = run?.back === back && run.foldersOnly === foldersOnly && !isCostly(plain);
    if (goesOn && run.matcher) run.matcher.add({ pattern: plain });
    else runs.push(runOf(plain, back, foldersOnly));
  }
  return { rules, runs };
}

/** True when the last run that matches ignores. */
function decide(level: Level, path: string, isFolder: boolean): boolean {
  const name = isFolder ? `${path}/` : path;
  for (let i = level.runs.length - 1; i >= 0; i -= 1) {
    const run = level.runs[i] as Run;
    if (run.foldersOnly && !isFolder) continue;
    if (run.test(name)) return !run.back;
  }
  return false;
}

/** The rule that DVC names: of neighbours of one kind the first that matches, of rules that bring back the last. */
function decidingRule(rules: readonly Rule[], path: string, isFolder: boolean): IgnoreMatch | undefined {
  const names = isFolder ? [path, `${path}/`] : [path];
  for (const group of groupsOf(rules).reverse()) {
    if (group[0]?.pattern.endsWith('/') && !isFolder) continue;
    for (const name of names) {
      const rule = group.find(({ rooted: pattern }) => runOf(pattern.replace(/^!/, ''), false, false).test(name));
      if (rule) return { source: rule.source, line: rule.line, pattern: rule.pattern };
    }
  }
  return undefined;
}

/** Neighbours that ignore and are both for folders, or both not; a rule that brings back stands alone. */
function groupsOf(rules: readonly Rule[]): Rule[][] {
  const groups: Rule[][] = [];
  const isBack = (rule: Rule | undefined): boolean => rule?.pattern.startsWith('!') === true;
  for (const rule of rules) {
    const group = groups[groups.length - 1];
    const first = group?.[0];
    const alike =
      first && !isBack(first) && !isBack(rule) && first.pattern.endsWith('/') === rule.pattern.endsWith('/');
    if (group && alike) group.push(rule);
    else groups.push([rule]);
  }
  return groups;
}

function rulesOf(file: IgnoreFile): Rule[] {
  const source = file.dir === '.' ? '.dvcignore' : `${file.dir}/.dvcignore`;
  return file.text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((written, i): Rule => ({
      source,
      line: i + 1,
      pattern: written.trim(),
      rooted: rooted(written.trim(), file.dir),
    }))
    .filter(({ pattern }) => pattern !== '' && !pattern.startsWith('#'));
}

/**
 * A pattern as the root would write it: `*.dat` in `n` is `/n/**` + `/*.dat`, `a/b` is `/n/a/b`. `a/**` is
 * made `/a/`, which also matches the folder itself, as in DVC.
 */
function rooted(pattern: string, dir: string): string {
  const whole = /^(!?)\/?(.+)\/\*\*$/.exec(pattern);
  if (whole && whole[2] !== '**') return `${whole[1]}/${dir === '.' ? '' : `${escapePath(dir)}/`}${whole[2]}/`;
  if (dir === '.') return pattern;
  const not = pattern.startsWith('!') ? '!' : '';
  const body = pattern.slice(not.length);
  const anchored = body === '**' || body.slice(0, -1).includes('/');
  return `${not}/${escapePath(dir)}/${anchored ? body.replace(/^\//, '') : `**/${body}`}`;
}

function escapePath(path: string): string {
  return path.replace(/[\\*?[\]!# ]/g, '\\$&');
}
