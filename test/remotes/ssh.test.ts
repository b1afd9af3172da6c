/** The SSH remote against a real sshd, and against rclone's SFTP server, which lets in with a password. */

import * as fs from 'node:fs';
import * as path from 'node:path';
import { ensureServers, ensureSshd } from '../../scripts/machinery.mjs';
import { quietCall } from '../../src/base/cancel';
import { SshRemote } from '../../src/engine/remotes/ssh';
import { resolvePlace } from '../../src/engine/remotes/sshTarget';
import { remoteContract, type RemoteUnderTest } from '../support/remoteContract';
import { skip } from '../support/skip';
import { PASSWORD, sshSettings, startRclone, startSshd, USER, type SshServer } from '../support/sshServer';

/** Files below a folder, relative, temporaries too. */
function filesBelow(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

/** A fresh folder of a server as remote. */
async function under(server: SshServer, base: string, options: Record<string, string>): Promise<RemoteUnderTest> {
  const url = `ssh://${USER}@127.0.0.1:${server.port}${base}`;
  const place = await resolvePlace(sshSettings(url, options), server.host);
  const local = base.startsWith(server.store) ? base : path.join(server.store, base);
  return {
    remote: new SshRemote(place, 8, { host: server.host, call: quietCall() }),
    plant: (key, bytes) => {
      fs.mkdirSync(path.dirname(path.join(local, key)), { recursive: true });
      fs.writeFileSync(path.join(local, key), bytes);
      server.refresh();
    },
    peek: (key) => {
      const file = path.join(local, key);
      return fs.existsSync(file) ? fs.readFileSync(file) : undefined;
    },
    keys: () => filesBelow(local),
    dispose: () => fs.rmSync(local, { recursive: true, force: true }),
  };
}

describe('ssh remote at sshd', () => {
  let server: SshServer;
  let count = 0;
  before(async function () {
    const sshd = await ensureSshd();
    if ('skip' in sshd) return skip(this, sshd.skip);
    server = await startSshd(sshd.path);
  });
  after(() => server?.stop());
  remoteContract('the ssh remote at sshd', () =>
    under(server, `${server.store}/base ${(count += 1)}/deep`, { keyfile: server.key('id') }),
  );
});

describe('ssh remote at rclone', () => {
  let server: SshServer;
  let count = 0;
  before(async () => {
    server = await startRclone((await ensureServers()).rclone);
  });
  after(() => server?.stop());
  remoteContract('the ssh remote at rclone', () => under(server, `/base${(count += 1)}`, { password: PASSWORD }));
});
