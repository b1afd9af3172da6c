/**
 * Puts values into the texts of dvc.yaml (dvc.md §11.2): walks data, looks up what its expressions name, keeps types where a text is one
 * expression. Each use is told to the caller, each failure with its place. Pure but for the context that it asks.
 */

import { is, StrataError } from '../../errors';
import {
  expressionsIn,
  fillText,
  hasExpression,
  isWhole,
  stepsOf,
  valueText,
  type ArgsStyle,
} from '../../formats/interpolation';
import {
  Items,
  Members,
  isNode,
  nodeValue,
  unknownName,
  type Mixed,
  type Node,
  type TemplateContext,
} from '../../formats/templateContext';
import { isDict, isList, keyText, type Scalar, type Value } from '../../formats/values';
import { type DataPath } from '../../formats/yaml';
import { YamlPlaces, type Spot } from '../../formats/yamlPlaces';

/** An expression and what it stands for. */
export interface Use {
  readonly spot: Spot;
  /** As written: `${net.depth}`. */
  readonly text: string;
  readonly node: Node;
}

/** The dvc.yaml whose templates are resolved: what it is called, and where in it something stands. */
export class TemplateSource {
  private readonly places: YamlPlaces;

  /** @param path from the project's root */
  constructor(
    readonly path: string,
    text: string,
  ) {
    this.places = new YamlPlaces(text);
  }

  place(spot: Spot): { line: number; column: number } {
    return this.places.place(spot);
  }

  /** The error `template.<what>` at a spot. */
  fault(code: string, spot: Spot, data: Readonly<Record<string, string>> = {}): StrataError {
    return this.placed(new StrataError(code, data), spot);
  }

  /** An error of the template language with file, line, column and place; others, and those that know their place, unchanged. */
  placed(error: unknown, spot: Spot): StrataError {
    if (!is(error) || !error.code.startsWith('template.') || 'line' in error.data) throw error;
    const data = { ...error.data, path: this.path, place: spot.at.join('.'), ...this.place(spot) };
    return new StrataError(error.code, data, { cause: error });
  }
}

/** How texts are resolved. */
export interface Manner {
  readonly context: TemplateContext;
  /** The key of a stage that is resolved: lists and maps are refused in it, but for a map in `cmd`. Absent: anything goes. */
  readonly field?: string;
  readonly style?: ArgsStyle;
  /** Keeps nodes where a text is one expression, so that it is known where they come from. */
  readonly keepNodes?: boolean;
  readonly uses?: Use[];
}

/** So many values and characters (sixteen count as one value) the templates of one file may make; more is an accident or an attack. */
const MOST_MADE = 1_000_000;

/** Resolves templates of one file. */
export class Expressions {
  private made = 0;

  constructor(private readonly source: TemplateSource) {}

  /** Data with all its templates resolved, as plain values. Fails with `template.*` {path, line, column, text}, and with `template.tooMuch`. */
  value(data: Value, at: DataPath, manner: Manner): Value {
    if (!usesTemplates(data)) return data;
    // Without `keepNodes` nothing but values is made.
    return this.mixed(data, at, { ...manner, keepNodes: false }) as Value;
  }

  /** Data with all its templates resolved; nodes may be among it with `keepNodes`. Fails as {@link value}. */
  mixed(data: Value, at: DataPath, manner: Manner): Mixed {
    this.spend(1, at);
    if (typeof data === 'string') return this.text(data, { at, isKey: false }, manner);
    if (isList(data)) return data.map((item, i) => this.mixed(item, [...at, i], manner));
    if (!isDict(data)) return data;
    const map = new Map<Scalar, Mixed>();
    for (const [key, member] of data) {
      const inside = [...at, keyText(key)];
      map.set(this.key(key, inside, manner), this.mixed(member, inside, manner));
    }
    return map;
  }

  /** Fails with `template.inVars` where data that takes no templates has one. */
  refuse(data: Value, at: DataPath): void {
    const check = (text: Value, spot: Spot): void => {
      const [first] = typeof text === 'string' ? expressionsIn(text) : [];
      if (first) throw this.source.fault('template.inVars', { ...spot, expression: 0 }, { text: `\${${first.inner}}` });
    };
    if (isList(data)) data.forEach((item, i) => this.refuse(item, [...at, i]));
    else if (isDict(data)) {
      for (const [key, member] of data) {
        const inside = [...at, keyText(key)];
        check(key, { at: inside, isKey: true });
        this.refuse(member, inside);
      }
    } else check(data, { at, isKey: false });
  }

  private key(key: Scalar, at: DataPath, manner: Manner): Scalar {
    if (typeof key !== 'string' || !key.includes('${')) return key;
    const spot = { at, isKey: true };
    const value = this.text(key, spot, manner);
    const usable = !isNode(value) && !Array.isArray(value) && !(value instanceof Map);
    if (!usable) throw this.source.fault('template.key', { ...spot, expression: 0 }, { text: key });
    return value as Scalar;
  }

  private text(text: string, spot: Spot, manner: Manner): Mixed {
    if (!text.includes('${')) return text;
    const found = expressionsIn(text);
    const nodes = found.map(({ inner }, i) => this.pick(inner, { ...spot, expression: i }, manner));
    const [only] = nodes;
    if (only && isWhole(text, found)) return manner.keepNodes ? only : nodeValue(only);
    const values = nodes.map((node, i) => {
      try {
        return valueText(nodeValue(node), manner.style);
      } catch (error) {
        throw this.source.placed(withText(error, found[i]?.inner ?? ''), { ...spot, expression: i });
      }
    });
    const filled = fillText(text, found, values);
    this.spend(filled.length / 16, spot.at);
    return filled;
  }

  private spend(amount: number, at: DataPath): void {
    this.made += amount;
    if (this.made > MOST_MADE) throw this.source.fault('template.tooMuch', { at, isKey: false });
  }

  /** What an expression names. */
  private pick(inner: string, spot: Spot, manner: Manner): Node {
    const text = `\${${inner}}`;
    try {
      const steps = stepsOf(inner);
      const found = manner.context.find(steps);
      if (!isNode(found)) {
        const key = steps.join('.');
        throw unknownName('template.unknown', { text, key }, steps[found.missing] ?? '', found.names);
      }
      refuseCollection(found, text, manner.field);
      manner.uses?.push({ spot, text, node: found });
      return found;
    } catch (error) {
      throw this.source.placed(error, spot);
    }
  }
}

function withText(error: unknown, inner: string): unknown {
  return is(error) ? new StrataError(error.code, { ...error.data, text: `\${${inner}}` }) : error;
}

function refuseCollection(node: Node, text: string, field: string | undefined): void {
  if (field === undefined) return;
  if (node instanceof Items) throw new StrataError('template.list', { text });
  if (node instanceof Members && field !== 'cmd') throw new StrataError('template.map', { text });
}

/** True when data holds an expression, or a text that an escape changes. */
export function usesTemplates(data: Value): boolean {
  if (typeof data === 'string') return data.includes('${') && (hasExpression(data) || data.includes('\\${'));
  if (isList(data)) return data.some(usesTemplates);
  if (!isDict(data)) return false;
  for (const [key, member] of data) if (usesTemplates(key) || usesTemplates(member)) return true;
  return false;
}
