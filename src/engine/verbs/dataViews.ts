/** What views ask of tracked data: the tree of outputs and files, and the bytes of one file at a version. */

/** A node of the Data view. */
export interface DataNode {
  /** Path from the project's root. */
  path: string;
  name: string;
  kind: 'file' | 'folder';
  /** The tracked output it belongs to. */
  out: string;
  /** The `.dvc` file or `dvc.yaml` that tracks it. */
  file: string;
  /** Name of the stage that makes it; absent for `.dvc` files. */
  stage?: string;
  /** Where it was brought from, with imports only; their roots alone. */
  imported?: ImportSource;
  state: DataState;
  /** Of the recorded version. */
  size?: number;
  nfiles?: number;
  hash?: string;
  /** With `modified` folders: how many files differ. */
  changedFiles?: number;
  expandable: boolean;
}
/** What an import follows. */
export interface ImportSource {
  /** A URL, or a path with its repository; without secrets. */
  source: string;
  /** The commit of the other repository; absent for URLs. */
  commit?: string;
  /** The branch or tag that is followed; absent where it is the default branch. */
  rev?: string;
}
/** Letters: M modified, A added (not yet in a commit), D deleted, ! not in the cache, ? unknown, blank unchanged. */
export type DataState = 'unchanged' | 'modified' | 'added' | 'deleted' | 'notInCache' | 'unknown';

export interface DataTreeArgs {
  /** Folder whose children are wanted; absent: the roots. */
  path?: string;
}
export interface DataTreeAnswer {
  nodes: DataNode[];
  /** Number of outputs whose state is not `unchanged`; only with the roots. */
  changed: number;
  /** Files whose outputs are unknown because they cannot be read; `code` and `data` make the sentence. Only with the roots. */
  errors: { path: string; message: string; line?: number; code: string; data: Record<string, unknown> }[];
}

export interface FileVersionArgs {
  /** Commit, branch, tag or `workspace`. */
  rev: string;
  path: string;
  /** Fails with `data.tooLarge` above this many bytes. */
  maxBytes?: number;
}
export interface FileVersionAnswer {
  bytes: Uint8Array;
  size: number;
}
