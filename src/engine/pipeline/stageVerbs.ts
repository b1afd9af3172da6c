/** The verbs that write and list stages by name. */

import { type Call } from '../../base/cancel';
import { type Repo } from '../data/repo';
import { type StageAddAnswer, type StageAddArgs } from '../verbs/stages';
import { addStage } from './addStage';
import { listStages } from './listStages';
import { repro } from './pipeline';

/** Adds a stage and, where that is asked for, runs it. */
async function addAndRun(repo: Repo, args: StageAddArgs, call: Call): Promise<StageAddAnswer> {
  const answer = await addStage(repo, args, call);
  if (args.run !== true) return answer;
  return { ...answer, run: await repro(repo, { targets: [answer.name], singleItem: true }, call) };
}

/** Verbs of this file by id. */
export const stageVerbs = { 'stage.add': addAndRun, 'stage.list': listStages };
