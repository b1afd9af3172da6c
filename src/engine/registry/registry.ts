/**
 * The door of the registry: models, their versions and stages as GTO's annotated tags, gates before a promotion, and the way back. Each verb
 * takes the project, its arguments and the call.
 */

import { type Repo } from '../data/repo';
import { StrataError } from '../errors';
import { type IdentityAnswer, type IdentityArgs } from '../verbs/registry';
import { models } from './models';
import { promote } from './promote';
import { needGit } from './readRegistry';
import { rollback } from './rollback';
import { gate } from './runGate';
import { show } from './show';
import { assign, deprecate, register, unassign } from './write';

/** Reads the Git identity, or sets it for this repository. Fails with `data.noGit`, `registry.halfIdentity`, `git.badIdentity`. */
async function identity(repo: Repo, args: IdentityArgs): Promise<IdentityAnswer> {
  const git = needGit(repo);
  const present = await git.identity();
  if (args.name === undefined && args.email === undefined) return { ...present };
  const name = args.name ?? present?.name;
  const email = args.email ?? present?.email;
  if (name === undefined || email === undefined) throw new StrataError('registry.halfIdentity', {});
  await git.setIdentity({ name, email });
  return { name, email };
}

/** Verbs of this folder by id. */
export const registryVerbs = {
  'registry.show': show,
  'registry.register': register,
  'registry.assign': assign,
  'registry.unassign': unassign,
  'registry.deprecate': deprecate,
  gate,
  promote,
  rollback,
  models,
  identity,
};
