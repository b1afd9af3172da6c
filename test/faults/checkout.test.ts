import * as assert from 'node:assert/strict';
import { crash, dropScene, whyNot, type Scene } from './crashpoints';
import { checkoutScene } from './scenes';

const reason = whyNot();

describe(`checkout under faults${reason === undefined ? '' : ` (left out: ${reason})`}`, function () {
  this.timeout(3_600_000);
  let scene: Scene | undefined;
  before(function () {
    if (reason !== undefined) this.skip();
    scene = checkoutScene();
  });
  after(() => dropScene(scene));

  const run = (mode: string, ...options: string[]): number => {
    assert.ok(scene);
    return crash(scene, mode, options);
  };

  it('killed at any point it leaves each file old or new, never absent, and finishes when repeated', () => {
    assert.ok(run('kill', '--max', '12') >= 12);
  });

  it('syncs everything before it is visible', () => {
    assert.ok(run('lint') > 8);
  });

  it('survives a power cut at any point', () => {
    assert.ok(run('powercut', '--max', '3') >= 5);
  });
});
