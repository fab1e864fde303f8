import { setTimeout as sleep } from 'node:timers/promises';
import { connectEngine, type Engine } from '../../containers/docker/engine.ts';
import { ensureImage } from '../../containers/docker/images/ensure-image.ts';
import { forget } from '../../containers/docker/images/images-folder.ts';
import { neverAborted } from '../../harness/interruption.ts';
import { preparePins } from '../../harness/prepare-pins.ts';
import type { Ground } from '../../harness/soak/campaign-process.ts';
import { leftInEngine } from '../../harness/soak/left-in-engine.ts';
import { lingerLimitMs } from '../../harness/soak/marked-processes.ts';
import type { Part } from '../../harness/soak/parts.ts';
import { loadCatalogue } from '../../matrices/catalogue.ts';
import { loadMatrix } from '../../matrices/matrix.ts';
import type { Lock } from '../../matrices/pin.ts';
import { say } from '../say.ts';
import type { Setting } from './setting.ts';

/** In containers, on images of this base. */
export const inContainers = (baseImage: string): Setting => ({
  words: ['--executor', 'docker', '--base-image', baseImage],
  hasProbes: false,
  file: 'SOAK-containers.md',
  text:
    'Its cells run in containers. Before each round the last stage of its image is removed, so `importing` is to install ' +
    'PEFT and to build that stage, then to create a container, to start it and to import in it; `reporting` begins with ' +
    'removing it. Nothing may be left in the container engine either: no container, no volume, no network.',
  prepare: async (ground) => removeImages(await connectEngine(), await locksOf(ground), baseImage),
  refine: (parts) => parts.flatMap((part) => (part.name === 'importing' ? [startOf(part), part] : [part])),
  left: leftAfterAll,
});

/** Their last stages: without them there is something to build, and yet it takes seconds. */
const removeImages = async (engine: Engine, locks: readonly Lock[], baseImage: string): Promise<void> => {
  for (const lock of locks) {
    const image = await ensureImage(engine, lock, { baseImage }, { onStep: say, onWarning: say }, neverAborted);
    await engine.getImage(image.tag).remove({ force: true });
    await forget(image.id);
  }
};

const locksOf = async ({ matrix, results }: Ground): Promise<readonly Lock[]> => {
  const options = { matrixPath: matrix, resultsPath: results, onEvent: () => {}, signal: neverAborted };
  const pins = await preparePins(await loadMatrix(matrix, await loadCatalogue()), options);
  return pins.flatMap((pin) =>
    pin.kind === 'resolved' && pin.pin.source.kind === 'lock' ? [pin.pin.source.lock] : [],
  );
};

/** A container is created and started in the first half second; importing takes many times that. */
const startOf = (importing: Part): Part => ({ ...importing, name: 'starting a container', ms: 500 });

/** Containers of a run that was killed may outlive it for as long as its processes. */
const leftAfterAll = async (): Promise<readonly string[]> => {
  const began = performance.now();
  for (;;) {
    const left = await leftInEngine();
    if (left.length === 0 || performance.now() - began >= lingerLimitMs) {
      return left.map((one) => `left in the engine: ${one}`);
    }
    await sleep(50);
  }
};
