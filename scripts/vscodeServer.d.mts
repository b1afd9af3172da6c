/** Types of vscodeServer.mjs, for tests. */

/** How a server is started; each is explained at `start` in vscodeServer.mjs. */
export interface ServerOptions {
  port?: number;
  userDataDir?: string;
  extensionsDir?: string;
  locale?: string;
  trust?: 'off' | 'restricted' | 'ask';
  settings?: Record<string, unknown>;
  extensionDevelopmentPath?: string;
  otherExtensions?: string[];
  extensionTestsPath?: string;
  gallery?: boolean;
  env?: NodeJS.ProcessEnv;
}

/** A running server. */
export interface Server {
  /** The address of the workbench. */
  readonly url: string;
  readonly port: number;
  readonly userDataDir: string;
  readonly extensionsDir: string;
  readonly pid: number;
  /** What the server printed, its last part. */
  log(): string;
  /** Ends the server and all that it started; with `runs: false` it spares what has detached itself. */
  stop(options?: { runs?: boolean }): Promise<void>;
}

export declare const quietSettings: Record<string, unknown>;

export declare function settingsFile(userDataDir: string): string;

export declare function changeSettings(userDataDir: string, changes: Record<string, unknown>): Promise<void>;

export declare function installVsix(vsix: string, extensionsDir: string): Promise<void>;

export declare function start(folder: string | undefined, options?: ServerOptions): Promise<Server>;
