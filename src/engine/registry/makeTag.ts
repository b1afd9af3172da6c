/**
 * Makes one tag. Its time is strictly later than that of every other tag of the model, in whole seconds as Git keeps them: of two tags
 * of one second nobody could say which came last.
 */

import { type Repo } from '../data/repo';
import { type Registry } from './readRegistry';
import { modelEvents, lastTime } from './state';
import { parseTag, renderTag, type TagName } from './tags';

/** Makes the tag and answers its name. Stages are counted; other tags only when their plain name is taken. Fails with `git.noIdentity`. */
export async function makeTag(
  repo: Repo,
  registry: Registry,
  tag: TagName,
  about: { readonly commit: string; readonly message: string },
): Promise<string> {
  const name = nextTag(registry, tag);
  const last = lastTime(modelEvents(registry.models.get(tag.model)));
  const now = Math.floor(repo.host.now() / 1000) * 1000;
  await registry.git.tag({ name, ...about, time: Math.max(now, last + 1000) });
  return name;
}

/** The name that the next such tag gets. */
export function nextTag(registry: Registry, tag: TagName): string {
  const plain = renderTag(tag);
  const isCounted = tag.stage !== undefined || registry.tags.includes(plain);
  return isCounted ? renderTag({ ...tag, counter: nextCounter(registry, tag.model) }) : plain;
}

function nextCounter(registry: Registry, model: string): number {
  const counters = registry.tags.flatMap((one) => {
    const tag = parseTag(one);
    return tag?.model === model ? [tag.counter ?? 0] : [];
  });
  return Math.max(0, ...counters) + 1;
}
