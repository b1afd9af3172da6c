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

const GLOBAL_FLAGS: Readonly<Record<string, keyof Globals>> = {
  '--json': 'json',
  '-q': 'quiet',
  '--quiet': 'quiet',
  '-v': 'verbose',
  '--verbose': 'verbose',
  '-h': 'help',
  '--help': 'help',
};

/** Parses what follows the program's name. */
export function parseArgs(argv: readonly string[]): ParsedArgs {
  const globals: Globals = { json: false, quiet: false, verbose: false, help: false, version: false };
  const rest = takeLeadingGlobals(argv, globals);
  if (rest.length === 0) return { ...globals, args: { targets: [] } };
  const { spec, words } = findVerb(rest);
  const args = parseOptions(spec, words, globals);
  return { ...globals, verb: spec.id as VerbId, spec, args };
}

function takeLeadingGlobals(argv: readonly string[], globals: Globals): string[] {
  const rest = [...argv];
  while (rest.length > 0) {
    const word = rest[0] ?? '';
    if (word === '-C' || word === '--cwd' || word === '--cd') {
      const dir = rest[1];
      if (dir === undefined) throw new UsageError('missingValue', { option: word });
      globals.cwd = globals.cwd === undefined || dir.startsWith('/') ? dir : `${globals.cwd}/${dir}`;
      rest.splice(0, 2);
    } else if (word === '--version') {
      globals.version = true;
      rest.shift();
    } else if (GLOBAL_FLAGS[word]) {
      setGlobal(globals, word);
      rest.shift();
    } else break;
  }
  return rest;
}

function setGlobal(globals: Globals, word: string): void {
  const key = GLOBAL_FLAGS[word];
  if (key && key !== 'cwd') globals[key] = true;
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
  if (!best) throw new UsageError('unknownVerb', { verb: argv.slice(0, 2).join(' ') });
  return best;
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
      args.targets.push(word);
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
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  const name = equals < 0 ? word : word.slice(0, equals);
  const found = word.startsWith('--') ? longOption(spec, name) : shortOption(spec, word, taking);
  if (found) {
    const inline = equals < 0 ? undefined : word.slice(equals + 1);
    store(taking, { ...found, word: name, ...(inline === undefined ? {} : { inline }) });
    return;
  }
  if (found === null) return;
  if (!GLOBAL_FLAGS[name]) throw new UsageError('unknownOption', { option: name }, spec);
  setGlobal(taking.globals, name);
}

function longOption(spec: VerbSpec, name: string): { key: string; option: OptionSpec } | undefined {
  const key = name.slice(2);
  const option = Object.hasOwn(spec.options, key) ? spec.options[key] : undefined;
  return option ? { key, option } : undefined;
}

/** A one-letter option; `-j4` and clusters of flags (`-fR`) are taken apart. Null: nothing left to store. */
function shortOption(
  spec: VerbSpec,
  word: string,
  taking: Taking,
): { key: string; option: OptionSpec } | undefined | null {
  const letter = word[1] ?? '';
  const entry = Object.entries(spec.options).find(([, option]) => option.short === letter);
  if (!entry) return undefined;
  const [key, option] = entry;
  if (word.length > 2) taking.queue.unshift(option.kind === 'flag' ? `-${word.slice(2)}` : word.slice(2));
  return { key, option };
}

function store(taking: Taking, found: { key: string; option: OptionSpec; word: string; inline?: string }): void {
  const name = camel(found.key);
  if (found.option.kind === 'flag') {
    if (found.inline !== undefined) throw new UsageError('noValue', { option: found.word });
    taking.args[name] = true;
    return;
  }
  const value = found.inline ?? taking.queue.shift();
  if (value === undefined) throw new UsageError('missingValue', { option: found.word });
  if (found.option.kind === 'number') {
    const number = Number(value);
    if (value.trim() === '' || Number.isNaN(number)) throw new UsageError('notNumber', { option: found.word, value });
    taking.args[name] = number;
  } else if (found.option.kind === 'list') {
    taking.args[name] = [...((taking.args[name] as string[] | undefined) ?? []), value];
  } else taking.args[name] = value;
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
