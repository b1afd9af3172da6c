/** Controls that hold a value: checkbox, text field, select. Each has a name, shown or for screen readers only. */

import { h } from '../shared/dom';
import { toolkit, type ToolkitElement } from './toolkit';
import './ui.css';

/** A control and its value; setting the value does not call the listener. */
export interface Field<T> {
  readonly element: HTMLElement;
  value: T;
}

/** Makes a checkbox with a text. */
export function checkbox(label: string, checked: boolean, change: (checked: boolean) => void): Field<boolean> {
  const element = toolkit('checkbox', {}, label);
  element.checked = checked;
  element.addEventListener('change', () => change(element.checked));
  return {
    element,
    get value() {
      return element.checked;
    },
    set value(next) {
      element.checked = next;
    },
  };
}

/** A text field. */
export interface TextFieldOptions {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  /** Called while typing, when it rests for 150 ms. */
  readonly input: (value: string) => void;
}

/** Makes a text field whose name is its placeholder's place: read aloud, not shown. */
export function textField(options: TextFieldOptions): Field<string> {
  // The toolkit names the field after its content, over any `aria-label`; the style sheet hides that content.
  const props = { placeholder: options.placeholder ?? options.label, value: options.value };
  const element = toolkit('text-field', props, options.label);
  let timer: ReturnType<typeof setTimeout> | undefined;
  element.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => options.input(element.value), 150);
  });
  return valueField(element);
}

/** One choice of a select. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** A select. */
export interface SelectOptions {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly value: string;
  readonly change: (value: string) => void;
  /** False hides the name from sight. */
  readonly showLabel?: boolean;
}

/** Makes a select with its name beside it. */
export function select(options: SelectOptions): Field<string> {
  const list = toolkit('dropdown', { 'aria-label': options.label });
  for (const choice of options.choices) list.append(toolkit('option', { value: choice.value }, choice.label));
  list.setAttribute('current-value', options.value);
  list.addEventListener('change', () => options.change(list.value));
  const field = valueField(list);
  if (options.showLabel === false) return field;
  // The element itself carries the name, so the text beside it is for the eye only.
  const shown = h('span', { class: 'field-label', 'aria-hidden': true }, options.label);
  const element = h('span', { class: 'field' }, shown, list);
  return {
    element,
    get value() {
      return field.value;
    },
    set value(next) {
      field.value = next;
    },
  };
}

function valueField(element: ToolkitElement): Field<string> {
  return {
    element,
    get value() {
      return element.value;
    },
    set value(next) {
      element.value = next;
    },
  };
}
