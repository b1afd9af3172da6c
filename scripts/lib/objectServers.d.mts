/** Types of objectServers.mjs, for tests. */

export declare const s3Keys: { readonly accessKeyId: string; readonly secretAccessKey: string };
export declare const s3Bucket: string;

/** A server that was started. */
export interface ObjectServer {
  readonly endpoint: string;
  stop(): Promise<void>;
}

export declare function startSeaweed(): Promise<ObjectServer>;
export declare function startRcloneS3(): Promise<ObjectServer>;
