/**
 * One bucket at one endpoint: keys, region, connections, patience. Requests about single objects are signed and sent here; what is rare and
 * answered in XML (lists, parts, deletes) goes through the SDK's client over the same connections.
 */

import { withoutEnd } from '../../base/trim';
import { setMaxListeners } from 'node:events';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';
import { fromEnv, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { type Call } from '../../base/cancel';
import { fsError, is } from '../errors';
import { type Host } from '../host/host';
import { Gate } from './gate';
import { patienceOf, Retry, type Attempt, type Patience } from './retry';
import { S3Asker } from './s3Ask';
import { answerOf, explain, isTooMuch, s3MayPass, type S3Answer, type S3Target } from './s3Errors';
import { type S3Keys, type S3Options } from './s3Options';
import { encodeS3, S3Signer } from './s3Sign';
import { exchange, type WireAnswer, type WireRequest } from './s3Wire';

/** At most so many requests at once, unless the configuration says how many. */
export const MOST_REQUESTS = 32;

/** Typed keys that end so are asked for again; an answer without a body does not say what is wrong with them. */
const REFUSED = new Set(['s3.unknownKey', 's3.wrongSecret', 's3.denied']);

/** Finds keys; called for every request, keeps them until they expire. */
type Provider = () => Promise<S3Keys>;

/** Where the bucket answers. */
interface Address {
  readonly url: URL;
  /** The path before a key, encoded, without a slash at its end. */
  readonly path: string;
}

/** A connection to a bucket. */
export class S3Place {
  readonly client: S3Client;
  readonly target: S3Target;
  private readonly gate: Gate;
  private readonly retry: Retry;
  private readonly agents: { readonly httpAgent: http.Agent; readonly httpsAgent: https.Agent };
  private readonly signer = new S3Signer();
  private readonly provider: Provider;
  private readonly asker: S3Asker;
  private readonly known = new WeakSet<AbortSignal>();
  private region: string;
  private address: Address | undefined;

  constructor(
    readonly options: S3Options,
    private readonly host: Host,
    ask: Call['ask'],
    change: Partial<Patience> = {},
  ) {
    this.region = options.region ?? 'us-east-1';
    this.agents = agentsOf(options.tls);
    const found = providerOf(options, host);
    this.asker = new S3Asker(host, options, ask);
    this.provider = () => (this.asker.keys ? Promise.resolve(this.asker.keys) : found());
    this.client = this.makeClient();
    this.target = { ...options, endpoint: this.where().url.origin };
    this.gate = new Gate(options.jobs, MOST_REQUESTS, () => host.now());
    const idleMs = options.readMs === undefined ? {} : { idleMs: options.readMs };
    const patience = patienceOf(host, { ...idleMs, ...change });
    this.retry = new Retry(options.url, patience, (error) => s3MayPass(error, host.now()));
  }

  /** The object of a key. */
  object(key: string): string {
    const { prefix } = this.options;
    return prefix === '' ? key : `${prefix}/${key}`;
  }

  /**
   * Does something that sends one request: when there is a place for it, again when it failed in a way that may pass. Fails with errors of
   * ours only; `key` is for their facts.
   */
  async does<T>(signal: AbortSignal, act: (attempt: Attempt) => Promise<T>, key?: string): Promise<T> {
    if (!this.known.has(signal)) {
      this.known.add(signal);
      setMaxListeners(0, signal);
    }
    try {
      // Whoever types may take their time: that is no silence of the server.
      await this.asker.ready(this.provider);
      return await this.gate.run(signal, () =>
        this.retry.run(signal, (attempt) =>
          act(attempt).catch((error: unknown) => {
            if (isTooMuch(error)) this.gate.less();
            throw error as Error;
          }),
        ),
      );
    } catch (error) {
      const explained = explain(error, this.target, this.host.now(), key);
      if (is(explained) && REFUSED.has(explained.code)) this.asker.forget();
      throw explained;
    }
  }

  /** Counts bytes for the number of requests at once. */
  moved(bytes: number): void {
    this.gate.moved(bytes);
  }

  /** Sends one request about an object once; a bucket of another region is followed there. Rejects with S3Answer unless the status is 2xx. */
  async request(key: string, request: WireRequest): Promise<WireAnswer> {
    try {
      return await this.send(key, request);
    } catch (error) {
      const region = otherRegion(answerOf(error));
      if (region === undefined || region === this.region) throw error;
      this.region = region;
      this.address = undefined;
      return this.send(key, request);
    }
  }

  /** Ends connections. */
  close(): void {
    this.client.destroy();
    this.agents.httpAgent.destroy();
    this.agents.httpsAgent.destroy();
  }

  private async send(key: string, request: WireRequest): Promise<WireAnswer> {
    const { url, path } = this.where();
    const full = `${path}/${encodeS3(this.object(key))}`;
    const { method, query = '', bodyHash, headers = {} } = request;
    const plain: Record<string, string> = { ...headers, host: url.host };
    const { range, 'if-match': match, ...signed } = plain;
    const keys = this.options.anonymous ? undefined : await this.provider();
    const all = keys
      ? this.signer.sign({ method, path: full, query, headers: signed, bodyHash }, keys, this.region, this.host.now())
      : { ...signed };
    if (range !== undefined) all['range'] = range;
    if (match !== undefined) all['if-match'] = match;
    const secure = url.protocol === 'https:';
    return exchange(request, {
      module: secure ? https : http,
      connectMs: this.options.connectMs,
      options: {
        agent: secure ? this.agents.httpsAgent : this.agents.httpAgent,
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        path: query === '' ? full : `${full}?${query}`,
        method,
        headers: all,
      },
    });
  }

  private where(): Address {
    if (this.address) return this.address;
    const { bucket, endpoint, pathStyle } = this.options;
    const { url } = this.client.config.endpointProvider({
      Bucket: bucket,
      Region: this.region,
      ForcePathStyle: pathStyle,
      UseFIPS: false,
      UseDualStack: false,
      Accelerate: false,
      UseGlobalEndpoint: false,
      DisableMultiRegionAccessPoints: false,
      ...(endpoint === undefined ? {} : { Endpoint: endpoint }),
    });
    this.address = { url, path: withoutEnd(url.pathname, '/') };
    return this.address;
  }

  private makeClient(): S3Client {
    const { endpoint, pathStyle, anonymous, connectMs } = this.options;
    const silent = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
    const before = process.env[silent];
    process.env[silent] = 'true';
    try {
      return new S3Client({
        region: () => Promise.resolve(this.region),
        ...(endpoint === undefined ? {} : { endpoint }),
        forcePathStyle: pathStyle,
        followRegionRedirects: true,
        // The sums that the SDK adds by itself spoil objects on servers that do not know its way of sending them.
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
        maxAttempts: 1,
        credentials: this.provider,
        ...(anonymous ? { signer: { sign: (request) => Promise.resolve(request) } } : {}),
        requestHandler: { ...this.agents, ...(connectMs === undefined ? {} : { connectionTimeout: connectMs }) },
      });
    } finally {
      if (before === undefined) delete process.env[silent];
      else process.env[silent] = before;
    }
  }
}

function agentsOf({ verify, caFile }: S3Options['tls']): { httpAgent: http.Agent; httpsAgent: https.Agent } {
  const common = { keepAlive: true, maxFreeSockets: MOST_REQUESTS * 2, scheduling: 'lifo' } as const;
  let ca: Buffer | undefined;
  try {
    if (verify && caFile !== undefined) ca = fs.readFileSync(caFile);
  } catch (error) {
    throw fsError(error, caFile ?? '');
  }
  const tls = { rejectUnauthorized: verify, ...(ca === undefined ? {} : { ca }) };
  return { httpAgent: new http.Agent(common), httpsAgent: new https.Agent({ ...common, ...tls }) };
}

/** Keys from the configuration, from the environment, else from the chain: profiles, roles, single sign-on, the machine's own. */
function providerOf(options: S3Options, host: Host): Provider {
  const { anonymous, keys, profile, credentialsFile, configFile } = options;
  if (anonymous) return () => Promise.resolve({ accessKeyId: 'anonymous', secretAccessKey: 'anonymous' });
  if (keys) return () => Promise.resolve(keys);
  const inEnvironment = host.env['AWS_ACCESS_KEY_ID'] && host.env['AWS_SECRET_ACCESS_KEY'];
  if (profile === undefined && inEnvironment) return keeping(fromEnv(), host);
  const chain = fromNodeProviderChain({
    ...(profile === undefined ? {} : { profile }),
    ...(credentialsFile === undefined ? {} : { filepath: credentialsFile }),
    ...(configFile === undefined ? {} : { configFilepath: configFile }),
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  return keeping(chain, host);
}

function quiet(): void {
  // The chain tells what it tries; nobody asked.
}

/** Keeps keys until five minutes before they expire; many who ask at once wait for one answer. */
function keeping(provider: () => Promise<S3Keys & { readonly expiration?: Date }>, host: Host): Provider {
  let current: Promise<S3Keys & { readonly expiration?: Date }> | undefined;
  let until = 0;
  return () => {
    if (current && host.now() < until) return current;
    until = Infinity;
    current = provider().then(
      (keys) => {
        if (keys.expiration) until = keys.expiration.getTime() - 300_000;
        return keys;
      },
      (error: unknown) => {
        current = undefined;
        throw error as Error;
      },
    );
    return current;
  };
}

/** The region that an answer names instead of the one that was asked. */
function otherRegion(answer: S3Answer | undefined): string | undefined {
  const named = answer?.headers['x-amz-bucket-region'];
  if (!answer || named === undefined || !/^[a-z0-9-]{1,40}$/.test(named)) return undefined;
  return [301, 307, 400, 403].includes(answer.status) ? named : undefined;
}
