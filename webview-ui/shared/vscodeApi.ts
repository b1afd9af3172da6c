/** The page's side of VS Code: posting to the host and the state that outlives a hidden or reloaded panel. */

/** What VS Code gives a webview. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

let api: VsCodeApi | undefined;

/** The API object; VS Code allows asking for it once a page, so it is kept here. */
export function vscodeApi(): VsCodeApi {
  return (api ??= acquireVsCodeApi());
}
