/** Starts the web server of `webFolder.mjs`; its files are written from the test. */

import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { dropFolder, newFolder } from './temporary';

/** A running server. */
export interface WebServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  put(name: string, text: string): void;
  close(): Promise<void>;
}

/** Starts it on a free port. It ends with this process too. */
export async function startWebServer(): Promise<WebServer> {
  const folder = newFolder();
  const child = spawn(process.execPath, [path.join(__dirname, 'webFolder.mjs'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    put: (name, text) => fs.writeFileSync(path.join(folder, name), text),
    close: () =>
      new Promise((resolve) => {
        child.once('close', () => {
          dropFolder(folder);
          resolve();
        });
        child.stdin.end();
      }),
  };
}
