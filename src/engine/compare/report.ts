/** The comparison as Markdown for a pull request. */

import { type Text } from '../../base/text';
import { type CompareAnswer } from '../verbs/runs';

/** Renders a comparison in the language of `text`. */
export function renderReport(answer: CompareAnswer, text: Text): string {
  return answer.verdicts.map((verdict) => text.t(verdict.sentence.code, verdict.sentence.data)).join('\n');
}
