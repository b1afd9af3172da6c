/** `registry register`, `assign`, `unassign`, `deprecate`: each act is one annotated tag (two when an assignment registers first). */

import { type Repo } from '../data/repo';
import { StrataError } from '../errors';
import {
  type AssignArgs,
  type DeprecateArgs,
  type RegisterArgs,
  type TagsAnswer,
  type UnassignArgs,
} from '../verbs/registry';
import { makeTag } from './makeTag';
import { isShown, readOldAnnotations, readRegistry, type Registry } from './readRegistry';
import { bumpSemver, FIRST_VERSION, parseSemver, type Bump } from './semver';
import {
  activeVersions,
  findVersion,
  isActive,
  isAssigned,
  isRegistered,
  modelEvents,
  versionAt,
  type Version,
} from './state';
import { isModelName, isStageName } from './tags';

/**
 * Registers a version at a commit, HEAD unless given. Fails with `registry.badName`, `registry.badVersion`, `registry.oneBump`,
 * `registry.noBump`, `registry.commitTaken` {model, version}, `registry.versionTaken` {model, version}, `git.unknownRevision`.
 */
export async function register(repo: Repo, args: RegisterArgs): Promise<TagsAnswer> {
  const [model = '', rev = 'HEAD'] = args.targets;
  const registry = await readRegistry(repo);
  return { tags: [await registerAt(repo, registry, { ...args, model, rev })] };
}

interface Registering extends Omit<RegisterArgs, 'targets'> {
  readonly model: string;
  readonly rev: string;
}

async function registerAt(repo: Repo, registry: Registry, what: Registering): Promise<string> {
  checkModel(what.model);
  const commit = await commitOf(registry, what.rev);
  const version = chooseVersion(registry, what, commit);
  const message = what.message ?? `Registering artifact ${what.model} version ${version}`;
  return makeTag(repo, registry, { model: what.model, kind: 'register', version }, { commit, message });
}

function chooseVersion(registry: Registry, what: Registering, commit: string): string {
  const model = registry.models.get(what.model);
  const bumps = (['major', 'minor', 'patch'] as const).filter((bump) => what[BUMP_OPTION[bump]]);
  if (bumps.length + (what.version === undefined ? 0 : 1) > 1) throw new StrataError('registry.oneBump', {});
  const there = model?.versions.find((one) => one.commit === commit && isRegistered(one));
  if (there && (isActive(there) || (what.version !== undefined && what.version !== there.name)))
    throw new StrataError('registry.commitTaken', { model: what.model, version: there.name });
  // A version that was taken back comes back under its name.
  if (there) return there.name;
  if (what.version !== undefined) {
    checkVersion(what.version);
    if (findVersion(model, what.version))
      throw new StrataError('registry.versionTaken', { model: what.model, version: what.version });
    return what.version;
  }
  return nextVersion(registry, what.model, bumps[0]);
}

const BUMP_OPTION = { major: 'bumpMajor', minor: 'bumpMinor', patch: 'bumpPatch' } as const;

function nextVersion(registry: Registry, name: string, bump: Bump | undefined): string {
  const model = registry.models.get(name);
  const latest = activeVersions(model)[0];
  if (!latest && bump !== undefined) throw new StrataError('registry.noBump', { model: name });
  let next = latest ? bumpSemver(latest.name, bump ?? 'patch') : FIRST_VERSION;
  // Names of versions that were taken back stay taken.
  while (findVersion(model, next)) next = bumpSemver(next, bump ?? 'patch');
  return next;
}

/**
 * Assigns a stage to a version, or to the version at a commit, which is registered first when it is not. Fails as {@link register}, and with
 * `registry.noStage`, `registry.badStage`, `registry.stageNotAllowed`, `registry.unknownVersion`, `registry.inStage`.
 */
export async function assign(repo: Repo, args: AssignArgs): Promise<TagsAnswer> {
  const [model = '', rev] = args.targets;
  const registry = await readRegistry(repo);
  checkModel(model);
  const stage = checkStage(registry, args.stage);
  if (rev === undefined && args.version !== undefined) {
    const version = needVersion(registry, model, args.version);
    return { tags: [await assignVersion(repo, registry, { ...args, stage, version })] };
  }
  return assignCommit(repo, registry, { ...args, model, stage, rev: rev ?? 'HEAD' });
}

interface AssigningCommit extends AssignArgs {
  readonly model: string;
  readonly stage: string;
  readonly rev: string;
}

async function assignCommit(repo: Repo, registry: Registry, what: AssigningCommit): Promise<TagsAnswer> {
  const { model, stage, rev } = what;
  if (what.version !== undefined && what.skipRegistration) throw new StrataError('registry.nameOrSkip', {});
  const commit = await commitOf(registry, rev);
  const there = versionAt(registry.models.get(model), commit);
  if (there && isRegistered(there) && what.version !== undefined)
    throw new StrataError('registry.commitTaken', { model, version: there.name });
  if (there && (isRegistered(there) || what.skipRegistration))
    return { tags: [await assignVersion(repo, registry, { ...what, version: there })] };
  if (what.skipRegistration) {
    const message = what.message ?? `Assigning stage ${stage} to artifact ${model} commit ${commit}`;
    return { tags: [await makeTag(repo, registry, { model, kind: 'assign', stage }, { commit, message })] };
  }
  const naming = what.version === undefined ? {} : { version: what.version };
  const made = await registerAt(repo, registry, { model, rev, ...naming });
  const after = await readRegistry(repo);
  const version = versionAt(after.models.get(model), commit);
  if (!version) throw new StrataError('registry.unknownVersion', { model, version: rev, known: '' });
  return { tags: [made, await assignVersion(repo, after, { ...what, version })] };
}

