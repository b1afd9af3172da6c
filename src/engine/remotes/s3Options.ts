/**
 * What DVC's configuration says about an S3 remote, put together with the environment and the AWS configuration files (formats §2, §20).
 * Precedence as with DVC: the remote's own options, then `AWS_*` variables, then the profile.
 */

import { StrataError } from '../errors';
import { type Host } from '../host/host';
import { parseAwsConfig, profileIn, type AwsProfile } from './s3Profile';
import { type RemoteSettings } from './remotes';

/** A pair of keys, with a token when it is a temporary one. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Everything that a connection needs, resolved. */
export interface S3Options {
  /** The remote's name, for messages. */
  readonly name: string;
  /** `s3://bucket/prefix`, for messages. */
  readonly url: string;
  readonly bucket: string;
  /** Between bucket and keys, without slashes at its ends; may be empty. */
  readonly prefix: string;
  /** Undefined: Amazon's own for the region. */
  readonly endpoint: string | undefined;
  /** Undefined: to be found out. */
  readonly region: string | undefined;
  /** Whether the bucket stands in the path instead of the host's name. */
  readonly pathStyle: boolean;
  readonly tls: { readonly verify: boolean; readonly caFile?: string };
  readonly anonymous: boolean;
  readonly keys: S3Keys | undefined;
  /** Undefined: the one that the environment names, else `default`. */
  readonly profile: string | undefined;
  readonly credentialsFile: string | undefined;
  readonly configFile: string | undefined;
  /** What new objects are to have, and what reading them needs. */
  readonly extras: S3Extras;
  readonly jobs: number | undefined;
  /** Milliseconds of silence, and for a new connection; undefined when they are not configured. */
  readonly readMs: number | undefined;
  readonly connectMs: number | undefined;
}

/** Headers of requests, and the same as the SDK calls them. */
export interface S3Extras {
  readonly put: Readonly<Record<string, string>>;
  readonly get: Readonly<Record<string, string>>;
  readonly create: Readonly<Record<string, string>>;
  readonly customer: Readonly<Record<string, string>>;
}

/** DVC's option, the header it becomes, and the SDK's name; `customer`: every request about the object needs it. */
const EXTRAS: readonly (readonly [string, string, string, 'customer'?])[] = [
  ['acl', 'x-amz-acl', 'ACL'],
  ['grant_full_control', 'x-amz-grant-full-control', 'GrantFullControl'],
  ['grant_read', 'x-amz-grant-read', 'GrantRead'],
  ['grant_read_acp', 'x-amz-grant-read-acp', 'GrantReadACP'],
  ['grant_write_acp', 'x-amz-grant-write-acp', 'GrantWriteACP'],
  ['sse', 'x-amz-server-side-encryption', 'ServerSideEncryption'],
  ['sse_kms_key_id', 'x-amz-server-side-encryption-aws-kms-key-id', 'SSEKMSKeyId'],
  ['sse_customer_algorithm', 'x-amz-server-side-encryption-customer-algorithm', 'SSECustomerAlgorithm', 'customer'],
  ['sse_customer_key', 'x-amz-server-side-encryption-customer-key', 'SSECustomerKey', 'customer'],
  ['md5 of the key', 'x-amz-server-side-encryption-customer-key-md5', 'SSECustomerKeyMD5', 'customer'],
];

/** Reads the options. `md5` hashes to Base64. Fails with `s3.badUrl`, `s3.together` and `s3.halfKey`, all with the remote's {name}. */
export async function readS3Options(
  settings: RemoteSettings,
  host: Host,
  md5: (bytes: Uint8Array) => string,
): Promise<S3Options> {
  const { name, url, jobs } = settings;
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)\/*(.*)$/is.exec(url) ?? [];
  if (bucket === '' || bucket.includes('@')) throw new StrataError('s3.badUrl', { name });
  const prefix = path.split('/').filter((part) => part !== '');
  const configFile = host.env['AWS_CONFIG_FILE'] ?? settings.path('configpath');
  const profile = await readProfile(settings, host, configFile);
  return {
    name,
    url: `s3://${[bucket, ...prefix].join('/')}`,
    bucket,
    prefix: prefix.join('/'),
    ...whereOf(settings, host, profile),
    tls: tlsOf(settings, host, profile),
    anonymous: settings.flag('allow_anonymous_login') ?? false,
    keys: keysOf(settings),
    profile: settings.text('profile'),
    credentialsFile: host.env['AWS_SHARED_CREDENTIALS_FILE'] ?? settings.path('credentialpath'),
    configFile,
    extras: extrasOf(settings, md5),
    jobs,
    readMs: seconds(settings, 'read_timeout'),
    connectMs: seconds(settings, 'connect_timeout'),
  };
}

/** Which server, which region, and how the bucket is named there: other servers than Amazon's mostly know no host name a bucket. */
function whereOf(
  settings: RemoteSettings,
  host: Host,
  profile: AwsProfile,
): Pick<S3Options, 'endpoint' | 'region' | 'pathStyle'> {
  const region =
    settings.text('region') ?? host.env['AWS_REGION'] ?? host.env['AWS_DEFAULT_REGION'] ?? profile.get('region');
  const style = profile.get('s3.addressing_style');
  const ssl = settings.flag('use_ssl') ?? true;
  const own = settings.text('endpointurl') ?? endpointOf(host, profile);
  if (own !== undefined && own !== '') {
    const endpoint = own.includes('://') ? own : `${ssl ? 'https' : 'http'}://${own}`;
    return { endpoint, region, pathStyle: style !== 'virtual' };
  }
  const plain = ssl ? undefined : `http://s3.${region ?? 'us-east-1'}.amazonaws.com`;
  return { endpoint: plain, region, pathStyle: style === 'path' };
}

