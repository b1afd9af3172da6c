/** Types of machinery.mjs, for tests. */

/** Exact versions of everything that is fetched. */
export declare const versions: {
  node: string;
  codeServer: string;
  chromium: string;
  fonts: string;
  python: Record<string, string>;
  servers: Record<string, string>;
};

export declare function ensureServer(): Promise<{ node: string; main: string; vscode: string }>;

export declare function ensureBrowser(): Promise<{ executablePath: string; args: string[]; env: NodeJS.ProcessEnv }>;

export declare function ensurePython(): Promise<{
  python: string;
  dvc: string;
  gto: string;
  env: NodeJS.ProcessEnv;
}>;

export declare function ensureStrace(): Promise<{ path: string } | { skip: string }>;

export declare function ensureServers(): Promise<{ weed: string; rclone: string }>;

export declare function ensureSshd(): Promise<{ path: string } | { skip: string }>;

export declare function ensureNginx(): Promise<{ path: string } | { skip: string }>;
