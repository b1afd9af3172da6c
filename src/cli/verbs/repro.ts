/**
 * `strata repro`: starts the run and follows it, showing the stages' own output. Interrupting cancels the run; the run itself
 * belongs to its supervisor, so that a closed terminal does not end it half-way.
 */

import { type AnswerOf } from '../../engine/verbs/verbs';
import { type Printer } from './printer';

export const repro: Printer<'repro'> = {
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
