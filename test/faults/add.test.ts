import * as assert from 'node:assert/strict';
import { crash, dropScene, whyNot, type Scene } from './crashpoints';
import { addScene } from './scenes';

const reason = whyNot();

describe(`add under faults${reason === undefined ? '' : ` (left out: ${reason})`}`, function () {
  this.timeout(3_600_000);
  let scene: Scene | undefined;
  before(function () {
    if (reason !== undefined) this.skip();
    scene = addScene();
  });
  after(() => dropScene(scene));

  const run = (mode: string, ...options: string[]): number => {
    assert.ok(scene);
    return crash(scene, mode, options);
  };

  it('killed at any point it leaves whole objects and pointers, and finishes when repeated', () => {
    assert.ok(run('kill', '--max', '12') >= 12);
  });

  it('syncs everything before it is visible', () => {
    assert.ok(run('lint') > 12);
  });

  it('survives a power cut at any point', () => {
    assert.ok(run('powercut', '--max', '3') >= 10);
  });

  it('says so when a call fails, and leaves the state before', () => {
    assert.ok(run('error', '--max', '5', '--errors', 'EIO,ENOSPC') >= 8);
  });
});
