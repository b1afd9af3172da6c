/** What is different between two runs besides their results: params, code, data, environment. */

import { pacer, type Call } from '../../base/cancel';
import { basename, compareCodePoints, isInside } from '../../base/paths';
import { fromGitPath } from '../data/paths';
import { type CompareAnswer } from '../verbs/runs';
import { diffFile } from './show';
import { besides, type Snapshot } from './snapshot';
import { declaredMetrics, flatten, paramsAt } from './values';

/** What changed from A to B. */
export async function whatChanged(a: Snapshot, b: Snapshot, call: Call): Promise<CompareAnswer['changed']> {
  const files = await changedFiles(a, b, call);
  const isEnv = ({ path }: { path: string }): boolean => ENVIRONMENT.test(basename(path));
  return {
    params: await changedParams(a, b),
    code: files.filter((file) => !isEnv(file)),
    data: changedData(a, b),
    env: files.filter(isEnv).map(({ path }) => path),
  };
}

const ENVIRONMENT =
  /^(requirements.*\.(txt|in)|environment\.ya?ml|conda.*\.ya?ml|pyproject\.toml|setup\.(py|cfg)|(uv|poetry|pdm|Pipfile)\.lock|Pipfile|Dockerfile.*|\.python-version)$/;

async function changedParams(a: Snapshot, b: Snapshot): Promise<CompareAnswer['changed']['params']> {
  const flat = async (snapshot: Snapshot): Promise<Map<string, ReturnType<typeof flatten>>> => {
    const files = await paramsAt(snapshot);
    return new Map(files.flatMap(({ path, data }) => (data === undefined ? [] : [[path, flatten(data)] as const])));
  };
  const [old, now] = [await flat(a), await flat(b)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((path) => {
    const changes = Object.entries(diffFile(old.get(path), now.get(path), false));
    return changes.map(([key, change]) => ({ path, key, old: change.old, new: change.new }));
  });
}

/** Recorded data that differs: what is tracked first, then what stages made of it for other stages. Results and models are not causes. */
function changedData(a: Snapshot, b: Snapshot): CompareAnswer['changed']['data'] {
  const [old, now] = [recordedData(a), recordedData(b)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].filter(
    (path) => old.get(path)?.hash !== now.get(path)?.hash,
  );
  const isSource = (path: string): boolean => (now.get(path) ?? old.get(path))?.source === true;
  return paths
    .sort((x, y) => Number(isSource(y)) - Number(isSource(x)) || compareCodePoints(x, y))
    .map((path) => {
      const [before, after] = [old.get(path)?.hash, now.get(path)?.hash];
      return { path, ...(before === undefined ? {} : { old: before }), ...(after === undefined ? {} : { new: after }) };
    });
}

function recordedData({ files, stages }: Snapshot): Map<string, { hash: string; source: boolean }> {
  const read = stages.flatMap((stage) => stage.reads);
  const models = new Set(
    files.pipelines.flatMap(({ path, yaml }) => yaml.artifacts.map((one) => besides(path, one.path))),
  );
  const isData = ({ path, source }: { path: string; source: boolean }): boolean =>
    source || (!models.has(path) && read.some((dep) => isInside(dep, path)));
  return new Map(
    files.outputs.flatMap((output) => {
      const { path, kind, source, recorded } = output;
      return kind === 'out' && recorded && isData(output) ? [[path, { hash: recorded.hash, source }] as const] : [];
    }),
  );
}

/** Files in Git that differ, without what is shown elsewhere: data pointers, lock files, params, metrics. */
async function changedFiles(a: Snapshot, b: Snapshot, call: Call): Promise<CompareAnswer['changed']['code']> {
  const [old, now] = [await treeOf(a, call), await treeOf(b, call)];
  const elsewhere = new Set([a, b].flatMap(shownElsewhere));
  const states: CompareAnswer['changed']['code'] = [];
  for (const path of [...new Set([...old.keys(), ...now.keys()])].sort(compareCodePoints)) {
    if (elsewhere.has(path) || isBookkeeping(path) || old.get(path) === now.get(path)) continue;
    states.push({ path, state: !old.has(path) ? 'added' : !now.has(path) ? 'deleted' : 'modified' });
  }
  return states;
}

function shownElsewhere(snapshot: Snapshot): string[] {
  const { stages, files } = snapshot;
  const outs = stages.flatMap((stage) => stage.outs.map(({ output }) => output.path));
  const params = stages.flatMap((stage) => stage.params.map((file) => file.path));
  return [
    'params.yaml',
    ...outs,
    ...params,
    ...declaredMetrics(snapshot),
    ...files.pipelines.flatMap(({ yaml }) => yaml.params),
  ];
}

function isBookkeeping(path: string): boolean {
  const name = basename(path);
  const isOurs = path.startsWith('.dvc/') || path.startsWith('.strata/');
  return isOurs || name.endsWith('.dvc') || name === 'dvc.lock' || name === '.gitignore' || name === '.dvcignore';
}

/** Content ids by path. The workspace is HEAD with what Git says has changed; changed files get an id that equals no other. */
async function treeOf(snapshot: Snapshot, call: Call): Promise<ReadonlyMap<string, string>> {
  const { git } = snapshot.task.repo;
  if (snapshot.tree || !git) return snapshot.tree ?? new Map();
  const head = await git.resolve('HEAD');
  const tree = new Map<string, string>();
  const pace = pacer(call.signal);
  for (const entry of head === undefined ? [] : await git.listFiles(head, git.prefix)) {
    await pace();
    const path = fromGitPath(git, entry.path);
    if (entry.kind === 'blob' && path !== undefined) tree.set(path, entry.oid);
  }
  for (const { path: inGit, worktree, index } of await git.changes()) {
    const path = fromGitPath(git, inGit);
    if (path === undefined || worktree === '!' || path.endsWith('/')) continue;
    if (worktree === 'D' || (index === 'D' && worktree === ' ')) tree.delete(path);
    else tree.set(path, 'changed');
  }
  return tree;
}
