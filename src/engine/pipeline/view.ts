/** All stages of all dvc.yaml files for the Pipeline view, CodeLens and status bar: state, reasons, what feeds them, what it cost last time. */

import { shown } from '../data/paths';
import { type PipelineAnswer, type StageState } from '../verbs/pipeline';
import { linkStages } from './graph';
import { brokenFile, brokenFiles, nameOf, type Pipelines } from './load';
import { gatherFacts, readMemory, whyAnswer, type RunMemory, type StageFacts } from './reasons';
import { isPipelineStage } from './stage';

/** Builds the answer; a graph that is not allowed is shown as it is. */
export async function viewAnswer(pipelines: Pipelines): Promise<PipelineAnswer> {
  const { repo } = pipelines;
  const graph = linkStages(pipelines.stages);
  const memory = await readMemory(repo);
  const facts = await gatherFacts(pipelines, graph);
  const stages: PipelineAnswer['stages'] = [];
  for (const one of facts.values()) {
    const { stage } = one;
    if (!isPipelineStage(stage)) continue;
    stages.push({
      ...(await whyAnswer(pipelines, one, memory)),
      file: shown(repo, stage.file),
      line: stage.line,
      cmd: typeof stage.cmd === 'string' ? stage.cmd : [...(stage.cmd ?? [])],
      state: stateOf(one, memory),
      deps: stage.reads.map((path) => (path.includes('://') ? path : shown(repo, path))),
      outs: stage.makes.map((path) => shown(repo, path)),
      upstream: graph.upstream(stage.id).flatMap((id) => {
        const other = graph.nodes.get(id);
        return other ? [nameOf(repo, other)] : [];
      }),
    });
  }
  return { stages, errors: [...brokenFiles(pipelines), ...unreadableFiles(facts.values())] };
}

/** Params files that keep stages from being looked at, each once. */
function unreadableFiles(facts: Iterable<StageFacts>): PipelineAnswer['errors'] {
  const files = new Map<string, PipelineAnswer['errors'][number]>();
  for (const { found } of facts) {
    const path = found.unreadable?.data['path'];
    if (typeof path === 'string') files.set(path, brokenFile(path, found.unreadable));
  }
  return [...files.values()];
}

/** A stage that failed stays failed until it succeeds or is up to date again in another way. */
function stateOf({ stage, stale }: StageFacts, memory: RunMemory): StageState {
  const active = memory.active.get(stage.id);
  if (active) return active;
  if (stage.frozen) return 'frozen';
  if (!stale) return 'upToDate';
  if (memory.failed.has(stage.id)) return 'failed';
  return stage.lock === undefined ? 'never' : 'stale';
}
