/** `stage list`: the stages of a dvc.yaml, a `.dvc` file, a folder or the whole project, each with a line about it. */

import { type Call } from '../../base/cancel';
import { type Repo } from '../data/repo';
import { type StageListAnswer, type StageListArgs } from '../verbs/stages';
import { linkStages } from './graph';
import { brokenFiles, loadPipelines, refuseBroken } from './load';
import { type Stage } from './stage';
import { stageAnswer } from './stageAnswer';
import { resolveTargets } from './targets';

/** Longest summary, in characters. */
const SUMMARY = 80;

/** Lists stages. Fails as `resolveTargets`, with `fail` also for the first file that cannot be loaded. */
export async function listStages(repo: Repo, args: StageListArgs, call: Call): Promise<StageListAnswer> {
  const pipelines = await loadPipelines(repo, call);
  if (args.fail === true) refuseBroken(pipelines);
  const targets = args.all === true ? [] : args.targets.length > 0 ? args.targets : ['dvc.yaml'];
  const folder = args.recursive === true ? linkStages(pipelines.stages) : undefined;
  const answer: StageListAnswer = { stages: [], errors: brokenFiles(pipelines) };
  for (const stage of await resolveTargets(pipelines, targets, folder)) {
    const told = await stageAnswer(repo, stage, pipelines.examiner);
    answer.stages.push({ ...told, summary: args.nameOnly === true ? '' : summary(stage) });
  }
  return answer;
}

/** The first line of the description, or what the stage makes and reads. */
function summary(stage: Stage): string {
  const words = stage.desc === undefined ? madeAndRead(stage) : (stage.desc.split('\n', 1)[0] ?? '').trim();
  return words.length > SUMMARY ? `${words.slice(0, SUMMARY - 1)}…` : words;
}

function madeAndRead({ outs, deps, params }: Stage): string {
  const reads = [...deps, ...params].map((dep) => dep.declared);
  if (outs.length === 0) return reads.length === 0 ? 'No outputs or dependencies' : `Depends on ${reads.join(', ')}`;
  const paths = (isReport: boolean): string[] =>
    outs.filter(({ output }) => (output.kind !== 'out') === isReport).map(({ output }) => output.declared);
  const made = paths(false);
  const reports = paths(true);
  return [
    ...(made.length > 0 ? [`Outputs ${made.join(', ')}`] : []),
    ...(reports.length > 0 ? [`Reports ${reports.join(', ')}`] : []),
  ].join('; ');
}