/** One assignment. */
interface Assigning {
  readonly version: Version;
  readonly stage: string;
  readonly message?: string;
  readonly force?: boolean;
}

async function assignVersion(repo: Repo, registry: Registry, what: Assigning): Promise<string> {
  const { version, stage } = what;
  const { model, commit, name } = version;
  if (what.force !== true && isAssigned(version, stage))
    throw new StrataError('registry.inStage', { model, version: name, stage });
  const message = what.message ?? `Assigning stage ${stage} to artifact ${model} version ${name}`;
  return makeTag(repo, registry, { model, kind: 'assign', stage }, { commit, message });
}

/** Takes an assignment back. Fails with `registry.notInStage`, `registry.unknownVersion`, `registry.noStage`. */
export async function unassign(repo: Repo, args: UnassignArgs): Promise<TagsAnswer> {
  const [model = '', rev] = args.targets;
  const registry = await readRegistry(repo);
  checkModel(model);
  const stage = checkStage(registry, args.stage);
  const version =
    args.version === undefined
      ? needVersionAt(registry, model, await commitOf(registry, rev ?? 'HEAD'))
      : needVersion(registry, model, args.version);
  return { tags: [await unassignVersion(repo, registry, { version, stage, ...messageOf(args) })] };
}

async function unassignVersion(repo: Repo, registry: Registry, what: Assigning): Promise<string> {
  const { version, stage } = what;
  const { model, commit, name } = version;
  if (!isAssigned(version, stage)) throw new StrataError('registry.notInStage', { model, version: name, stage });
  const message = what.message ?? `Unassigning stage ${stage} from artifact ${model} version ${name}`;
  return makeTag(repo, registry, { model, kind: 'unassign', stage }, { commit, message });
}

/**
 * `deprecate MODEL [VERSION [STAGE]]` as GTO has it: takes back an assignment, a version, or the whole model. Fails with
 * `registry.unknownModel`, `registry.unknownVersion`, `registry.notInStage`, `registry.gone`.
 */
export async function deprecate(repo: Repo, args: DeprecateArgs): Promise<TagsAnswer> {
  const [model = '', name, stage] = args.targets;
  const registry = await readRegistry(repo);
  checkModel(model);
  if (name === undefined) return { tags: [await retire(repo, registry, model, args.message)] };
  const version = needVersion(registry, model, name);
  if (stage !== undefined) {
    const what = { version, stage: checkStage(registry, stage), ...messageOf(args) };
    return { tags: [await unassignVersion(repo, registry, what)] };
  }
  const message = args.message ?? `Deregistering artifact ${model} version ${name}`;
  const tag = { model, kind: 'deregister', version: name } as const;
  return { tags: [await makeTag(repo, registry, tag, { commit: version.commit, message })] };
}

async function retire(repo: Repo, registry: Registry, name: string, message: string | undefined): Promise<string> {
  const model = registry.models.get(name);
  const last = modelEvents(model).at(-1);
  if (!model || !last) throw unknownModel(registry, name);
  const annotated = await readOldAnnotations(registry.git);
  const isDeclared = annotated.some((one) => one.name === name);
  if (!(await isShown(registry, model, isDeclared))) throw new StrataError('registry.gone', { model: name });
  const text = message ?? `Deprecating artifact ${name}`;
  return makeTag(repo, registry, { model: name, kind: 'deprecate' }, { commit: last.commit, message: text });
}

function messageOf(args: { readonly message?: string }): { readonly message?: string } {
  return args.message === undefined ? {} : { message: args.message };
}

/** The full id of a commit. Fails with `git.unknownRevision`. */
export async function commitOf(registry: Registry, rev: string): Promise<string> {
  const commit = await registry.git.resolve(rev);
  if (commit === undefined) throw new StrataError('git.unknownRevision', { rev });
  return commit;
}

/** Refuses names that no model can have: `registry.badName` {model}. */
export function checkModel(model: string): void {
  if (!isModelName(model)) throw new StrataError('registry.badName', { model });
}

function checkVersion(version: string): void {
  if (!parseSemver(version)) throw new StrataError('registry.badVersion', { version });
}

/** The stage, or `registry.noStage`, `registry.badStage` {stage}, `registry.stageNotAllowed` {stage, known}. */
export function checkStage(registry: Registry, stage: string | undefined): string {
  if (stage === undefined) throw new StrataError('registry.noStage', {});
  if (!isStageName(stage)) throw new StrataError('registry.badStage', { stage });
  if (registry.allowed && !registry.allowed.includes(stage))
    throw new StrataError('registry.stageNotAllowed', { stage, known: registry.allowed.join(', ') });
  return stage;
}

/** A registered version that stands, or `registry.unknownModel`, `registry.unknownVersion` {model, version, known}. */
export function needVersion(registry: Registry, name: string, version: string): Version {
  const model = registry.models.get(name);
  if (!model) throw unknownModel(registry, name);
  const found = findVersion(model, version);
  if (found && isActive(found)) return found;
  const known = activeVersions(model)
    .map((one) => one.name)
    .join(', ');
  if (known === '') throw new StrataError('registry.noVersions', { model: name });
  throw new StrataError('registry.unknownVersion', { model: name, version, known });
}

function needVersionAt(registry: Registry, model: string, commit: string): Version {
  const version = versionAt(registry.models.get(model), commit);
  if (!version) throw new StrataError('registry.notRegistered', { model, commit: commit.slice(0, 7) });
  return version;
}

/** `registry.unknownModel` {model, known}, or `registry.noModels` {model} where nothing is registered at all. */
export function unknownModel(registry: Registry, model: string): StrataError {
  if (registry.models.size === 0) return new StrataError('registry.noModels', { model });
  return new StrataError('registry.unknownModel', { model, known: [...registry.models.keys()].join(', ') });
}
