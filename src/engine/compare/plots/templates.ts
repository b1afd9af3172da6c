/**
 * Templates of plots: Vega-Lite documents with places such as `<DVC_METRIC_X>` that are filled with a plot's fields, labels and points
 * (dvc.md §21). Those that DVC knows by name are drawn here in our own way; others are files of the project. Pure.
 */

import { type PlainValue } from '../../verbs/pipeline';
import { PlotProblem, type Point, type Points } from './points';

/** A template's document. */
export type Template = Readonly<Record<string, PlainValue>>;

/** A plot that is to be drawn: its points, and what the definition says. */
export interface Drawing extends Omit<Points, 'points'> {
  readonly title: string;
  readonly points: readonly Point[];
  readonly revisions: readonly string[];
}

const place = (name: string): string => `<DVC_METRIC_${name.toUpperCase()}>`;

const axis = (name: 'x' | 'y', type: 'quantitative' | 'nominal', more: Template = {}): PlainValue => ({
  field: place(name),
  type,
  title: place(`${name}_label`),
  ...(type === 'quantitative' ? { scale: { zero: false } } : {}),
  ...more,
});

const document = (more: Template): Template => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
  title: { text: place('title'), anchor: 'middle' },
  data: { values: place('data') },
  ...more,
});

const SIZE = { width: place('plot_width'), height: place('plot_height') };

const chart = (mark: PlainValue, encoding: Template, more: Template = {}): Template =>
  document({ ...SIZE, params: [place('zoom_and_pan')], mark, encoding, ...more });

const POINTS_XY = { x: axis('x', 'quantitative'), y: axis('y', 'quantitative'), color: place('color') };
const LINES = { ...POINTS_XY, strokeDash: place('stroke_dash') };
const DOTS = { ...POINTS_XY, shape: place('shape'), tooltip: place('tooltip') };

const bars = (more: Template): Template =>
  chart('bar', {
    ...{ x: axis('x', 'quantitative'), y: axis('y', 'nominal', more), yOffset: { field: 'rev', sort: [] } },
    ...{ color: place('color'), column: place('column') },
  });

/** A table of how often each pair of x and y occurs, one for each revision. */
const confusion = (transform: PlainValue[], value: string, format: string): Template =>
  document({
    transform: [{ aggregate: [{ op: 'count', as: 'n' }], groupby: ['rev', place('x'), place('y')] }, ...transform],
    facet: { column: { field: 'rev', sort: [] }, row: place('row') },
    spec: {
      ...SIZE,
      encoding: { x: axis('x', 'nominal', { sort: 'ascending' }), y: axis('y', 'nominal', { sort: 'ascending' }) },
      layer: [
        { mark: 'rect', encoding: { color: { field: value, type: 'quantitative', scale: { scheme: 'blues' } } } },
        { mark: 'text', encoding: { text: { field: value, type: 'quantitative', format } } },
      ],
    },
  });

const SHARE: PlainValue[] = [
  { joinaggregate: [{ op: 'sum', field: 'n', as: 'all' }], groupby: place('group_by_x') },
  { calculate: 'datum.n / datum.all', as: 'share' },
];

const JITTER: PlainValue[] = [
  { calculate: 'random() - 0.5', as: 'jitter_x' },
  { calculate: 'random() - 0.5', as: 'jitter_y' },
];

/** Templates by DVC's names. */
export const TEMPLATES: Readonly<Record<string, Template>> = {
  simple: chart('line', { ...LINES, tooltip: place('tooltip') }),
  linear: chart('line', LINES),
  confusion: confusion([], 'n', 'd'),
  confusion_normalized: confusion(SHARE, 'share', '.2f'),
  scatter: chart('point', DOTS),
  scatter_jitter: chart(
    'point',
    {
      ...{ x: axis('x', 'nominal'), y: axis('y', 'nominal'), color: place('color'), shape: place('shape') },
      xOffset: { field: 'jitter_x', type: 'quantitative' },
      yOffset: { field: 'jitter_y', type: 'quantitative' },
      tooltip: place('tooltip'),
    },
    { transform: JITTER },
  ),
  smooth: chart('line', LINES, {
    transform: [{ loess: place('y'), on: place('x'), groupby: place('group_by'), bandwidth: 0.3 }],
  }),
  bar_horizontal_sorted: bars({ sort: '-x' }),
  bar_horizontal: bars({}),
};

/** Places that a template may leave out. */
const OPTIONAL = [
  ...['color', 'column', 'group_by_x', 'group_by_y', 'group_by', 'pivot_field', 'plot_height', 'plot_width', 'row'],
  ...['shape', 'stroke_dash', 'tooltip', 'zoom_and_pan'],
];

/** Colours that people who see few colours can tell apart. */
const COLORS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#f0e442'];
const DASHES = [[], [8, 4], [2, 2], [8, 2, 2, 2], [12, 4], [4, 4], [1, 3]];
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down'];

