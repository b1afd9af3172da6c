import assert from 'node:assert/strict';
import { StrataError } from '../../../src/engine/errors';
import { memoryHost } from '../../../src/engine/host/memory';
import { type Host } from '../../../src/engine/host/host';
import { readS3Options, type S3Options } from '../../../src/engine/remotes/s3Options';
import { s3Settings } from '../../support/s3Setup';

interface Given {
  readonly url?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** `~/.aws/config` */
  readonly aws?: string;
}

function read({ url = 's3://data', options = {}, env = {}, aws }: Given): Promise<S3Options> {
  const files = aws === undefined ? {} : { '/home/.aws/config': aws };
  const host: Host = { ...memoryHost(files), env: { HOME: '/home', ...env } };
  return readS3Options(s3Settings(url, options), host, (bytes) => `md5 of ${Buffer.from(bytes).toString()}`);
}

/** The settings by name that are looked at. */
async function check(given: Given, expected: Partial<Record<keyof S3Options, unknown>>): Promise<void> {
  const found = await read(given);
  for (const [name, value] of Object.entries(expected))
    assert.deepEqual(found[name as keyof S3Options], value, `${name}: ${JSON.stringify(found)}`);
}

const NOTHING = { put: {}, get: {}, create: {}, customer: {} };

describe('options of an S3 remote', () => {
  const cases: readonly (readonly [string, Given, Partial<Record<keyof S3Options, unknown>>])[] = [
    [
      'nothing but a bucket is Amazon, TLS, the chain of keys',
      {},
      {
        ...{ bucket: 'data', prefix: '', url: 's3://data', endpoint: undefined, region: undefined, pathStyle: false },
        ...{ keys: undefined, anonymous: false, tls: { verify: true }, extras: NOTHING, jobs: undefined },
        ...{ readMs: undefined, connectMs: undefined, profile: undefined },
      },
    ],
    ['slashes around a prefix', { url: 's3://data//a//b c/' }, { prefix: 'a/b c', url: 's3://data/a/b c' }],
    ['a scheme in capitals', { url: 'S3://data/x' }, { bucket: 'data', prefix: 'x' }],
    [
      'another server: the bucket stands in the path',
      { options: { endpointurl: 'https://minio:9000' } },
      { endpoint: 'https://minio:9000', pathStyle: true },
    ],
    ['a server without scheme', { options: { endpointurl: 'minio:9000' } }, { endpoint: 'https://minio:9000' }],
    [
      'a server without scheme and TLS',
      { options: { endpointurl: 'minio:9000', use_ssl: 'false' } },
      { endpoint: 'http://minio:9000' },
    ],
    [
      'Amazon without TLS',
      { options: { use_ssl: 'false', region: 'eu-west-1' } },
      { endpoint: 'http://s3.eu-west-1.amazonaws.com', pathStyle: false },
    ],
    [
      'options before the environment before the profile: region',
      { options: { region: 'a' }, env: { AWS_REGION: 'b' }, aws: '[default]\nregion = c\n' },
      { region: 'a' },
    ],
    [
      'the environment before the profile',
      { env: { AWS_DEFAULT_REGION: 'b' }, aws: '[default]\nregion = c\n' },
      { region: 'b' },
    ],
    ['the profile', { aws: '[default]\nregion = c\n' }, { region: 'c' }],
    [
      'a named profile',
      { options: { profile: 'work' }, aws: '[default]\nregion = c\n[profile work]\nregion = d\n' },
      { region: 'd', profile: 'work' },
    ],
    [
      'a profile of the environment',
      { env: { AWS_PROFILE: 'work' }, aws: '[profile work]\nregion = d\nca_bundle = /ca.pem\n' },
      { region: 'd', tls: { verify: true, caFile: '/ca.pem' } },
    ],
    [
      'an endpoint of the environment',
      { env: { AWS_ENDPOINT_URL: 'http://a', AWS_ENDPOINT_URL_S3: 'http://b' } },
      { endpoint: 'http://b' },
    ],
    [
      'one that the environment says to ignore',
      { env: { AWS_ENDPOINT_URL: 'http://a', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'TRUE' } },
      { endpoint: undefined },
    ],
    [
      'a style of the profile',
      { options: { endpointurl: 'http://a' }, aws: '[default]\ns3 =\n  addressing_style = virtual\n' },
      { pathStyle: false },
    ],
    ['no certificate is checked', { options: { ssl_verify: 'false' } }, { tls: { verify: false } }],
    [
      "certificates of one's own",
      { options: { ssl_verify: '/my/ca.pem' } },
      { tls: { verify: true, caFile: '/my/ca.pem' } },
    ],
    [
      'certificates of the environment',
      { env: { AWS_CA_BUNDLE: '/ca.pem' } },
      { tls: { verify: true, caFile: '/ca.pem' } },
    ],
    [
      'keys with a token',
      { options: { access_key_id: 'a', secret_access_key: 'b', session_token: 'c' } },
      { keys: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' } },
    ],
    ['nobody', { options: { allow_anonymous_login: 'true' } }, { anonymous: true }],
    ['times', { options: { read_timeout: '3', connect_timeout: '0.5' } }, { readMs: 3000, connectMs: 500 }],
    [
      'files of keys: the environment before the options',
      {
        options: { credentialpath: '/a/keys', configpath: '/a/config' },
        env: { AWS_SHARED_CREDENTIALS_FILE: '/b/keys' },
      },
      { credentialsFile: '/b/keys', configFile: '/a/config' },
    ],
    [
      'encryption by the server, and rights',
      { options: { sse: 'aws:kms', sse_kms_key_id: 'k', acl: 'private' } },
      {
        extras: {
          ...NOTHING,
          put: {
            'x-amz-acl': 'private',
            'x-amz-server-side-encryption': 'aws:kms',
            'x-amz-server-side-encryption-aws-kms-key-id': 'k',
          },
          create: { ACL: 'private', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'k' },
        },
      },
    ],
    [
      "encryption with a key of one's own goes with every request",
      { options: { sse_customer_key: Buffer.from('secret').toString('base64') } },
      {
        extras: {
          put: {
            'x-amz-server-side-encryption-customer-algorithm': 'AES256',
            'x-amz-server-side-encryption-customer-key': 'c2VjcmV0',
            'x-amz-server-side-encryption-customer-key-md5': 'md5 of secret',
          },
          get: {
            'x-amz-server-side-encryption-customer-algorithm': 'AES256',
            'x-amz-server-side-encryption-customer-key': 'c2VjcmV0',
            'x-amz-server-side-encryption-customer-key-md5': 'md5 of secret',
          },
          create: { SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'c2VjcmV0', SSECustomerKeyMD5: 'md5 of secret' },
          customer: { SSECustomerAlgorithm: 'AES256', SSECustomerKey: 'c2VjcmV0', SSECustomerKeyMD5: 'md5 of secret' },
        },
      },
    ],
  ];
  for (const [what, given, expected] of cases) it(what, () => check(given, expected));

  const wrong: readonly (readonly [string, Given, string])[] = [
    ['no bucket', { url: 's3:///x' }, 's3.badUrl'],
    ['keys in the URL', { url: 's3://key:secret@data/x' }, 's3.badUrl'],
    ['half a key', { options: { access_key_id: 'a' } }, 's3.halfKey'],
    ['the other half', { options: { secret_access_key: 'AKIASECRET' } }, 's3.halfKey'],
    ['two ways to say rights', { options: { acl: 'private', grant_read: 'x' } }, 's3.together'],
    ['two keys to encrypt with', { options: { sse_customer_key: 'x', sse_kms_key_id: 'y' } }, 's3.together'],
    ['a time that is none', { options: { read_timeout: 'soon' } }, 's3.seconds'],
    ['no time', { options: { connect_timeout: '0' } }, 's3.seconds'],
  ];
  for (const [what, given, code] of wrong) {
    it(`refuses ${what}`, () =>
      assert.rejects(read(given), (error: unknown) => {
        assert.ok(error instanceof StrataError, String(error));
        assert.doesNotMatch(JSON.stringify(error.data), /AKIASECRET|secret@/);
        return error.code === code;
      }));
  }
});
