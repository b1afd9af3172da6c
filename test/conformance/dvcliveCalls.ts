/** The calls to DVCLive that a case makes, as options and words of `strata log`: one command for each step. */

import { pyStr } from '../../src/engine/formats/pyText';
import { isDict, isList, type Value } from '../../src/engine/formats/values';
import { renderFlow } from '../../src/engine/formats/yamlWriter';

/** Arguments of each command, in order. `calls` is the list of `[method, positional, named]` of a case. */
export function logCommands(calls: Value): string[][] {
  const commands: string[][] = [];
  let words: string[] = [];
  let step = 0;
  const flush = (): void => {
    if (words.length > 0) commands.push(['--step', String(step), ...words]);
    words = [];
  };
  for (const call of isList(calls) ? calls : []) {
    const [method, args, named] = call as readonly [string, readonly Value[], Value];
    if (method === 'log_metric') words.push(...metricWords(args, named));
    else if (method === 'next_step' || method === 'set_summary') flush();
    if (method === 'next_step') step += 1;
    else if (method === 'set_summary') commands.push(['--summary', pair(args, pyStr)]);
    else if (method === 'log_param') commands.push(['--param', pair(args, renderFlow)]);
    else if (method === 'log_params' && isDict(args[0]))
      commands.push(...[...args[0]].map((param) => ['--param', pair(param, renderFlow)]));
    else if (method !== 'log_metric') throw new Error(`The runner does not know DVCLive's ${method}.`);
  }
  flush();
  return commands;
}

function metricWords(args: readonly Value[], named: Value): string[] {
  const asked = (key: string): Value | undefined => (isDict(named) ? named.get(key) : undefined);
  return [
    pair(args, pyStr),
    ...(asked('plot') === false ? ['--no-plot', nameOf(args)] : []),
    ...(asked('timestamp') === true ? ['--timestamp'] : []),
  ];
}

function nameOf([name = '']: readonly Value[]): string {
  return typeof name === 'string' ? name : '';
}

function pair(args: readonly Value[], show: (value: Value) => string): string {
  return `${nameOf(args)}=${show(args[1] ?? null)}`;
}
