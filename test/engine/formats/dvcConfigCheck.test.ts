import assert from 'node:assert/strict';
import { StrataError } from '../../../src/engine/errors';
import { mergeConfigs, parseConfig } from '../../../src/engine/formats/dvcConfig';
import { checkConfig } from '../../../src/engine/formats/dvcConfigCheck';

/** What is wrong with files that are read one after the other: code, line, name; `fine` when nothing is. */
function check(...texts: string[]): unknown {
  try {
    checkConfig(mergeConfigs(texts.map((text, i) => parseConfig(text, `config${i}`))));
  } catch (error) {
    assert.ok(error instanceof StrataError, String(error));
    return [error.code, error.data['path'], error.data['line'], error.data['name']];
  }
  return 'fine';
}

/** A remote with one more setting, in the third line. */
const remote = (url: string, setting = ''): string => `[remote "r"]\nurl = ${url}\n${setting}\n`;

describe('values of the configuration', () => {
  const fine: readonly string[][] = [
    ['', '[core]\n', '[remote "r"]\n', '[feature]\nanything = 1\n'],
    ['[core]\nautostage = TRUE\nno_scm = False\nchecksum_jobs = " 1_0 "\nremote = X\n'],
    ['[cache]\ntype = reflink, hardlink\nshared = GROUP\n'],
    ['[parsing]\nbool = store_true\nlist = APPEND\n'],
    ['[remote "r"]\nurl = ../x\n', '[remote "r"]\njobs = 2\nshared = group\n'],
    ['[core]\nautostage = yes\n', '[core]\nautostage = true\n'],
    [remote('s3://b/x', 'region = x\nuse_ssl = false\nssl_verify = /some/ca.pem\nread_timeout = 3')],
    [remote('ssh://u@h:22/x', 'port = 22\nkeyfile = ~/.ssh/id\nask_password = true\ntype = symlink')],
    [remote('https://h/x', 'auth = Basic\nread_timeout = 0.5\nmethod = PUT')],
    [remote('webdavs://h/x', 'token = x\ntimeout = 30')],
    [remote('gs://b', 'projectname = p')],
    [remote('file:///x', 'shared = group')],
    [remote('remote://other/x', 'whatever = 1')],
    ['[machine "m"]\ncloud = aws\nspot_price = 0.5\nregion = us-west\n'],
    ['[db "m"]\nurl = x\nusername = y\n'],
    ['[hydra]\nenabled = true\nconfig_dir = x\n'],
  ];
  for (const texts of fine) it(`takes ${JSON.stringify(texts)}`, () => assert.equal(check(...texts), 'fine'));

  const wrong: readonly (readonly [string | readonly string[], unknown])[] = [
    ['[core]\n\nautostage = yes\n', ['formats.configBool', 'config0', 3, 'core.autostage']],
    ['[core]\nautostage = true, false\n', ['formats.configBool', 'config0', 2, 'core.autostage']],
    ['[core]\nchecksum_jobs = 0\n', ['formats.configValue', 'config0', 2, 'core.checksum_jobs']],
    ['[core]\nchecksum_jobs = 1.5\n', ['formats.configValue', 'config0', 2, 'core.checksum_jobs']],
    ['[cache]\ntype = copy, magic\n', ['formats.configValue', 'config0', 2, 'cache.type']],
    ['[cache]\nshared = all\n', ['formats.configValue', 'config0', 2, 'cache.shared']],
    ['[cache]\ndir = a, b\n', ['formats.configList', 'config0', 2, 'cache.dir']],
    ['[state]\nrow_cleanup_quota = 101\n', ['formats.configValue', 'config0', 2, 'state.row_cleanup_quota']],
    ['[machine "m"]\ncloud = mars\n', ['formats.configValue', 'config0', 2, 'machine.m.cloud']],
    ['[machine "m"]\nspot_price = x\n', ['formats.configValue', 'config0', 2, 'machine.m.spot_price']],
    ['[hydra]\nconfig_dir = x\nconfig_module = y\n', ['formats.configBoth', 'config0', 3, 'hydra.config_module']],
    ['[remote "r"]\njobs = 2\n', ['formats.configNoUrl', 'config0', 2, 'r']],
    [
      ['[remote "r"]\nurl = s3://b/x\nregion = x\n', '[remote "r"]\nurl = ../folder\n'],
      ['formats.configUnknown', 'config0', 3, 'remote.r.region'],
    ],
    [remote('nope://h/x'), ['formats.configScheme', 'config0', 2, 'r']],
    [remote('file://host/x'), ['formats.configScheme', 'config0', 2, 'r']],
    [remote('s3://b/x', 'port = 1'), ['formats.configUnknown', 'config0', 3, 'remote.r.port']],
    [remote('s3://b/x', 'jobs = -1'), ['formats.configValue', 'config0', 3, 'remote.r.jobs']],
    [remote('s3://b/x', 'use_ssl = 1'), ['formats.configBool', 'config0', 3, 'remote.r.use_ssl']],
    [remote('s3://b/x', 'cache_regions = true'), ['formats.configValue', 'config0', 3, 'remote.r.cache_regions']],
    [remote('http://h/x', 'auth = none'), ['formats.configValue', 'config0', 3, 'remote.r.auth']],
    [remote('http://h/x', 'read_timeout = -1'), ['formats.configValue', 'config0', 3, 'remote.r.read_timeout']],
    [remote('ssh://h/x', 'port = ssh'), ['formats.configValue', 'config0', 3, 'remote.r.port']],
    [remote('a, b'), ['formats.configList', 'config0', 2, 'remote.r.url']],
  ];
  for (const [texts, expected] of wrong)
    it(`refuses ${JSON.stringify(texts)}`, () =>
      assert.deepEqual(typeof texts === 'string' ? check(texts) : check(...texts), expected));
});
