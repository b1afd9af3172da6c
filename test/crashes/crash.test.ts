import * as assert from 'node:assert/strict';
import { crash, dropScene, SOAK, whyNot, type Scene } from '../faults/crashpoints';
import { addNew, OPERATIONS, TEN } from '../faults/scenes';

const reason = whyNot();
const left = reason === undefined ? '' : ` (left out: ${reason})`;

/** Runs the tool on a scene that is made and removed here. */
async function onScene(make: () => Scene, act: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = make();
  try {
    await act(scene);
  } finally {
    dropScene(scene);
  }
}

describe(`crashes${left}`, function () {
  this.timeout(3_600_000);
  before(function () {
    if (reason !== undefined) this.skip();
  });

  for (const [name, make] of Object.entries(SOAK ? OPERATIONS : TEN)) {
    it(`R1 ${name}, killed at any point: objects and pointers whole, the same again finishes, DVC agrees`, () =>
      onScene(make, async (scene) => {
        assert.ok((await crash(scene, 'kill', ['--max', '9'])) >= 8);
        if (SOAK) assert.ok((await crash(scene, 'kill', ['--env', 'UV_THREADPOOL_SIZE=4'])) >= 8);
      }));

    it(`R2 ${name} syncs everything before it is visible`, () =>
      onScene(make, async (scene) => {
        // What only deletes makes nothing visible that could be counted.
        assert.ok((await crash(scene, 'lint')) >= (name === 'gc' ? 0 : 1));
        if (!SOAK) return;
        assert.ok((await crash(scene, 'powercut')) > 0);
        assert.ok((await crash(scene, 'powercut', ['--fs', 'ext4'])) > 0);
      }));
  }

  it('R2 add survives a power cut at any point, also after its exit', () =>
    onScene(addNew, async (scene) => {
      assert.ok((await crash(scene, 'powercut')) >= 20);
    }));
});

describe(`errors of the system${left}`, function () {
  this.timeout(3_600_000);
  before(function () {
    if (reason !== undefined) this.skip();
  });

  it('E1 add says so when any call fails, in four ways, and leaves a whole state', () =>
    onScene(addNew, async (scene) => {
      assert.ok((await crash(scene, 'error', ['--errors', 'EIO,ENOSPC,EACCES,EMFILE', '--max', '12'])) >= 40);
    }));

  for (const [name, make] of Object.entries(SOAK ? OPERATIONS : {})) {
    it(`E1 ${name}, every call failing in six ways`, () =>
      onScene(make, async (scene) => {
        assert.ok((await crash(scene, 'error', ['--errors', 'EIO,'])) > 0);
      }));
  }
});
