/**
 * What a row of the verbs table says. The command line builds its parser and help from it, the editor its commands, the tests
 * hold all of them against it. Data only: what a verb does is bound in `project.ts`.
 */

/** An option: its long name in kebab-case is its key in the table; in arguments it is the same in camelCase. */
export interface OptionSpec {
  readonly kind: 'flag' | 'text' | 'number' | 'list' | 'words';
  /** One-letter form without its dash. */
  readonly short?: string;
  /** How help shows its value. */
  readonly value?: string;
  /** The argument's name where it is not the option's. */
  readonly as?: string;
  /** The only values there are; the first one is meant where none is given. */
  readonly choices?: readonly string[];
}

/** Bare words after the verb. */
export interface TargetSpec {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** The first of them and all that follows, options too, belong together: a command of the user's. */
  readonly rest?: boolean;
}

/** What has to hold before a verb may run. */
export interface Needs {
  /** Runs inside a project (false: `init`, `sample`, `stats`). */
  readonly project: boolean;
  /** Starts processes or writes to the user's files: only in trusted workspaces. */
  readonly trust: boolean;
  /** Goes through the one write queue of the project. */
  readonly write: boolean;
  readonly network: boolean;
}

/** A row of the table. */
export interface VerbSpec {
  /** Id of the verb, also of the editor's command `strata.<id>`; dots stand for the blanks of two-word forms. */
  readonly id: string;
  /** Words on the command line, several where DVC has a longer form too: `[['status'], ...]`. Empty: editor only. */
  readonly words: readonly (readonly string[])[];
  readonly group: 'project' | 'data' | 'pipeline' | 'runs' | 'compare' | 'registry' | 'view';
  readonly targets: TargetSpec;
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly needs: Needs;
  /** May remove or replace what the user has: confirmed first, and undoable or refused without `force`. */
  readonly destructive: boolean;
}

/** A flag. */
export const flag = (short?: string): OptionSpec => ({ kind: 'flag', ...(short ? { short } : {}) });
/** An option with a text value. */
export const text = (value: string, short?: string): OptionSpec => ({
  kind: 'text',
  value,
  ...(short ? { short } : {}),
});
/** An option with one of these values, the first unless another is given. */
export const choice = (...choices: readonly string[]): OptionSpec => ({
  kind: 'text',
  value: choices.join('|'),
  choices,
});
/** An option with a number. */
export const count = (value: string, short?: string): OptionSpec => ({
  kind: 'number',
  value,
  ...(short ? { short } : {}),
});
/** An option that may be given several times. */
export const list = (value: string, short?: string): OptionSpec => ({
  kind: 'list',
  value,
  ...(short ? { short } : {}),
});
/** An option that takes all words up to the next option, as DVC's `--targets` does. */
export const words = (value: string, as: string): OptionSpec => ({ kind: 'words', value, as });
/** Number and name of a verb's targets. */
export const targets = (name = '', min = 0, max: number = Number.POSITIVE_INFINITY): TargetSpec => ({
  name,
  min,
  max: name === '' ? 0 : max,
});

/** Reads only. */
export const READS: Needs = { project: true, trust: false, write: false, network: false };
/** Reads what only Git can tell: not in untrusted workspaces. */
export const READS_GIT: Needs = { project: true, trust: true, write: false, network: false };
/** Writes to the project. */
export const WRITES: Needs = { project: true, trust: true, write: true, network: false };
/** Writes, and talks to a remote. */
export const SHARES: Needs = { project: true, trust: true, write: true, network: true };
