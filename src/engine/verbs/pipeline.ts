/** Verbs of pipelines: arguments, answers, table rows. */

import { READS, READS_GIT, WRITES, count, flag, list, targets, type VerbSpec } from './verb';

/** A value from params, metrics or a lock file, as it crosses to callers: NaN and infinities as numbers, big integers as bigint. */
export type PlainValue = null | boolean | number | bigint | string | PlainValue[] | { [key: string]: PlainValue };

export interface StagesArgs {
  targets: string[];
}
export interface StageAnswer {
  name: string;
  file: string;
  cmd: string | string[] | null;
  wdir: string;
  frozen?: boolean;
  always_changed?: boolean;
  desc?: string;
  meta?: PlainValue;
  import?: boolean;
  deps: {
    path: string;
    hash?: string;
    hash_name?: string;
    size?: number;
    nfiles?: number;
    isexec?: boolean;
    repo?: PlainValue;
  }[];
  params: { path: string; keys: string[]; values?: Record<string, PlainValue>; error?: string }[];
  outs: {
    path: string;
    kind: 'out' | 'metric' | 'plot';
    cache?: boolean;
    persist?: boolean;
    push?: boolean;
    remote?: string;
    desc?: string;
    type?: string;
    labels?: string[];
    meta?: PlainValue;
    plot?: Record<string, PlainValue>;
    hash?: string;
    hash_name?: string;
    size?: number;
    nfiles?: number;
    isexec?: boolean;
  }[];
}
export interface StagesAnswer {
  stages: StageAnswer[];
  /** `message` is English; `code` and `data` make the sentence `error.<code>` in the reader's language. */
  errors: {
    path: string;
    message: string;
    line?: number;
    column?: number;
    code?: string;
    data?: Record<string, unknown>;
  }[];
}

export interface DagArgs {
  targets: string[];
  full?: boolean;
  outs?: boolean;
  dot?: boolean;
  mermaid?: boolean;
  /** Mermaid in a block of Markdown. */
  md?: boolean;
  /** One node for all stages that a `foreach` or `matrix` makes. */
  collapseForeachMatrix?: boolean;
}
export interface DagAnswer {
  nodes: string[];
  edges: [string, string][];
}

export interface ReproArgs {
  targets: string[];
  force?: boolean;
  singleItem?: boolean;
  pipeline?: boolean;
  allPipelines?: boolean;
  recursive?: boolean;
  downstream?: boolean;
  keepGoing?: boolean;
  dry?: boolean;
  pull?: boolean;
  allowMissing?: boolean;
  noCommit?: boolean;
  noRunCache?: boolean;
  /** So many stages at a time, 0 for as many as there are cores; one unless given, in DVC's order. */
  jobs?: number;
}
/** An error as it crosses between processes. */
export interface StageError {
  code: string;
  data: Record<string, unknown>;
  message: string;
}
export interface ReproAnswer {
  stages: {
    name: string;
    state: 'ran' | 'cached' | 'unchanged' | 'failed' | 'blocked' | 'frozen' | 'would run' | 'cancelled';
    seconds?: number;
    exit?: number;
    /** What ended the command, when it did not end by itself, such as `SIGKILL`. */
    signal?: string;
    reasons?: unknown;
    msg?: string;
    /** Why it failed, when its command did not: makes the sentence `error.<code>`. */
    error?: StageError;
  }[];
  files: string[];
  /** Token of the run, for `runs` and the logs; absent with `dry`. */
  run?: string;
}

export interface WhyArgs {
  targets: string[];
}
/** Why a stage would run again. */
export interface Reason {
  kind: 'param' | 'dep' | 'out' | 'cmd' | 'upstream' | 'always' | 'new';
  path?: string;
  key?: string;
  /** For params and commands the values; for files the state: `modified`, `deleted`, `not in cache`. */
  old?: PlainValue;
  new?: PlainValue;
  state?: string;
  commit?: string;
  author?: string;
  date?: string;
  stage?: string;
}
export interface WhyAnswer {
  stage: string;
  stale: boolean;
  reasons: Reason[];
  /** A recorded result exists for the present deps and params. */
  cached: boolean;
  /** How long it took the last time. */
  seconds?: number;
}

/** For the Pipeline view, CodeLens and status bar. */
export interface PipelineAnswer {
  stages: (WhyAnswer & {
    file: string;
    /** 1-based line of the stage's name in its file. */
    line: number;
    cmd: string | string[];
    state: StageState;
    deps: string[];
    outs: string[];
    upstream: string[];
  })[];
  errors: StagesAnswer['errors'];
}
/** Running and queued come from the run in progress, failed from the last one. */
export type StageState = 'upToDate' | 'stale' | 'never' | 'running' | 'queued' | 'failed' | 'frozen';

