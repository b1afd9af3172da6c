/**
 * The command line's words → a verb and its arguments, from the verbs table alone. Wrong use is a {@link UsageError}, exit 2.
 */

import { VERBS, type VerbId } from '../engine/verbs/verbs';
import { type OptionSpec, type VerbSpec } from '../engine/verbs/verb';

/** What was asked for. `verb` is absent for a bare call, `--help` and `--version`. */
export interface ParsedArgs {
  readonly verb?: VerbId;
  readonly spec?: VerbSpec;
  /** Targets and options in camelCase, as the verb takes them. */
  readonly args: Readonly<Record<string, unknown>> & { readonly targets: string[] };
  readonly cwd?: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

/** Wrong use: `code` names the text `error.cli.<code>`. */
export class UsageError extends Error {
  constructor(
    readonly code: string,
    readonly data: Record<string, string | number> = {},
    readonly spec?: VerbSpec,
  ) {
    super(code);
    this.name = 'UsageError';
  }
}

interface Globals {
  cwd?: string;
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  help: boolean;
  version: boolean;
}

const GLOBAL_FLAGS: ReadonlyMap<string, 'json' | 'quiet' | 'verbose' | 'help'> = new Map([
  ['--json', 'json'],
  ['-q', 'quiet'],
  ['--quiet', 'quiet'],
  ['-v', 'verbose'],
  ['--verbose', 'verbose'],
  ['-h', 'help'],
  ['--help', 'help'],
]);
const FOLDER_OPTIONS = new Set(['-C', '--cwd', '--cd']);

/** Parses what follows the program's name. */
export function parseArgs(argv: readonly string[]): ParsedArgs {
  const globals: Globals = { json: false, quiet: false, verbose: false, help: false, version: false };
  const rest = takeLeadingGlobals(argv, globals);
  if (rest[0] === 'help') {
    globals.help = true;
    rest.shift();
  }
  if (rest.length === 0) return { ...globals, args: { targets: [] } };
  const { spec, words } = findVerb(rest);
  const args = parseOptions(spec, words, globals);
  return { ...globals, verb: spec.id as VerbId, spec, args };
}

function takeLeadingGlobals(argv: readonly string[], globals: Globals): string[] {
  const rest = [...argv];
  while (rest[0]?.startsWith('-') === true) {
    const word = rest.shift() ?? '';
    const [name = '', inline] = word.startsWith('--') ? splitOption(word) : [word];
    if (FOLDER_OPTIONS.has(name)) enterFolder(globals, name, inline ?? rest.shift());
    else if (word === '--version') globals.version = true;
    else if (GLOBAL_FLAGS.has(word)) setGlobal(globals, word);
    else throw new UsageError('unknownOption', { option: name });
  }
  return rest;
}

/** `--name=value` → name and value; without `=` the name alone. */
function splitOption(word: string): [string, string?] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word] : [word.slice(0, equals), word.slice(equals + 1)];
}

function enterFolder(globals: Globals, option: string, dir: string | undefined): void {
  if (dir === undefined || dir === '') throw new UsageError('missingValue', { option });
  globals.cwd = globals.cwd === undefined || dir.startsWith('/') ? dir : `${globals.cwd}/${dir}`;
}

function setGlobal(globals: Globals, word: string): void {
  const key = GLOBAL_FLAGS.get(word);
  if (key) globals[key] = true;
}

/** The longest form that fits; words of a form that start with `-` may stand anywhere after the verb. */
function findVerb(argv: readonly string[]): { spec: VerbSpec; words: string[] } {
  let best: { spec: VerbSpec; words: string[]; length: number } | undefined;
  for (const spec of VERBS) {
    for (const form of spec.words) {
      const words = matchForm(argv, form);
      if (words && (!best || form.length > best.length)) best = { spec, words, length: form.length };
    }
  }
  if (!best) throw unknownVerb(argv);
  return best;
}

/** Names what was typed, with its second word where the first begins a longer form, and the command that was probably meant. */
function unknownVerb(argv: readonly string[]): UsageError {
  const first = argv[0] ?? '';
  const forms = VERBS.flatMap((spec) => spec.words).map((form) => form.filter((word) => !word.startsWith('-')));
  const isLonger = forms.some((form) => form.length > 1 && form[0] === first);
  const verb = argv.slice(0, isLonger ? 2 : 1).join(' ');
  const second = forms.filter((form) => form[0] === first && form.length > 1).map((form) => form.join(' '));
  if (isLonger && argv.length === 1)
    return new UsageError('halfVerb', { verb, forms: [...new Set(second)].join(', ') });
  const names = isLonger ? forms.map((form) => form.join(' ')) : forms.map((form) => form[0] ?? '');
  const [near] = [...new Set(names)]
    .map((name) => ({ name, steps: editSteps(verb, name) }))
    .filter(({ name, steps }) => steps <= 2 && steps < name.length - 1)
    .sort((a, b) => a.steps - b.steps);
  return near ? new UsageError('unknownVerbNear', { verb, near: near.name }) : new UsageError('unknownVerb', { verb });
}

