/** An S3 remote as the configuration would give it, and a look behind its back with the SDK's own client. */

import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { s3Bucket, s3Keys } from '../../scripts/lib/objectServers.mjs';
import { type RemoteSettings } from '../../src/engine/remotes/remotes';

/** Settings of a remote by DVC's option names. */
export function s3Settings(url: string, options: Readonly<Record<string, string>>): RemoteSettings {
  const { jobs, ...rest } = options;
  const text = (option: string): string | undefined => rest[option];
  return {
    name: 'cloud',
    url,
    jobs: jobs === undefined ? undefined : Number(jobs),
    text,
    flag: (option) => (text(option) === undefined ? undefined : text(option) === 'true'),
    path: text,
  };
}

/** The options that reach a server of the tests. */
export function reaching(endpoint: string): Record<string, string> {
  return {
    endpointurl: endpoint,
    region: 'us-east-1',
    access_key_id: s3Keys.accessKeyId,
    secret_access_key: s3Keys.secretAccessKey,
  };
}

/** The bucket of a server as anyone else sees it. */
export class Bucket {
  private readonly client: S3Client;

  constructor(endpoint: string) {
    process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
    this.client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: s3Keys,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async put(Key: string, bytes: Uint8Array): Promise<void> {
    await this.client.send(new PutObjectCommand({ Bucket: s3Bucket, Key, Body: bytes }));
  }

  async get(Key: string): Promise<Uint8Array | undefined> {
    try {
      const { Body } = await this.client.send(new GetObjectCommand({ Bucket: s3Bucket, Key }));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  /** Names below a folder, without it, sorted; objects only. */
  async keys(folder: string): Promise<string[]> {
    const found: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const after = ContinuationToken === undefined ? {} : { ContinuationToken };
      const page = await this.client.send(
        new ListObjectsV2Command({ Bucket: s3Bucket, Prefix: `${folder}/`, ...after }),
      );
      found.push(...(page.Contents ?? []).map(({ Key = '' }) => Key.slice(folder.length + 1)));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return found.sort();
  }

  /** Names of unfinished uploads below a folder. */
  async unfinished(folder: string): Promise<string[]> {
    const command = new ListMultipartUploadsCommand({ Bucket: s3Bucket, Prefix: `${folder}/` });
    return ((await this.client.send(command)).Uploads ?? []).map(({ Key = '' }) => Key);
  }

  async remove(Key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: s3Bucket, Key }));
  }

  close(): void {
    this.client.destroy();
  }
}
