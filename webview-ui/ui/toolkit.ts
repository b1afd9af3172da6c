/**
 * The only file that knows the toolkit. Its elements are registered under the prefix `strata-`, so that no page ever names another
 * and a replacement changes this folder alone. What the editor looks like today is restored in `ui.css`.
 */

import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDivider,
  vsCodeDropdown,
  vsCodeLink,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { custom, type Child, type Props } from '../shared/dom';

/** The elements that are registered. */
export type ToolkitTag =
  | 'button'
  | 'checkbox'
  | 'divider'
  | 'dropdown'
  | 'link'
  | 'option'
  | 'panels'
  | 'panel-tab'
  | 'panel-view'
  | 'progress-ring'
  | 'text-field';

/** The fields of the toolkit's elements that the wrappers read or set. */
export interface ToolkitElement extends HTMLElement {
  value: string;
  checked: boolean;
  indeterminate: boolean;
  disabled: boolean;
  activeid: string;
  currentValue: string;
}

let registered = false;

function register(): void {
  if (registered) return;
  registered = true;
  provideVSCodeDesignSystem()
    .withPrefix('strata')
    .register(
      vsCodeButton(),
      vsCodeCheckbox(),
      vsCodeDivider(),
      vsCodeDropdown(),
      vsCodeLink(),
      vsCodeOption(),
      vsCodePanels(),
      vsCodePanelTab(),
      vsCodePanelView(),
      vsCodeProgressRing(),
      vsCodeTextField(),
    );
}

/** Makes an element of the toolkit. */
export function toolkit(tag: ToolkitTag, props: Props = {}, ...children: readonly Child[]): ToolkitElement {
  register();
  return custom(`strata-${tag}`, props, ...children) as ToolkitElement;
}
