/** A project that stays open: an edited configuration is noticed before the next act, and an act under way keeps what it began with. */
import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { openRepository, type Repository } from '../../../src/engine/library';
import { EngineProject } from '../../support/engineProject';

describe('a project that stays open', () => {
  let project: EngineProject;
  let repository: Repository;
  const config = (): string => project.at('.dvc/config');
  const remotes = async (): Promise<string[]> => {
    const { failed, remote = '' } = await repository.push({ dry: true });
    assert.deepEqual(failed, []);
    return [remote];
  };

  beforeEach(async () => {
    project = await EngineProject.make();
    project.put('data.txt', 'one\n');
    fs.mkdirSync(path.join(project.above, 'first'));
    fs.mkdirSync(path.join(project.above, 'other'));
    fs.writeFileSync(config(), `[core]\n    remote = first\n['remote "first"']\n    url = ../../first\n`);
    repository = await openRepository({ dir: project.root });
    await repository.add({ targets: ['data.txt'] });
  });
  afterEach(async () => {
    await repository.close();
    project.drop();
  });

  it('uses what the configuration says now: another size, the same size, another file', async () => {
    assert.deepEqual(await remotes(), ['first']);
    fs.appendFileSync(config(), `['remote "other"']\n    url = ../../other\n`);
    assert.deepEqual(await remotes(), ['first']);
    fs.writeFileSync(config(), fs.readFileSync(config(), 'utf8').replace('remote = first', 'remote = other'));
    assert.deepEqual(await remotes(), ['other']);
    fs.writeFileSync(project.at('.dvc/config.local'), '[core]\n    remote = first\n');
    assert.deepEqual(await remotes(), ['first']);
    fs.rmSync(project.at('.dvc/config.local'));
    assert.deepEqual(await remotes(), ['other']);
  });

  it('says what is wrong with a broken one, and goes on once it is repaired', async () => {
    const whole = fs.readFileSync(config());
    fs.writeFileSync(config(), '[core');
    await assert.rejects(remotes(), (error: { code?: string }) => /^formats\.config/.test(error.code ?? ''));
    await assert.rejects(repository.dataStatus(), (error: { code?: string }) =>
      /^formats\.config/.test(error.code ?? ''),
    );
    fs.writeFileSync(config(), whole);
    assert.deepEqual(await remotes(), ['first']);
  });

  it('an act under way ends as it began when the configuration is edited meanwhile', async () => {
    for (let n = 0; n < 300; n += 1) project.put(`many/${n}`, `${n}`);
    let looks = 0;
    const edited = new Promise<void>((resolve, reject) => {
      const progress = (): void => {
        looks += 1;
        if (looks !== 1) return;
        fs.writeFileSync(config(), '[core]\n    autostage = false\n');
        repository.dataStatus().then(() => resolve(), reject);
      };
      repository.add({ targets: ['many'] }, { progress }).catch(reject);
    });
    await edited;
    assert.ok(looks > 0);
    const { added } = await repository.add({ targets: ['many'] });
    assert.deepEqual([added[0]?.state, added[0]?.nfiles], ['unchanged', 300]);
    assert.deepEqual((await repository.verify()).bad, []);
  });
});
