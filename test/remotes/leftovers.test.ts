/** What uploads that were killed left on a remote: `gc -c` takes away what is older than a day, and nothing else. */

import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureServers, ensureSshd } from '../../scripts/machinery.mjs';
import { quietCall } from '../../src/base/cancel';
import { removeFromRemote, surveyRemote } from '../../src/engine/data/gcRemote';
import { nodeHost } from '../../src/engine/host/node';
import { openFolder } from '../../src/engine/remotes/folder';
import { type Remote } from '../../src/engine/remotes/remotes';
import { SshRemote } from '../../src/engine/remotes/ssh';
import { resolvePlace } from '../../src/engine/remotes/sshTarget';
import { open as openWebdav } from '../../src/engine/remotes/webdav';
import { skip } from '../support/skip';
import { sshSettings, startSshd, USER } from '../support/sshServer';
import { dropFolder, newFolder } from '../support/temporary';
import { LOGIN, startRcloneDav, webSettings, type WebServer } from '../support/webServers';

interface Opened {
  /** The remote's folder on this machine. */
  readonly folder: string;
  readonly remote: Remote;
  readonly stop: () => unknown;
}

const SHELF = 'files/md5/b1';
const OBJECT = `${SHELF}/946ac92492d2347c6235b4d2611184`;
const RESULTS = `runs/8d/${'8d'.repeat(32)}`;
/** Hours since each was written, and whether it is to be gone. */
const FILES: readonly (readonly [key: string, hours: number, gone: boolean])[] = [
  [OBJECT, 48, false],
  [`${SHELF}/.0123456789abcdef.tmp`, 25, true],
  [`${SHELF}/.fedcba9876543210.tmp`, 1, false],
  ['aa/.0123456789abcdef.tmp', 100, true],
  [`${RESULTS}/.0123456789abcdef.tmp`, 100, true],
  // Of another tool, of another place, of another name.
  [`${SHELF}/.Xy7abc.tmp`, 100, false],
  ['photos/.0123456789abcdef.tmp', 100, false],
  ['.0123456789abcdef.tmp', 100, false],
  [`${SHELF}/0123456789abcdef.tmp`, 100, false],
];

const web = (server: WebServer, base: string): Promise<Opened> =>
  openWebdav(webSettings(`${server.url.replace('http', 'webdav')}/${base}`, LOGIN), nodeHost(), quietCall()).then(
    (remote) => ({ folder: path.join(server.root, base), remote, stop: () => server.stop() }),
  );

const KINDS: Readonly<Record<string, () => Promise<Opened | { skip: string }>>> = {
  'a folder': () => {
    const folder = newFolder();
    const stop = (): void => dropFolder(folder);
    return Promise.resolve({ folder, remote: openFolder(folder, nodeHost(), 4), stop });
  },
  'SSH at sshd': async () => {
    const sshd = await ensureSshd();
    if ('skip' in sshd) return sshd;
    const server = await startSshd(sshd.path);
    const url = `ssh://${USER}@127.0.0.1:${server.port}${server.store}/left`;
    const place = await resolvePlace(sshSettings(url, { keyfile: server.key('id') }), server.host);
    const remote = new SshRemote(place, 8, { host: server.host, call: quietCall() });
    return { folder: path.join(server.store, 'left'), remote, stop: () => server.stop() };
  },
  'WebDAV at rclone': async () => web(await startRcloneDav((await ensureServers()).rclone, LOGIN), 'left'),
};

describe('what killed uploads left', function () {
  this.timeout(120_000);
  for (const [name, start] of Object.entries(KINDS)) {
    it(`${name}: goes after a day`, async function () {
      const opened = await start();
      if ('skip' in opened) return skip(this, opened.skip);
      const { folder, remote, stop } = opened;
      try {
        const now = Date.now();
        for (const [key, hours] of FILES) {
          const at = path.join(folder, key);
          fs.mkdirSync(path.dirname(at), { recursive: true });
          fs.writeFileSync(at, 'x');
          fs.utimesSync(at, new Date(now - hours * 3_600_000), new Date(now - hours * 3_600_000));
        }
        if (!remote.list) return assert.fail('it cannot list');
        const survey = await surveyRemote(name, remote, { keeps: () => true, now }, quietCall());
        assert.deepEqual(survey.unused, []);
        const old = FILES.filter(([, , gone]) => gone).map(([key]) => key);
        assert.deepEqual([...survey.leftovers].sort(), old.sort());
        assert.deepEqual(await removeFromRemote(survey, quietCall()), { removed: 0, bytes: 0 });
        for (const [key, , gone] of FILES) assert.equal(fs.existsSync(path.join(folder, key)), !gone, key);
      } finally {
        await remote.close();
        await stop();
      }
    });
  }
});
