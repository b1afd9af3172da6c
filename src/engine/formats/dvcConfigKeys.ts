/**
 * What DVC's configuration may hold (dvc.md §2): sections, their keys and the kind of value of each, obsolete ones included. Which keys a remote
 * may have depends on its URL.
 */

/**
 * Kinds of values: `flag` is `true` or `false` in any case; `count` a whole number from 1; `seconds` a number from 0; `links` a list of ways to
 * link; a list the words that are allowed; `none` can be set by no file, since DVC wants another type than text.
 */
export type ConfigKind =
  | 'text'
  | 'flag'
  | 'flagOrText'
  | 'count'
  | 'integer'
  | 'number'
  | 'seconds'
  | 'percent'
  | 'links'
  | 'none'
  | readonly string[];

/** Kinds by key. */
export type ConfigKeys = ReadonlyMap<string, ConfigKind>;

/** The ways to link that `links` may name. */
export const LINK_WORDS: readonly string[] = ['reflink', 'hardlink', 'symlink', 'copy'];

const LOCAL: [ConfigKind, string][] = [
  ['links', 'type'],
  ['flag', 'protected slow_link_warning verify'],
  [['group'], 'shared'],
];
const REMOTE: [ConfigKind, string][] = [
  ['text', 'url'],
  ['count', 'checksum_jobs jobs'],
  ['flag', 'worktree no_traverse version_aware'],
];
const HTTP: [ConfigKind, string][] = [
  ...REMOTE,
  [['basic', 'digest', 'custom'], 'auth'],
  ['text', 'custom_auth_header user password method'],
  ['flag', 'ask_password verify'],
  ['flagOrText', 'ssl_verify'],
  ['seconds', 'connect_timeout read_timeout'],
];
const WEBDAV: [ConfigKind, string][] = [
  ...REMOTE,
  ['text', 'user password token bearer_token_command custom_auth_header cert_path key_path'],
  ['flag', 'ask_password verify'],
  ['flagOrText', 'ssl_verify'],
  ['integer', 'timeout'],
];

/** Keys by section. Those of a remote are in {@link REMOTE_KEYS}; a section that is known but in neither may hold any key. */
export const CONFIG_KEYS: ReadonlyMap<string, ConfigKeys> = new Map(
  Object.entries({
    core: keys(
      ['text', 'remote site_cache_dir machine'],
      ['count', 'checksum_jobs'],
      ['flag', 'interactive analytics hardlink_lock no_scm autostage experiments check_update'],
    ),
    cache: keys(['text', 'local s3 gs hdfs webhdfs ssh azure dir'], ...LOCAL),
    state: keys(['text', 'dir'], ['count', 'row_limit'], ['percent', 'row_cleanup_quota']),
    index: keys(['text', 'dir']),
    plots: keys(['text', 'html_template out_dir'], ['flag', 'auto_open']),
    exp: keys(['text', 'code data models metrics params plots live git_remote'], ['flag', 'auto_push']),
    parsing: keys([['store_true', 'boolean_optional'], 'bool'], [['nargs', 'append'], 'list']),
    hydra: keys(['text', 'config_dir config_module config_name plugins_path'], ['flag', 'enabled']),
    studio: keys(['text', 'token url repo_url'], ['flag', 'offline']),
    db: keys(['text', 'url username password']),
    machine: keys(
      ['text', 'image instance_type instance_gpu ssh_private startup_script setup_script'],
      [['aws', 'azure'], 'cloud'],
      [['us-west', 'us-east', 'eu-west', 'eu-north'], 'region'],
      ['flag', 'spot'],
      ['number', 'spot_price'],
      ['integer', 'instance_hdd_size'],
    ),
  }),
);

/** Sections without a name of their own. */
export const CONFIG_SECTIONS: ReadonlySet<string> = new Set([...CONFIG_KEYS.keys(), 'feature', 'remote']);

/** Keys of a remote by the scheme of its URL, empty for a folder. A remote that stands on another (`remote://`) may hold any. */
export const REMOTE_KEYS: ReadonlyMap<string, ConfigKeys> = new Map(
  Object.entries({
    '': keys(...REMOTE, ...LOCAL),
    s3: keys(
      ...REMOTE,
      ['text', 'region profile credentialpath configpath endpointurl access_key_id secret_access_key session_token'],
      ['text', 'sse sse_kms_key_id sse_customer_algorithm sse_customer_key acl'],
      ['text', 'grant_read grant_read_acp grant_write_acp grant_full_control'],
      ['flag', 'listobjects use_ssl allow_anonymous_login verify'],
      ['flagOrText', 'ssl_verify'],
      ['none', 'cache_regions'],
      ['integer', 'read_timeout connect_timeout'],
    ),
    gs: keys(...REMOTE, ['text', 'projectname credentialpath endpointurl'], ['flag', 'verify allow_anonymous_login']),
    ssh: keys(
      ...REMOTE,
      ['links', 'type'],
      ['integer', 'port timeout max_sessions'],
      ['text', 'user password passphrase keyfile'],
      ['flag', 'ask_password ask_passphrase gss_auth allow_agent verify'],
    ),
    hdfs: keys(...REMOTE, ['text', 'user kerb_ticket'], ['none', 'replication']),
    webhdfs: keys(
      ...REMOTE,
      ['text', 'kerberos_principal proxy_to token user password data_proxy_target'],
      ['flag', 'kerberos use_https verify'],
      ['flagOrText', 'ssl_verify'],
    ),
    azure: keys(
      ...REMOTE,
      ['text', 'connection_string sas_token account_name account_key tenant_id client_id client_secret'],
      ['flag', 'allow_anonymous_login exclude_environment_credential exclude_visual_studio_code_credential'],
      ['flag', 'exclude_shared_token_cache_credential exclude_managed_identity_credential verify'],
      ['integer', 'timeout read_timeout connection_timeout'],
    ),
    oss: keys(...REMOTE, ['text', 'oss_key_id oss_key_secret oss_endpoint'], ['flag', 'verify']),
    gdrive: keys(
      ...REMOTE,
      ['text', 'profile gdrive_client_id gdrive_client_secret gdrive_user_credentials_file'],
      ['text', 'gdrive_service_account_user_email gdrive_service_account_json_file_path'],
      ['flag', 'gdrive_use_service_account gdrive_trash_only gdrive_acknowledge_abuse verify'],
    ),
    http: keys(...HTTP),
    https: keys(...HTTP),
    webdav: keys(...WEBDAV),
    webdavs: keys(...WEBDAV),
  }),
);

function keys(...rows: readonly [ConfigKind, string][]): ConfigKeys {
  return new Map(rows.flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind])));
}

const REMOTE_PATHS = new Set(
  [
    'url gdrive_user_credentials_file gdrive_service_account_json_file_path',
    'credentialpath configpath keyfile cert_path key_path',
  ].flatMap((names) => names.split(' ')),
);
const MACHINE_PATHS = new Set(['startup_script', 'setup_script']);

/** True for a value that is a path, or a URL, and when relative starts at the folder of its file. */
export function isPathKey(section: string, key: string): boolean {
  if (section.startsWith('remote.')) return REMOTE_PATHS.has(key);
  if (section.startsWith('machine.')) return MACHINE_PATHS.has(key);
  return section === 'cache' && key === 'dir';
}
