/** Asks before an act on a stage, once: `yes` answers beforehand. */

import { Cancelled, isCancelled, type Call } from '../../base/cancel';
import { StrataError } from '../errors';

/** Returns when the answer is yes; `Cancelled` when it is no; `cli.cannotAsk` {option} when nobody can be asked. */
export async function confirm(
  call: Call,
  args: { readonly yes?: boolean },
  question: { readonly code: string; readonly data: Readonly<Record<string, string>> },
): Promise<void> {
  if (args.yes === true) return;
  let answer: string;
  try {
    answer = await call.ask({ ...question, kind: 'confirm', choices: ['cancel', 'yes'] });
  } catch (error) {
    if (isCancelled(error)) throw error;
    throw new StrataError('cli.cannotAsk', { option: '--yes' }, { cause: error });
  }
  if (answer !== 'yes') throw new Cancelled();
}
