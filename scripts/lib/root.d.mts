/** Types of root.mjs, for tests. */
export declare const root: string;
export declare const cacheFolder: string;
export declare const outFolder: string;
export declare function isMain(url: string): boolean;