/** How many letters have to be put in, taken out or replaced to make one word of the other; a wide difference is not counted out. */
function editSteps(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function matchForm(argv: readonly string[], form: readonly string[]): string[] | undefined {
  const bare = form.filter((word) => !word.startsWith('-'));
  if (bare.some((word, i) => argv[i] !== word)) return undefined;
  const rest = argv.slice(bare.length);
  const end = rest.indexOf('--');
  for (const word of form.filter((w) => w.startsWith('-'))) {
    const at = rest.indexOf(word);
    if (at < 0 || (end >= 0 && at > end)) return undefined;
    rest.splice(at, 1);
  }
  return rest;
}

function parseOptions(spec: VerbSpec, words: string[], globals: Globals): ParsedArgs['args'] {
  const args: Record<string, unknown> & { targets: string[] } = { targets: [] };
  const queue = [...words];
  while (queue.length > 0) {
    const word = queue.shift() ?? '';
    if (word === '--') {
      args.targets.push(...queue.splice(0));
    } else if (word === '-' || !word.startsWith('-')) {
      args.targets.push(word, ...(spec.targets.rest === true ? queue.splice(0) : []));
    } else {
      takeOption(spec, word, { queue, args, globals });
    }
  }
  checkTargets(spec, args.targets, globals);
  return args;
}

interface Taking {
  queue: string[];
  args: Record<string, unknown>;
  globals: Globals;
}

function takeOption(spec: VerbSpec, word: string, taking: Taking): void {
  const [name, inline] = word.startsWith('--') ? splitOption(word) : [word];
  const found = word.startsWith('--') ? longOption(spec, name) : shortOption(spec, word, taking);
  if (found) {
    const shown = word.startsWith('--') ? name : word.slice(0, 2);
    store(spec, taking, { ...found, word: shown, ...(inline === undefined ? {} : { inline }) });
    return;
  }
  const global = word.startsWith('--') ? word : word.slice(0, 2);
  if (!GLOBAL_FLAGS.has(global)) throw new UsageError('unknownOption', { option: name }, spec);
  setGlobal(taking.globals, global);
  if (global.length < word.length) taking.queue.unshift(`-${word.slice(2)}`);
}

function longOption(spec: VerbSpec, name: string): { key: string; option: OptionSpec } | undefined {
  const key = name.slice(2);
  const option = Object.hasOwn(spec.options, key) ? spec.options[key] : undefined;
  return option ? { key, option } : undefined;
}

/** A one-letter option; `-j4` and clusters of flags (`-fR`) are taken apart. */
function shortOption(
  spec: VerbSpec,
  word: string,
  taking: Taking,
): { key: string; option: OptionSpec; glued: boolean } | undefined {
  const letter = word[1] ?? '';
  const entry = Object.entries(spec.options).find(([, option]) => option.short === letter);
  if (!entry) return undefined;
  const [key, option] = entry;
  const glued = word.length > 2;
  if (glued) taking.queue.unshift(option.kind === 'flag' ? `-${word.slice(2)}` : word.slice(2));
  return { key, option, glued };
}

interface Found {
  readonly key: string;
  readonly option: OptionSpec;
  /** As it was typed. */
  readonly word: string;
  readonly inline?: string;
  /** Its value follows in the same word. */
  readonly glued?: boolean;
}

function store(spec: VerbSpec, taking: Taking, found: Found): void {
  const name = found.option.as ?? camel(found.key);
  if (found.option.kind === 'flag') {
    if (found.inline !== undefined) throw new UsageError('noValue', { option: found.word }, spec);
    taking.args[name] = true;
    return;
  }
  if (found.option.kind === 'words') {
    taking.args[name] = [...((taking.args[name] as string[] | undefined) ?? []), ...takeWords(taking, found)];
    return;
  }
  const value = takeValue(spec, taking, found);
  if (found.option.kind === 'number') {
    const number = Number(value);
    if (value.trim() === '' || !Number.isFinite(number))
      throw new UsageError('notNumber', { option: found.word, value }, spec);
    taking.args[name] = number;
  } else if (found.option.kind === 'list') {
    taking.args[name] = [...((taking.args[name] as string[] | undefined) ?? []), value];
  } else taking.args[name] = value;
}

/** The value of an option. A word that looks like an option is none, unless it stands behind `=` or is a negative number. */
function takeValue(spec: VerbSpec, taking: Taking, found: Found): string {
  const value = found.inline ?? taking.queue[0];
  const { choices } = found.option;
  const isOption = value !== undefined && found.glued !== true && /^-[^\d.]/.test(value);
  if (choices?.[0] !== undefined && (value === undefined || (isOption && found.inline === undefined)))
    return choices[0];
  if (value !== undefined && choices && !choices.includes(value))
    throw new UsageError('notChoice', { option: found.word, value, choices: choices.join(', ') }, spec);
  if (found.inline !== undefined) return found.inline;
  if (value === undefined || isOption) throw new UsageError('missingValue', { option: found.word }, spec);
  taking.queue.shift();
  return value;
}

/** Everything up to the next option; with `=` that one word. */
function takeWords({ queue }: Taking, found: Found): string[] {
  if (found.inline !== undefined) return [found.inline];
  const end = queue.findIndex((word) => word.startsWith('-') && word !== '-');
  return queue.splice(0, end < 0 ? queue.length : end);
}

function checkTargets(spec: VerbSpec, targets: readonly string[], globals: Globals): void {
  if (globals.help) return;
  if (targets.length < spec.targets.min) throw new UsageError('missingTarget', { target: spec.targets.name }, spec);
  const extra = targets[spec.targets.max];
  if (extra !== undefined) throw new UsageError('extraTarget', { target: extra }, spec);
}

/** `no-commit` → `noCommit`. */
export function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The line that shows how a verb is used. */
export function usageLine(spec: VerbSpec): string {
  const form = spec.words[0] ?? [spec.id];
  const options = Object.entries(spec.options).map(([name, option]) => {
    const short = option.short ? `-${option.short}|` : '';
    return `[${short}--${name}${option.value ? ` ${option.value}` : ''}]`;
  });
  const target = spec.targets.name;
  const shown = target === '' ? [] : [spec.targets.min > 0 ? target : `[${target}]`];
  return ['strata', ...form, ...shown, ...options].join(' ');
}
