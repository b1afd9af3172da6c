import { tell, type Step } from './scenario';

const STORIES: Readonly<Record<string, readonly Step[]>> = {
  'writes settings as DVC does': [
    { verb: 'remote.add', targets: ['myRemote', '../rem'], options: { default: true } },
    { verb: 'remote.add', targets: ['s3r', 's3://bkt/path'] },
    { verb: 'remote.modify', targets: ['s3r', 'endpointurl', 'http://x:9'] },
    { verb: 'config', targets: ['cache.type', 'reflink,copy'] },
    {
      files: {
        '.dvc/config':
          '[core]\n    remote = myremote\n[cache]\n    type = "reflink,copy"\n' +
          '[\'remote "myremote"\']\n    url = ../../rem\n[\'remote "s3r"\']\n    url = s3://bkt/path\n    endpointurl = http://x:9\n',
      },
    },
    { verb: 'config', targets: ['core.remote'], gives: { lines: ['myremote'] } },
    { verb: 'remote.default', gives: { lines: ['myremote'] } },
    { verb: 'remote.remove', targets: ['myremote'] },
    {
      files: {
        '.dvc/config':
          '[cache]\n    type = "reflink,copy"\n[\'remote "s3r"\']\n    url = s3://bkt/path\n    endpointurl = http://x:9\n',
      },
    },
  ],
  'a closer file shadows': [
    { verb: 'config', targets: ['core.autostage', 'true'] },
    { verb: 'config', targets: ['core.autostage', 'false'], options: { local: true } },
    { verb: 'config', targets: ['core.autostage'], gives: { lines: ['false'] } },
    { verb: 'config', targets: ['core.autostage'], options: { project: true }, gives: { lines: ['true'] } },
    { verb: 'config', options: { list: true, project: true }, gives: { lines: ['core.autostage=true'] } },
    { verb: 'config', targets: ['core.autostage'], options: { unset: true, local: true } },
    { verb: 'config', targets: ['core.autostage'], gives: { lines: ['true'] } },
  ],
  'a renamed remote keeps its comments, and defaults follow it': [
    {
      write: {
        '.dvc/config':
          '[\'remote "a"\'] # mine\n    url = ../a # here\n    jobs = 2\n[\'remote "b"\']\n    url = s3://b/c\n',
      },
    },
    { verb: 'remote.default', targets: ['a'] },
    { verb: 'remote.default', targets: ['a'], options: { local: true } },
    { verb: 'remote.rename', targets: ['A', 'main'] },
    {
      files: {
        '.dvc/config':
          '[core]\n    remote = main\n[\'remote "b"\']\n    url = s3://b/c\n[\'remote "main"\'] # mine\n    url = ../a # here\n    jobs = 2\n',
        '.dvc/config.local': '[core]\n    remote = main\n',
      },
    },
    {
      verb: 'config',
      targets: ['core.remote'],
      options: { showOrigin: true },
      gives: { lines: ['.dvc/config.local\tmain'] },
    },
    {
      verb: 'config',
      options: { list: true, showOrigin: true, local: true },
      gives: { lines: ['.dvc/config.local\tcore.remote=main'] },
    },
  ],
  'refuses what DVC would refuse': [
    { verb: 'config', targets: ['core.nope', '1'], fails: 'config.unknown' },
    { verb: 'config', targets: ['nope.x', '1'], fails: 'config.unknown' },
    { verb: 'config', targets: ['core.autostage', 'yes'], fails: 'config.notBool' },
    { verb: 'config', targets: ['core.checksum_jobs', '0'], fails: 'config.badValue' },
    { verb: 'config', targets: ['cache.type', 'copy,magic'], fails: 'config.badValue' },
    { verb: 'config', targets: ['core.remote'], gives: { lines: [] } },
    { verb: 'config', targets: ['core.remote'], options: { local: true }, fails: 'config.notSet' },
    {
      verb: 'config',
      targets: ['core.remote', 'x'],
      options: { local: true, project: true },
      fails: 'config.twoLevels',
    },
    { verb: 'config', targets: ['studio.token', 'a\'\'\'b"""'], fails: 'config.cannotQuote' },
    { verb: 'config', targets: ['studio.token', 'a%(nope)s'], fails: 'formats.configRefers' },
    { verb: 'config', targets: ['core'], fails: 'config.badName' },
    { verb: 'remote.add', targets: ['r', '../rem'] },
    { verb: 'remote.add', targets: ['R', '../rem'], fails: 'config.remoteExists' },
    { verb: 'remote.add', targets: ['R', '../rem2'], options: { force: true } },
    { verb: 'remote.modify', targets: ['nope', 'url', 'x'], fails: 'remotes.unknown' },
    { verb: 'remote.modify', targets: ['r', 'region', 'x'], fails: 'config.unknown' },
    { verb: 'remote.modify', targets: ['r', 'jobs', 'x'], fails: 'config.badValue' },
    { verb: 'remote.modify', targets: ['r', 'url'], options: { unset: true }, fails: 'config.needsUrl' },
    { verb: 'remote.add', targets: ['s', 'nope://host/x'], fails: 'config.badScheme' },
    { verb: 'remote.rename', targets: ['nope', 'x'], fails: 'remotes.unknown' },
    { verb: 'remote.rename', targets: ['r', 'R'], fails: 'config.remoteExists' },
    { verb: 'remote.rename', targets: ['r', 'x'], options: { local: true }, fails: 'remotes.unknown' },
    { verb: 'remote.default', targets: ['nope'], fails: 'remotes.unknown' },
    { verb: 'remote.default', fails: 'remotes.none' },
  ],
};

describe('config and remote', () => {
  for (const [name, steps] of Object.entries(STORIES)) it(name, () => tell(steps));
});