async function readProfile(settings: RemoteSettings, host: Host, file: string | undefined): Promise<AwsProfile> {
  const home = host.env['HOME'] ?? host.env['USERPROFILE'];
  const path = file ?? (home === undefined ? undefined : `${home}/.aws/config`);
  const text = path === undefined ? undefined : await host.fs.readText(path);
  const name = settings.text('profile') ?? host.env['AWS_PROFILE'] ?? host.env['AWS_DEFAULT_PROFILE'] ?? 'default';
  return profileIn(parseAwsConfig(text ?? ''), name);
}

function endpointOf(host: Host, profile: AwsProfile): string | undefined {
  if (host.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']?.toLowerCase() === 'true') return undefined;
  return host.env['AWS_ENDPOINT_URL_S3'] ?? host.env['AWS_ENDPOINT_URL'] ?? profile.get('endpoint_url');
}

function tlsOf(settings: RemoteSettings, host: Host, profile: AwsProfile): S3Options['tls'] {
  const said = settings.text('ssl_verify');
  const file = said === undefined || isFlag(said) ? undefined : settings.path('ssl_verify');
  const caFile = file ?? host.env['AWS_CA_BUNDLE'] ?? profile.get('ca_bundle');
  const verify = said === undefined || !isFlag(said) || settings.flag('ssl_verify') === true;
  return { verify, ...(caFile === undefined || caFile === '' ? {} : { caFile }) };
}

function isFlag(text: string): boolean {
  return /^(true|false|yes|no|on|off|1|0)$/i.test(text);
}

function keysOf(settings: RemoteSettings): S3Keys | undefined {
  const accessKeyId = settings.text('access_key_id');
  const secretAccessKey = settings.text('secret_access_key');
  const sessionToken = settings.text('session_token');
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined;
  if (!accessKeyId || !secretAccessKey) {
    const missing = accessKeyId ? 'secret_access_key' : 'access_key_id';
    throw new StrataError('s3.halfKey', { name: settings.name, missing });
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

function extrasOf(settings: RemoteSettings, md5: (bytes: Uint8Array) => string): S3Extras {
  const given = (option: string): boolean => settings.text(option) !== undefined;
  const grant = EXTRAS.map(([option]) => option).find((option) => option.startsWith('grant_') && given(option));
  if (given('acl') && grant !== undefined) throw together(settings, 'acl', grant);
  if (given('sse_customer_key') && given('sse_kms_key_id'))
    throw together(settings, 'sse_customer_key', 'sse_kms_key_id');
  const key = settings.text('sse_customer_key');
  const value = (option: string): string | undefined => {
    if (option === 'sse_customer_algorithm') return settings.text(option) ?? (key === undefined ? undefined : 'AES256');
    if (option === 'md5 of the key') return key === undefined ? undefined : md5(Buffer.from(key, 'base64'));
    return settings.text(option);
  };
  const extras = { put: {}, get: {}, create: {}, customer: {} } as Record<keyof S3Extras, Record<string, string>>;
  for (const [option, header, name, customer] of EXTRAS) {
    const text = value(option);
    if (text === undefined) continue;
    extras.put[header] = text;
    extras.create[name] = text;
    if (customer === undefined) continue;
    extras.get[header] = text;
    extras.customer[name] = text;
  }
  return extras;
}

function together(settings: RemoteSettings, one: string, other: string): StrataError {
  return new StrataError('s3.together', { name: settings.name, one, other });
}

function seconds(settings: RemoteSettings, option: string): number | undefined {
  const text = settings.text(option);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new StrataError('s3.seconds', { name: settings.name, option });
  return value * 1000;
}
