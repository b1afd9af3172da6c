/**
 * How a stage's command meets a shell: the user's own, without its start-up files, as DVC does it (dvc.md §17), and with an environment that
 * holds nothing of the editor the run was started from.
 */

/** A program with its arguments. */
export interface ShellCall {
  readonly file: string;
  readonly args: readonly string[];
  /** Windows: the arguments are handed over as they are. */
  readonly verbatim: boolean;
}

const QUIET: Readonly<Record<string, readonly string[]>> = {
  bash: ['--noprofile', '--norc'],
  zsh: ['--no-rcs'],
  fish: ['--no-config'],
};

/** The shell that runs `cmd`: `$SHELL` or `/bin/sh`; on Windows the command processor. */
export function shellCall(cmd: string, env: Readonly<Record<string, string | undefined>>, platform: string): ShellCall {
  if (platform === 'win32') {
    return { file: env['ComSpec'] ?? 'cmd.exe', args: ['/d', '/s', '/c', `"${cmd}"`], verbatim: true };
  }
  const file = env['SHELL'] === undefined || env['SHELL'] === '' ? '/bin/sh' : env['SHELL'];
  const name = file.slice(file.lastIndexOf('/') + 1).toLowerCase();
  return { file, args: [...(QUIET[name] ?? []), '-c', cmd], verbatim: false };
}

const EDITOR = /^(VSCODE_.*|ELECTRON_.*|NODE_OPTIONS)$/;

/** The environment of a stage: that of the run without what belongs to the editor, plus `extra`. */
export function stageEnv(
  env: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [key, value] of Object.entries(env)) if (value !== undefined && !EDITOR.test(key)) out[key] = value;
  return { ...out, ...extra };
}

/** The commands of a stage: a list as it is, a text line by line as Python's `splitlines` cuts it. */
export function commandLines(cmd: string | readonly string[]): string[] {
  if (typeof cmd !== 'string') return [...cmd];
  const lines = cmd.split(/\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/);
  if (lines[lines.length - 1] === '') lines.pop();
  return lines;
}
