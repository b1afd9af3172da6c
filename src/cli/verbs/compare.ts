/** `strata compare` and `strata stats`: the verdict first, then what it rests on. */

import { toJsonText } from '../../engine/formats/json';
import { renderReport } from '../../engine/compare/report';
import { StrataError } from '../../engine/errors';
import { type Printer } from './printer';

export const compare: Printer<'compare'> = {
  print: (answer, { output, text, args }) => {
    if (args.md) {
      output.block(renderReport(answer, text));
      return;
    }
    for (const verdict of answer.verdicts) {
      output.line(text.t(verdict.sentence.code, verdict.sentence.data));
      output.line(`  ${text.t(`verdict.how.${verdict.method}`)}`);
    }
    if (answer.verdicts.length === 0) output.line(text.t('cli.compare.nothing'));
    for (const item of answer.changed.params) {
      output.line(`  ${item.path}:${item.key}  ${toJsonText(item.old)} → ${toJsonText(item.new)}`);
    }
  },
  exit: (answer, { args }) => {
    const primary = answer.verdicts.filter((verdict) => verdict.primary);
    if (answer.verdicts.length === 0) return 4;
    return args.gate && primary.some((verdict) => verdict.verdict === 'B_worse') ? 3 : 0;
  },
};

export const stats: Printer<'stats'> = {
  prepare: async (args) => {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    try {
      const { input, options } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        input: unknown;
        options: unknown;
      };
      return { ...args, input, options };
    } catch (error) {
      throw new StrataError('cli.noJson', { message: error instanceof Error ? error.message : String(error) });
    }
  },
  print: (answer, { output }) => output.line(toJsonText(answer)),
};
