/**
 * Names of GTO's tags (dvc.md §24): `m@v1.0.0` registers, `m@v1.0.0!` takes it back, `m#prod#3` assigns, `m#prod!#4` takes it back,
 * `m@deprecated` retires the whole model. A model of a folder is `dir=name` in a tag and `dir:name` everywhere else.
 */

import { VERSION_PATTERN } from './semver';

/** What a tag does. */
export type TagKind = 'register' | 'deregister' | 'assign' | 'unassign' | 'deprecate';

/** A tag's name taken apart. */
export interface TagName {
  /** As it is typed: `m` or `dir:m`. */
  readonly model: string;
  readonly kind: TagKind;
  /** With `register` and `deregister`. */
  readonly version?: string;
  /** With `assign` and `unassign`. */
  readonly stage?: string;
  readonly counter?: number;
}

const NAME = '[a-zA-Z0-9](?:[a-zA-Z0-9-/_]*[a-zA-Z0-9])?';
const DIR = '[a-zA-Z0-9-_./]+';
/** Groups of a version's own pattern come after `version`. */
const TAG = new RegExp(
  `^(?<model>(?:${DIR}=)?${NAME})(?:(?:#(?<stage>${NAME})|@(?<version>${VERSION_PATTERN}))(?<undo>!?)|@(?<gone>deprecated))(?:#(?<counter>[0-9]+))?$`,
);
const FULL_NAME = new RegExp(`^(?:${DIR}:)?${NAME}$`);
const STAGE = new RegExp(`^${NAME}$`);
const LABEL = new RegExp(
  `^(?<model>(?:${DIR}:)?${NAME})(?:#(?<stage>${NAME})|@(?<version>latest|greatest|${VERSION_PATTERN}))$`,
);

/** True for names that a model may have. */
export function isModelName(name: string): boolean {
  return FULL_NAME.test(name);
}

/** True for names that a stage may have. */
export function isStageName(name: string): boolean {
  return STAGE.test(name);
}

/** Takes a tag's name apart; undefined when it is not one of GTO's. */
export function parseTag(name: string): TagName | undefined {
  const found = TAG.exec(name)?.groups;
  if (!found) return undefined;
  const { model = '', stage, version, undo, counter } = found;
  const common = { model: model.replace('=', ':'), ...(counter === undefined ? {} : { counter: Number(counter) }) };
  if (version !== undefined) return { ...common, kind: undo === '!' ? 'deregister' : 'register', version };
  if (stage !== undefined) return { ...common, kind: undo === '!' ? 'unassign' : 'assign', stage };
  return { ...common, kind: 'deprecate' };
}

/** The tag's name. */
export function renderTag({ model, kind, version, stage, counter }: TagName): string {
  const undo = kind === 'deregister' || kind === 'unassign' ? '!' : '';
  const act = stage !== undefined ? `#${stage}` : kind === 'deprecate' ? '@deprecated' : `@${version ?? ''}`;
  return `${model.replace(':', '=')}${act}${undo}${counter === undefined ? '' : `#${counter}`}`;
}

/** What a person means by `m`, `m@v1.0.0`, `m@latest` or `m#prod`. */
export interface Label {
  readonly model: string;
  readonly version?: string;
  readonly stage?: string;
  /** The highest version. */
  readonly isLatest?: true;
}

/** Takes apart what a person typed; a text of no such form is the name of a model. */
export function parseLabel(text: string): Label {
  const found = LABEL.exec(text)?.groups;
  if (!found) return { model: text };
  const { model = '', version, stage } = found;
  if (stage !== undefined) return { model, stage };
  if (version === 'latest' || version === 'greatest') return { model, isLatest: true };
  return version === undefined ? { model } : { model, version };
}
