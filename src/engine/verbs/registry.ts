/** Verbs of models: registry (GTO's tags), gates, promotion. Arguments, answers, table rows. */

import { type Verdict } from './runs';
import { READS_GIT, WRITES, flag, targets, text, type VerbSpec } from './verb';

export interface RegistryShowArgs {
  targets: string[];
}
/** Without a name `{model: {version, stage: {s: version|null}, registered, active}}`; with one a list of versions. */
export type RegistryShowAnswer = unknown;

export interface RegisterArgs {
  /** `MODEL [REV]`. */
  targets: string[];
  version?: string;
  message?: string;
  bumpMajor?: boolean;
  bumpMinor?: boolean;
  bumpPatch?: boolean;
}
export interface AssignArgs {
  /** `MODEL [REV]`; a version with `version`. */
  targets: string[];
  stage?: string;
  version?: string;
  message?: string;
  skipRegistration?: boolean;
  force?: boolean;
}
export interface UnassignArgs {
  targets: string[];
  stage?: string;
  version?: string;
  message?: string;
}
export interface DeprecateArgs {
  /** `MODEL [VERSION [STAGE]]`: takes back an assignment, a version, or the whole model. */
  targets: string[];
  message?: string;
}
export interface TagsAnswer {
  /** Tags made, in order. */
  tags: string[];
}

export interface GateArgs {
  /** `[MODEL]`. */
  targets: string[];
  against?: string;
  stage?: string;
  /** The run to judge; the workspace unless given. */
  run?: string;
}
export interface GateRule {
  rule: string;
  result: 'pass' | 'fail' | 'unknown';
  value: number | null;
  limit: number | null;
  evidence: { code: string; data: Record<string, string | number> };
  reason?: string;
}
export interface GateAnswer {
  model: string;
  against?: string;
  pass: boolean;
  rules: GateRule[];
  verdict?: Verdict;
}

export interface PromoteArgs {
  /** `MODEL[@VERSION]`. */
  targets: string[];
  stage?: string;
  reason?: string;
  override?: boolean;
  push?: boolean;
  yes?: boolean;
}
export interface PromoteAnswer {
  /** Null: the gate is red and nothing was done. */
  tag: string | null;
  version: string;
  gate: GateAnswer | null;
}

export interface RollbackArgs {
  targets: string[];
  stage?: string;
  to?: string;
  reason?: string;
  push?: boolean;
  yes?: boolean;
  /** Says what would happen, makes no tag. */
  dry?: boolean;
}
export interface RollbackAnswer {
  /** With `dry`: the tag that would be made. */
  tag: string;
  from: string;
  to: string;
  restorable: boolean;
}

/** For the Models view. */
export interface ModelsAnswer {
  models: {
    name: string;
    path?: string;
    type?: string;
    /** False: declared under `artifacts:` but never registered. */
    registered: boolean;
    versions: {
      version: string;
      commit: string;
      /** ISO 8601. */
      date: string;
      author: string;
      message: string;
      stages: string[];
      metrics: Record<string, number>;
      active: boolean;
    }[];
    /** Version by stage, `null` when nothing is assigned. */
    stages: Record<string, string | null>;
  }[];
}

export interface IdentityArgs {
  name?: string;
  email?: string;
}
export interface IdentityAnswer {
  name?: string;
  email?: string;
}

/** Arguments and answers of this group by verb. */
export interface RegistryVerbs {
  'registry.show': { args: RegistryShowArgs; answer: RegistryShowAnswer };
  'registry.register': { args: RegisterArgs; answer: TagsAnswer };
  'registry.assign': { args: AssignArgs; answer: TagsAnswer };
  'registry.unassign': { args: UnassignArgs; answer: TagsAnswer };
  'registry.deprecate': { args: DeprecateArgs; answer: TagsAnswer };
  gate: { args: GateArgs; answer: GateAnswer };
  promote: { args: PromoteArgs; answer: PromoteAnswer };
  rollback: { args: RollbackArgs; answer: RollbackAnswer };
  /** For the Models view. */
  models: { args: Record<string, never>; answer: ModelsAnswer };
  /** Reads (no arguments) or sets the repository's Git identity. */
  identity: { args: IdentityArgs; answer: IdentityAnswer };
}

/** Rows of this group. */
export const REGISTRY_VERBS: readonly VerbSpec[] = [
  {
    id: 'registry.show',
    words: [['registry', 'show']],
    group: 'registry',
    targets: targets('MODEL', 0, 1),
    options: {},
    needs: READS_GIT,
    destructive: false,
  },
  {
    id: 'registry.register',
    words: [['registry', 'register']],
    group: 'registry',
    targets: targets('MODEL [REV]', 1, 2),
    options: {
      version: text('V'),
      message: text('MSG', 'm'),
      'bump-major': flag(),
      'bump-minor': flag(),
      'bump-patch': flag(),
    },
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'registry.assign',
    words: [['registry', 'assign']],
    group: 'registry',
    targets: targets('MODEL [REV]', 1, 2),
    options: {
      stage: text('STAGE'),
      version: text('V'),
      message: text('MSG', 'm'),
      'skip-registration': flag(),
      force: flag(),
    },
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'registry.unassign',
    words: [['registry', 'unassign']],
    group: 'registry',
    targets: targets('MODEL [REV]', 1, 2),
    options: { stage: text('STAGE'), version: text('V'), message: text('MSG', 'm') },
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'registry.deprecate',
    words: [['registry', 'deprecate']],
    group: 'registry',
    targets: targets('MODEL [VERSION [STAGE]]', 1, 3),
    options: { message: text('MSG', 'm') },
    needs: WRITES,
    destructive: false,
  },
  {
    id: 'gate',
    words: [['gate']],
    group: 'registry',
    targets: targets('MODEL', 0, 1),
    options: { against: text('RUN'), stage: text('S'), run: text('RUN') },
    needs: READS_GIT,
    destructive: false,
  },
  {
    id: 'promote',
    words: [['promote']],
    group: 'registry',
    targets: targets('MODEL[@VERSION]', 1, 1),
    options: { stage: text('S'), reason: text('TEXT'), override: flag(), push: flag(), yes: flag('y') },
    needs: WRITES,
    destructive: true,
  },
  {
    id: 'rollback',
    words: [['rollback']],
    group: 'registry',
    targets: targets('MODEL', 1, 1),
    options: { stage: text('S'), to: text('V'), reason: text('TEXT'), push: flag(), yes: flag('y'), dry: flag() },
    needs: WRITES,
    destructive: true,
  },
  { id: 'models', words: [], group: 'view', targets: targets(), options: {}, needs: READS_GIT, destructive: false },
  { id: 'identity', words: [], group: 'view', targets: targets(), options: {}, needs: WRITES, destructive: false },
];
