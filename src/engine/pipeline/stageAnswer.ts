/** `stages`: every stage and `.dvc` file with what is recorded of it, in the shape of the command line's JSON (cli.md §3). */

import { recordedByFiles } from '../data/cloudVersions';
import { shown } from '../data/paths';
import { type Repo } from '../data/repo';
import { is } from '../errors';
import { type DataEntry } from '../formats/dataEntry';
import { type OutEntry, type RepoSource } from '../formats/dvcFile';
import { asNumber, isDate, isDict, isList, isPyFloat, isPyOther, keyText, type Value } from '../formats/values';
import { type PlainValue, type StageAnswer } from '../verbs/pipeline';
import { type Examiner } from './examine';
import { nameOf } from './load';
import { type Out, type ParamsFile, type Stage } from './stage';

/** One stage as it crosses to callers. */
export async function stageAnswer(repo: Repo, stage: Stage, examiner: Examiner): Promise<StageAnswer> {
  const params: StageAnswer['params'] = [];
  for (const file of stage.params) params.push(await paramsAnswer(repo, file, examiner));
  return {
    name: nameOf(repo, stage),
    file: shown(repo, stage.file),
    cmd: typeof stage.cmd === 'string' || stage.cmd === null ? stage.cmd : [...stage.cmd],
    wdir: shown(repo, stage.wdir),
    ...(stage.frozen ? { frozen: true } : {}),
    ...(stage.alwaysChanged ? { always_changed: true } : {}),
    ...(stage.desc === undefined ? {} : { desc: stage.desc }),
    ...(stage.meta === undefined ? {} : { meta: plain(stage.meta) }),
    ...(stage.isImport ? { import: true } : {}),
    deps: stage.deps.map((dep) => ({
      path: dep.repo ? dep.path : shown(repo, dep.path),
      ...recorded(dep.recorded),
      ...(dep.repo ? { repo: repoSource(dep.repo) } : {}),
    })),
    params,
    outs: stage.outs.map((out) => outAnswer(repo, out, stage)),
  };
}

async function paramsAnswer(repo: Repo, file: ParamsFile, examiner: Examiner): Promise<StageAnswer['params'][number]> {
  const head = { path: shown(repo, file.path), keys: [...file.keys] };
  try {
    const values = (await examiner.values(file)) ?? new Map<string, Value>();
    return { ...head, values: Object.fromEntries([...values].map(([key, value]) => [key, plain(value)])) };
  } catch (error) {
    if (is(error)) return { ...head, error: error.code };
    throw error;
  }
}

function outAnswer(repo: Repo, { output, entry }: Out, stage: Stage): StageAnswer['outs'][number] {
  const known = stage.cmd === null ? entry : stage.lock?.outs.find((out) => out.path === output.declared);
  const { desc, type, labels, meta, plot, remote } = entry;
  return {
    path: shown(repo, output.path),
    kind: output.kind,
    ...(output.cache ? {} : { cache: false }),
    ...(output.persist ? { persist: true } : {}),
    ...(output.push ? {} : { push: false }),
    ...(remote === undefined ? {} : { remote }),
    ...(desc === undefined ? {} : { desc }),
    ...(type === undefined ? {} : { type }),
    ...(labels === undefined ? {} : { labels: [...labels] }),
    ...(meta === undefined ? {} : { meta: plain(meta) }),
    ...(plot === undefined ? {} : { plot: plotAnswer(plot) }),
    ...recorded(known),
  };
}

function plotAnswer(plot: NonNullable<OutEntry['plot']>): Record<string, PlainValue> {
  const first = Array.isArray(plot) ? (plot as readonly object[])[0] : plot;
  return { ...(first as Record<string, PlainValue> | undefined) };
}

function recorded(
  entry: DataEntry | undefined,
): Pick<StageAnswer['outs'][number], 'hash' | 'hash_name' | 'size' | 'nfiles' | 'isexec'> {
  if (!entry) return {};
  const { hash, hashName, size, nfiles, isexec } = { ...entry, ...recordedByFiles(entry) };
  if (hash === undefined) return {};
  return {
    hash,
    ...(hashName === 'md5' ? {} : { hash_name: hashName }),
    ...(size === undefined ? {} : { size }),
    ...(nfiles === undefined ? {} : { nfiles }),
    ...(isexec === true ? { isexec: true } : {}),
  };
}

function repoSource(repo: RepoSource): PlainValue {
  return {
    url: repo.url,
    ...(repo.rev === undefined ? {} : { rev: repo.rev }),
    ...(repo.revLock === undefined ? {} : { rev_lock: repo.revLock }),
  };
}

/** A value for callers: floats as numbers, integers exactly, dates as text. */
export function plain(value: Value): PlainValue {
  if (isList(value)) return value.map(plain);
  if (isDict(value)) return Object.fromEntries([...value].map(([key, member]) => [keyText(key), plain(member)]));
  if (isDate(value)) return value.$date;
  if (isPyOther(value)) return value.$python;
  if (isPyFloat(value)) return asNumber(value) ?? null;
  return value;
}