/**
 * The document with a drawing in it, and the points as the template wants them: what tells several y apart stays in each point, the rest of what
 * tells where it came from goes. Fails with a {@link PlotProblem} of DVC's name.
 */
export function fillTemplate(
  template: Template,
  drawing: Drawing,
): { readonly content: Record<string, PlainValue>; readonly points: Record<string, PlainValue>[] } {
  const { x, y, points } = drawing;
  for (const field of [x, ...(y === undefined ? [] : [y])]) {
    if (points.some((point) => point.has(field))) continue;
    throw new PlotProblem('NoFieldInDataError', `Field '${field}' does not exist in provided data.`);
  }
  const told = JSON.stringify(template, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));
  const has = (name: string): boolean => told.includes(`"${place(name)}"`);
  if (!has('data')) throw new PlotProblem('BadTemplateError', "The template is not using '<DVC_METRIC_DATA>' anchor");
  const varied = variedKeys(drawing.sources);
  const rows = OPTIONAL.some(has) ? tidyPoints(points, varied) : points.map(objectOf);
  const values = new Map<string, PlainValue>([...optionalValues(drawing, varied)]);
  values.set('title', drawing.title).set('x', escaped(x)).set('x_label', drawing.xLabel);
  if (y !== undefined) values.set('y', escaped(y)).set('y_label', drawing.yLabel ?? y);
  const places = new Map([...values].map(([name, value]) => [place(name), value]));
  const filled = fill(template, places) as Record<string, PlainValue>;
  // The points go in last: what stands in them is the user's, not a place to fill.
  return { content: fill(filled, new Map([[place('data'), rows]])) as Record<string, PlainValue>, points: rows };
}

function escaped(field: string): string {
  return field.replace(/[.[\]]/g, '\\$&');
}

type SourceKey = 'filename' | 'field';

function variedKeys(sources: Drawing['sources']): SourceKey[] {
  return (['filename', 'field'] as const).filter((key) => new Set(sources.map((source) => source[key])).size > 1);
}

function tidyPoints(points: readonly Point[], varied: readonly SourceKey[]): Record<string, PlainValue>[] {
  const both = varied.length === 2;
  return points.map((point) => {
    const row = objectOf(point);
    if (both) row['filename::field'] = `${point.get('filename') as string}::${point.get('field') as string}`;
    for (const key of ['filename', 'field'] as const)
      if (both || !varied.includes(key)) Reflect.deleteProperty(row, key);
    return row;
  });
}

function objectOf(point: Point): Record<string, PlainValue> {
  return Object.fromEntries(point);
}

function* optionalValues(drawing: Drawing, varied: readonly SourceKey[]): Iterable<[string, PlainValue]> {
  const { x, y = '', sources, revisions } = drawing;
  const tell = varied.join('::');
  const groups = ['rev', ...(tell === '' ? [] : [tell])];
  const names = new Set(sources.map((source) => varied.map((key) => source[key]).join('::')));
  const domain = tell === '' ? [] : [...names].sort();
  yield ['color', scaled('rev', revisions, COLORS)];
  yield ['plot_width', 300];
  yield ['plot_height', 300];
  yield ['zoom_and_pan', { name: 'grid', select: 'interval', bind: 'scales' }];
  yield ['group_by', groups];
  yield ['group_by_x', [...groups, x]];
  yield ['group_by_y', [...groups, y]];
  yield ['pivot_field', ['rev', ...varied].map((key) => `datum.${key}`).join(" + '::' + ")];
  yield ['tooltip', [...new Set(['rev', x, y, ...groups.slice(1)])].map((field) => ({ field }))];
  for (const name of ['row', 'column']) yield [name, tell === '' ? {} : { field: tell, sort: [] }];
  const legend = { legend: { symbolFillColor: 'transparent', symbolStrokeColor: 'grey' } };
  yield ['stroke_dash', tell === '' ? {} : { ...scaled(tell, domain, DASHES), ...legend }];
  yield ['shape', tell === '' ? {} : { ...scaled(tell, domain, SHAPES), ...legend }];
}

function scaled(field: string, domain: readonly string[], range: readonly PlainValue[]): Record<string, PlainValue> {
  const values = domain.map((_, i) => range[i % range.length] ?? null);
  return { field, scale: { domain: [...domain], range: values } };
}

/** A copy with all places filled; a text that holds a place among other words gets texts only. */
function fill(value: PlainValue, places: ReadonlyMap<string, PlainValue>): PlainValue {
  if (typeof value === 'string') {
    const whole = places.get(value);
    if (whole !== undefined) return whole;
    if (!value.includes('<DVC_METRIC_')) return value;
    return value.replace(/<DVC_METRIC_[A-Z_]+>/g, (name) => {
      const found = places.get(name);
      return typeof found === 'string' ? found : name;
    });
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, places));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, places)]));
}
