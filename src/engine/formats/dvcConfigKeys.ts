/**
 * The sections and keys that DVC's configuration may hold (dvc.md §2), obsolete ones included. Keys of `remote` sections depend on the kind of
 * remote and are not checked here.
 */

/** Keys by section. A section that is known but not in this map may hold any key. */
export const CONFIG_KEYS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    core: 'remote checksum_jobs interactive analytics hardlink_lock no_scm autostage experiments check_update site_cache_dir machine',
    cache: 'local s3 gs hdfs webhdfs ssh azure dir type protected shared slow_link_warning verify',
    state: 'dir row_limit row_cleanup_quota',
    index: 'dir',
    plots: 'html_template auto_open out_dir',
    exp: 'code data models metrics params plots live auto_push git_remote',
    parsing: 'bool list',
    hydra: 'enabled config_dir config_module config_name plugins_path',
    studio: 'token url repo_url offline',
    db: 'url username password',
    machine:
      'cloud region image spot spot_price instance_hdd_size instance_type instance_gpu ssh_private startup_script setup_script',
  }).map(([section, keys]) => [section, new Set(keys.split(' '))]),
);

/** Sections without a name of their own. */
export const CONFIG_SECTIONS: ReadonlySet<string> = new Set([...CONFIG_KEYS.keys(), 'feature', 'remote']);
