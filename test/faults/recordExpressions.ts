/** Notes every regular expression that is made from parts while modules load. To be imported before them. */

/** What was made so far. */
export const MADE: { readonly source: string; readonly flags: string }[] = [];

globalThis.RegExp = new Proxy(RegExp, {
  construct(target, args: [string, string?]) {
    const made = new target(...args);
    MADE.push({ source: made.source, flags: made.flags });
    return made;
  },
});
