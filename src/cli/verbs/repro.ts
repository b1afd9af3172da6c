/**
 * `strata repro`: starts the run and follows it, showing the stages' own output. Interrupting cancels the run; the run itself
 * belongs to its supervisor, so that a closed terminal does not end it half-way.
 */

import { quietCall } from '../../base/cancel';
import { nodeHost } from '../../engine/host/node';
import { answerOf, followRun } from '../../engine/pipeline/pipeline';
import { StrataError, type ErrorData } from '../../engine/errors';
import { type Text } from '../../base/text';
import { type AnswerOf } from '../../engine/verbs/verbs';
import { errorSentence } from '../output';
import { type Printer } from './printer';

export const repro: Printer<'repro'> = {
  follow: ({ output, text, args, call }) =>
    args.dry
      ? undefined
      : async (project, cwd) => {
          const { dir, token } = await project.call('runStart', args, call, cwd);
          const cancel = (): void => void project.call('runCancel', { token }, quietCall(), cwd).catch(() => undefined);
          call.signal.addEventListener('abort', cancel, { once: true });
          if (call.signal.aborted) cancel();
          const last = await followRun(
            nodeHost(),
            dir,
            (event) => {
              if (event.kind === 'output') output.raw(event.bytes);
              else if (event.stage.state === 'running')
                output.note(text.t('cli.repro.running', { name: event.stage.name }));
            },
            quietCall().signal,
          );
          call.signal.removeEventListener('abort', cancel);
          return answerOf(last);
        },
  print: (answer, { output, text }) => {
    for (const { name, state } of answer.stages) {
      if (state !== 'ran' && state !== 'failed') output.line(text.t(`cli.repro.${state.replace(' ', '')}`, { name }));
    }
    if (answer.stages.every((stage) => stage.state === 'unchanged' || stage.state === 'frozen')) {
      output.line(text.t('cli.status.clean'));
    }
  },
  problems: (answer, { text }) =>
    answer.stages.filter((stage) => stage.state === 'failed').map((stage) => failure(stage, text)),
  exit: (answer) => exitOf(answer),
};

/** Why a stage failed: before its command, by a signal, or by the command's exit code. */
function failure({ name, exit, signal, error }: AnswerOf<'repro'>['stages'][number], text: Text): string {
  if (error) {
    const reason = errorSentence(new StrataError(error.code, error.data as ErrorData), text);
    return 'stage' in error.data ? reason : text.t('cli.repro.failedBecause', { name, reason });
  }
  if (signal !== undefined) return text.t('cli.repro.killed', { name, signal });
  return text.t('cli.repro.failed', { name, exit: String(exit ?? '?') });
}

function exitOf(answer: AnswerOf<'repro'>): number {
  if (answer.stages.some((stage) => stage.state === 'cancelled')) return 130;
  return answer.stages.some((stage) => stage.state === 'failed' || stage.state === 'blocked') ? 1 : 0;
}
