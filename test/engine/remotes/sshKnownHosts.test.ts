import * as assert from 'node:assert/strict';
import {
  fingerprint,
  judgeHostKey,
  keyType,
  knownName,
  knownTypes,
  parseKnownHosts,
  renderKnownHost,
} from '../../../src/engine/remotes/sshKnownHosts';

/** A public key of a type, made up from one byte. */
function keyOf(byte: number, type = 'ssh-ed25519'): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(type.length);
  return Buffer.concat([head, Buffer.from(type), Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, byte)]);
}

const [A, B, C] = [keyOf(1), keyOf(2), keyOf(3, 'ssh-rsa')];
const text = (key: Buffer): string => `${keyType(key)} ${key.toString('base64')}`;

// `example.org` and `[example.org]:2222` as `ssh-keygen -H` of OpenSSH 9.2 wrote them.
const HASHED = '|1|22sHLJwvZkOL0xBejgsLYNUqI/A=|PJdD9otbulYvrdVKekLO8q/ZuLE=';
const HASHED_PORT = '|1|CI3CrDdoqHtHwmXibCedkCbH29Y=|7eQ6g2P+qfg64f/bor2QY0KCrp8=';

const FILE = `# a comment
plain.org,10.0.0.1 ${text(A)} comment with words
[ported.org]:2222 ${text(A)}
*.wild.org,!not.wild.org ${text(A)}
two.org ${text(A)}
two.org ${text(C)}
@revoked bad.org ${text(A)}
bad.org ${text(B)}
@cert-authority *.ca.org ${text(A)}
@unheard of ${text(A)}
broken.org ssh-ed25519
not-base64.org ssh-ed25519 ???
UPPER.org ${text(A)}
${HASHED} ${text(A)}
${HASHED_PORT} ${text(B)}
`;

describe('judgeHostKey', () => {
  const entries = parseKnownHosts(FILE, '/home/ada/.ssh/known_hosts');
  const cases: [string, number, Buffer, string][] = [
    ['plain.org', 22, A, 'known'],
    ['10.0.0.1', 22, A, 'known'],
    ['plain.org', 22, B, 'changed'],
    ['plain.org', 22, C, 'changed'],
    ['other.org', 22, A, 'unknown'],
    ['ported.org', 2222, A, 'known'],
    ['ported.org', 2222, B, 'changed'],
    ['ported.org', 22, A, 'unknown'],
    ['plain.org', 2222, A, 'known'],
    ['plain.org', 2222, B, 'unknown'],
    ['a.wild.org', 22, A, 'known'],
    ['not.wild.org', 22, A, 'unknown'],
    ['two.org', 22, C, 'known'],
    ['two.org', 22, B, 'changed'],
    ['bad.org', 22, A, 'revoked'],
    ['bad.org', 2222, A, 'revoked'],
    ['bad.org', 22, B, 'known'],
    ['x.ca.org', 22, A, 'unknown'],
    ['x.ca.org', 22, B, 'unknown'],
    ['broken.org', 22, A, 'unknown'],
    ['not-base64.org', 22, A, 'unknown'],
    ['of', 22, A, 'unknown'],
    ['upper.org', 22, A, 'known'],
    ['example.org', 22, A, 'known'],
    ['example.org', 22, B, 'changed'],
    ['example.org', 2222, B, 'known'],
    ['example.com', 22, A, 'unknown'],
  ];
  for (const [host, port, key, state] of cases) {
    it(`says ${state} of ${knownName(host, port)} with key ${key.at(-1) ?? 0}`, () => {
      assert.equal(judgeHostKey(entries, host, port, key).state, state);
    });
  }

  it('names the line that another key stands in', () => {
    const verdict = judgeHostKey(entries, 'two.org', 22, B);
    assert.deepEqual([verdict.entry?.file, verdict.entry?.line], ['/home/ada/.ssh/known_hosts', 5]);
  });
});

describe('renderKnownHost', () => {
  for (const salt of [undefined, Buffer.alloc(20, 1)]) {
    it(`writes what is read again${salt ? ', with the name hashed' : ''}`, () => {
      const line = renderKnownHost('[ported.org]:2222', B, salt);
      assert.equal(line.includes('ported'), salt === undefined);
      const entries = parseKnownHosts(line, 'f');
      assert.equal(judgeHostKey(entries, 'ported.org', 2222, B).state, 'known');
      assert.equal(judgeHostKey(entries, 'ported.org', 2222, A).state, 'changed');
      assert.equal(judgeHostKey(entries, 'ported.net', 2222, B).state, 'unknown');
    });
  }

  it('hashes names as OpenSSH does', () => {
    const salt = Buffer.from(HASHED.split('|')[2] ?? '', 'base64');
    assert.ok(renderKnownHost('example.org', A, salt).startsWith(`${HASHED} ssh-ed25519 `));
  });
});

describe('knownTypes', () => {
  it('gives each type once, of ordinary lines only', () => {
    const entries = parseKnownHosts(FILE, 'f');
    assert.deepEqual(knownTypes(entries, 'two.org', 22), ['ssh-ed25519', 'ssh-rsa']);
    assert.deepEqual(knownTypes(entries, 'x.ca.org', 22), []);
  });
});

describe('fingerprint', () => {
  it("is OpenSSH's", () => {
    // `ssh-keygen -lf` of this key, the one of GitHub's server.
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
    assert.equal(fingerprint(Buffer.from(key, 'base64')), 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
  });
});
