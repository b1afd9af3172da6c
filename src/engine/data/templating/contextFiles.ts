/**
 * Fills a template's context: params.yaml beside the dvc.yaml, and what `vars` name, files and inline maps (dvc.md §11.1). Remembers the files
 * it has read, each once, and their names, so that a caller can tell when a dvc.yaml means something else than before.
 */

import { dirname, join } from '../../../base/paths';
import { is, StrataError } from '../../errors';
import { DEFAULT_PARAMS } from '../../formats/dvcYaml';
import { parseParams } from '../../formats/params';
import { kindOf, type TemplateContext } from '../../formats/templateContext';
import { isDict, type Value } from '../../formats/values';
import { fromRoot } from '../paths';

/** Reads a file by its path from the project's root; undefined when it is not there. Fails with `fs.isFolder` on a folder. */
export type ReadText = (path: string) => Promise<string | undefined>;

/** What stands at a path that is no file. */
const FOLDER = Symbol('folder');

/** The files that templates take values from. */
export class ContextFiles {
  private readonly values = new Map<string, Promise<Value | typeof FOLDER | undefined>>();

  /** @param root absolute path of the project. */
  constructor(
    private readonly root: string,
    private readonly readText: ReadText,
  ) {}

  /** The default of every dvc.yaml, when it is there. `file` is the dvc.yaml. */
  async addDefault(context: TemplateContext, file: string): Promise<readonly string[]> {
    const path = this.resolve(dirname(file), DEFAULT_PARAMS);
    if ((await this.read(path)) !== undefined) await this.add(context, DEFAULT_PARAMS, dirname(file));
    return [path];
  }

  /**
   * Adds `file` or `file:key,key`, relative to `folder`; gives its path. Fails with `template.noFile`, `template.folder`, `template.notMap` {file,
   * found}, as the context does, and as the file's format does.
   */
  async add(context: TemplateContext, item: string, folder: string): Promise<string> {
    const colon = item.indexOf(':');
    const name = colon < 0 ? item : item.slice(0, colon);
    const listed = colon < 0 ? '' : item.slice(colon + 1);
    const keys = listed === '' ? undefined : listed.split(',').filter(Boolean);
    const path = this.resolve(folder, name);
    if (!context.wants(path, keys, item)) return path;
    const data = await this.read(path);
    if (data === undefined) throw new StrataError('template.noFile', { file: path });
    if (data === FOLDER) throw new StrataError('template.folder', { file: path });
    if (!isDict(data)) throw new StrataError('template.notMap', { file: path, found: kindOf(data) });
    context.addFile(path, keys, data);
    return path;
  }

  private resolve(folder: string, name: string): string {
    return fromRoot(this.root, join(this.root, folder, name));
  }

  private read(path: string): Promise<Value | typeof FOLDER | undefined> {
    const known = this.values.get(path) ?? this.parse(path);
    this.values.set(path, known);
    return known;
  }

  private async parse(path: string): Promise<Value | typeof FOLDER | undefined> {
    let text: string | undefined;
    try {
      text = await this.readText(path);
    } catch (error) {
      if (is(error, 'fs.isFolder')) return FOLDER;
      throw error;
    }
    return text === undefined ? undefined : parseParams(text, path);
  }
}
