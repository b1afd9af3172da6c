/** Numbers among the metrics of commits, for lists of versions; worked out once a commit. */

import { type Call } from '../../base/cancel';
import { type Repo } from '../data/repo';
import { CommitFacts } from './facts';
import { nameValues } from './names';

/** Finite numbers by short name, by the full id of each commit. */
export async function readCommitMetrics(
  repo: Repo,
  commits: readonly string[],
  call: Call,
): Promise<Map<string, Record<string, number>>> {
  const facts = new CommitFacts(repo);
  const found = new Map<string, Record<string, number>>();
  for (const sha of new Set(commits)) {
    const { metrics } = await facts.of(sha, call);
    const values = Object.entries(nameValues([metrics]).values(metrics));
    const numbers = values.filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
    found.set(sha, Object.fromEntries(numbers));
  }
  await facts.save();
  return found;
}