/** `plan.json` of a run directory. */
export interface RunPlan {
  schema: 1;
  token: string;
  root: string;
  /** Milliseconds since 1970. */
  created: number;
  args: ReproArgs;
  /** Folder the verb was called from, relative to the root; addressing of targets and answer starts there. */
  cwd: string;
  command: string;
}
/** State of one stage in `status.json`. */
export interface RunStage {
  /** Addressing from the root. */
  name: string;
  state: 'queued' | 'running' | ReproAnswer['stages'][number]['state'];
  start?: number;
  end?: number;
  exit?: number;
  signal?: string;
  reasons?: unknown;
  msg?: string;
  error?: StageError;
  /** Folder below the run directory with `out.log` and `verdict.json`. */
  dir?: string;
}
/** `status.json` of a run directory, replaced atomically at each change. */
export interface RunStatus {
  schema: 1;
  token: string;
  pid: number;
  state: 'starting' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost';
  start: number;
  end?: number;
  stages: RunStage[];
  /** When the run could not go on: the error as it crosses. */
  error?: StageError;
  answer?: ReproAnswer;
}

export interface RunStartAnswer {
  token: string;
  /** Absolute path of the run directory. */
  dir: string;
}
export interface RunTokenArgs {
  token: string;
}
export interface RunLogArgs extends RunTokenArgs {
  stage: string;
  /** Byte offset to read from. */
  from: number;
}
export interface RunLogAnswer {
  text: string;
  next: number;
}

/** Arguments and answers of this group by verb. */
export interface PipelineVerbs {
  stages: { args: StagesArgs; answer: StagesAnswer };
  dag: { args: DagArgs; answer: DagAnswer };
  repro: { args: ReproArgs; answer: ReproAnswer };
  why: { args: WhyArgs; answer: WhyAnswer };
  /** For views: all stages with state and reasons. */
  pipelineView: { args: Record<string, never>; answer: PipelineAnswer };
  /** Starts a run and returns at once; `repro` is this plus following it to the end. */
  runStart: { args: ReproArgs; answer: RunStartAnswer };
  runStatus: { args: RunTokenArgs; answer: RunStatus };
  runLog: { args: RunLogArgs; answer: RunLogAnswer };
  runCancel: { args: RunTokenArgs; answer: Record<string, never> };
  /** Runs whose supervisor is alive, newest first. */
  runsActive: { args: Record<string, never>; answer: { runs: RunStatus[] } };
}

const reproOptions = {
  force: flag('f'),
  'single-item': flag('s'),
  pipeline: flag('p'),
  'all-pipelines': flag('P'),
  recursive: flag('R'),
  downstream: flag(),
  'keep-going': flag('k'),
  dry: flag(),
  pull: flag(),
  'allow-missing': flag(),
  'no-commit': flag(),
  'no-run-cache': flag(),
  jobs: count('N', 'j'),
};

/** Rows of this group. */
export const PIPELINE_VERBS: readonly VerbSpec[] = [
  {
    id: 'stages',
    words: [['stages']],
    group: 'pipeline',
    targets: targets('TARGET'),
    options: {},
    needs: READS,
    destructive: false,
  },
  {
    id: 'dag',
    words: [['dag']],
    group: 'pipeline',
    targets: targets('TARGET', 0, 1),
    options: {
      full: flag(),
      outs: flag('o'),
      dot: flag(),
      mermaid: flag(),
      md: flag(),
      'collapse-foreach-matrix': flag(),
    },
    needs: READS,
    destructive: false,
  },
  {
    id: 'repro',
    words: [['repro']],
    group: 'pipeline',
    targets: targets('TARGET'),
    options: reproOptions,
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'why',
    words: [['why']],
    group: 'pipeline',
    targets: targets('STAGE', 1, 1),
    options: {},
    needs: READS_GIT,
    destructive: false,
  },
  { id: 'pipelineView', words: [], group: 'view', targets: targets(), options: {}, needs: READS, destructive: false },
  {
    id: 'runStart',
    words: [],
    group: 'view',
    targets: targets(),
    options: { stage: list('STAGE') },
    needs: WRITES,
    destructive: false,
  },
  { id: 'runStatus', words: [], group: 'view', targets: targets(), options: {}, needs: READS, destructive: false },
  { id: 'runLog', words: [], group: 'view', targets: targets(), options: {}, needs: READS, destructive: false },
  {
    id: 'runCancel',
    words: [],
    group: 'view',
    targets: targets(),
    options: {},
    needs: { project: true, trust: true, write: false, network: false },
    destructive: false,
  },
  { id: 'runsActive', words: [], group: 'view', targets: targets(), options: {}, needs: READS, destructive: false },
];
