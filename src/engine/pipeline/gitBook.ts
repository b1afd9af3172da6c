/**
 * What Git says about the outputs of a run, asked once for all of them: each question to Git is a process, and a pipeline may have many
 * stages. Lines in .gitignore are written stage by stage all the same, so that they come in the order in which outputs appear (dvc.md §8).
 */

import { basename, dirname, join } from '../../base/paths';
import { gitPath, shown } from '../data/paths';
import { absolute, type Repo } from '../data/repo';
import { StrataError } from '../errors';
import { addGitIgnore } from '../formats/gitIgnore';

/** Knows which outputs Git ignores. */
export class GitBook {
  private readonly asked = new Set<string>();
  private readonly ignored = new Set<string>();
  /** Outputs whose lines were added here. */
  private readonly added = new Set<string>();

  constructor(private readonly repo: Repo) {}

  /** Asks about all these outputs (from the root) in one go. */
  async learn(paths: readonly string[]): Promise<void> {
    const { git } = this.repo;
    const open = paths.filter((path) => !this.asked.has(path));
    if (!git || open.length === 0) return;
    for (const path of open) this.asked.add(path);
    const found = await git.ignored(open.map((path) => gitPath(git, path)));
    for (const path of open) if (found.has(gitPath(git, path))) this.ignored.add(path);
  }

  /** Makes Git ignore outputs that it does not yet; answers the changed files, from the root. Fails with `data.trackedByGit`. */
  async ignore(paths: readonly string[]): Promise<string[]> {
    const { git } = this.repo;
    if (!git) return [];
    await this.learn(paths);
    const changed = new Set<string>();
    const open = paths.filter((path) => !this.ignored.has(path));
    for (const path of open) {
      if (await git.isTracked(gitPath(git, path)))
        throw new StrataError('data.trackedByGit', { path: shown(this.repo, path) });
    }
    for (const path of open) {
      if (await this.addLine(path)) changed.add(join(dirname(path), '.gitignore'));
      this.ignored.add(path);
    }
    return [...changed];
  }

  private async addLine(path: string): Promise<boolean> {
    const { fs } = this.repo.host;
    const file = absolute(this.repo, join(dirname(path), '.gitignore'));
    const text = (await fs.readText(file)) ?? '';
    // As if the outputs had appeared in the order in which they were asked about.
    const order = [...this.asked];
    const later = order.slice(order.indexOf(path) + 1).filter((one) => this.added.has(one));
    const beside = later.filter((one) => dirname(one) === dirname(path)).map(basename);
    const next = addGitIgnore(text, basename(path), beside);
    if (next === text) return false;
    this.added.add(path);
    await fs.writeAtomic(file, next);
    return true;
  }
}
