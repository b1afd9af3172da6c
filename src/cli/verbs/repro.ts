/**
 * `strata repro`: starts the run and follows it, showing the stages' own output. Interrupting cancels the run; the run itself
 * belongs to its supervisor, so that a closed terminal does not end it half-way.
 */

import { quietCall } from '../../base/cancel';
import { nodeHost } from '../../engine/host/node';
import { answerOf, followRun } from '../../engine/pipeline/pipeline';
import { type AnswerOf } from '../../engine/verbs/verbs';
import { type Printer } from './printer';

export const repro: Printer<'repro'> = {
  follow: ({ output, text, args, call }) =>
    args.dry
      ? undefined
      : async (project, cwd) => {
          const { dir, token } = await project.call('runStart', args, call, cwd);
          const cancel = (): void => void project.call('runCancel', { token }, quietCall(), cwd);
          call.signal.addEventListener('abort', cancel, { once: true });
          if (call.signal.aborted) cancel();
          const last = await followRun(
            nodeHost(),
            dir,
            (event) => {
              if (event.kind === 'output') output.raw(new TextDecoder().decode(event.bytes));
              else if (event.stage.state === 'running')
                output.note(text.t('cli.repro.running', { name: event.stage.name }));
            },
            quietCall().signal,
          );
          call.signal.removeEventListener('abort', cancel);
          return answerOf(last);
        },
  print: (answer, { output, text }) => {
    for (const stage of answer.stages) {
      if (stage.state === 'ran') continue;
      output.line(text.t(`cli.repro.${stage.state.replace(' ', '')}`, { name: stage.name, exit: stage.exit ?? 0 }));
      if (stage.msg !== undefined) output.note(`  ${stage.msg}`);
    }
    if (answer.stages.every((stage) => stage.state === 'unchanged' || stage.state === 'frozen')) {
      output.line(text.t('cli.status.clean'));
    }
  },
  exit: (answer) => exitOf(answer),
};

function exitOf(answer: AnswerOf<'repro'>): number {
  if (answer.stages.some((stage) => stage.state === 'cancelled')) return 130;
  return answer.stages.some((stage) => stage.state === 'failed' || stage.state === 'blocked') ? 1 : 0;
}
