import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localExecutor } from '../containers/local/local-executor.ts';
import { checkpointFilesSchema } from '../containers/cell-request.ts';
import { loadCatalogue } from '../matrices/catalogue.ts';
import { readLock } from '../matrices/lock.ts';
import { normalise } from '../matrices/normalise.ts';
import { checkpointCrossesReleases } from '../properties/checkpoint-crosses-releases.ts';
import { askCell } from './ask-cell.ts';
import { nextOlderRelease } from './baseline.ts';
import { firstAttempt, type ReadyPin } from './cell.ts';
import { checkpointsIn } from './checkpoints.ts';
import { neverAborted } from './interruption.ts';
import { judgeConfig, type Judged } from './judge-config.ts';
import type { Laboratory } from './laboratory.ts';
import { Ledger } from './ledger.ts';
import { openLaboratory, type OpenLaboratory } from './open-laboratory.ts';
import { readyPin } from './ready-pins.ts';

// Real cells of two releases of PEFT, as matrices/quick.yaml pins them.

const catalogue = await loadCatalogue();
const lora = normalise(catalogue.axes, { adapter: 'lora' });

let folder: string;
let ledger: Ledger;
let open: OpenLaboratory;
let older: ReadyPin;
let newer: ReadyPin;
let laboratory: Laboratory;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossing-'));
  ledger = new Ledger(':memory:');
  const stop = neverAborted;
  const checkpoints = checkpointsIn(folder);
  open = openLaboratory({
    catalogue,
    executor: localExecutor(),
    ledger,
    checkpoints,
    onEvent: () => {},
    stop,
    abort: stop,
  });
  older = await ready('0.20.0');
  newer = await ready('0.21.2');
  laboratory = { ...open.laboratory, baselineOf: nextOlderRelease([newer, older]) };
});
afterEach(async () => {
  await open[Symbol.asyncDispose]();
  ledger[Symbol.dispose]();
  await rm(folder, { recursive: true });
});

const ready = async (peft: string): Promise<ReadyPin> => {
  const lock = await readLock(join(import.meta.dirname, `../matrices/locks/quick/peft-${peft}.json`));
  if (lock === undefined) throw new Error(`The lock of PEFT ${peft} is missing`);
  const pin = { id: `peft-${peft}`, device: 'cpu', source: { kind: 'lock', lock } } as const;
  const state = await readyPin(pin, open.pool, ledger, () => {});
  if (state.kind !== 'ready') throw new Error(`${pin.id} is ${state.kind}`);
  return state.ready;
};

const judge = (): Promise<Judged> =>
  judgeConfig(laboratory, newer, lora, { properties: [checkpointCrossesReleases], by: laboratory.run });

/** The older release writes; returns the file that its checkpoint is kept in. */
const write = async (): Promise<string> => {
  await askCell(laboratory, { ready: older, config: lora, attempt: firstAttempt }, laboratory.run);
  const [name, ...others] = await readdir(folder);
  if (name === undefined || others.length > 0) throw new Error('There should be one checkpoint');
  return join(folder, name);
};

/** Every number of a safetensors file of float32, times a factor. */
const scaled = (weights: string, factor: number): string => {
  const bytes = Buffer.from(weights, 'base64');
  for (let at = 8 + Number(bytes.readBigUInt64LE()); at < bytes.length; at += 4) {
    bytes.writeFloatLE(factor * bytes.readFloatLE(at), at);
  }
  return bytes.toString('base64');
};

describe('a checkpoint of LoRA that PEFT 0.20.0 wrote', () => {
  test('is read by PEFT 0.21.2 with all its keys and the same outputs', async () => {
    const { verdict } = await judge();
    expect(verdict).toEqual({ kind: 'pass' });
    const read = await askCell(
      laboratory,
      { ready: newer, config: lora, attempt: firstAttempt, reads: older },
      laboratory.lookUp,
    );
    expect(read).toMatchObject({ observation: { read: { missing: [], unexpected: [] } } });
    // What trained on each, and what read; the cell of PEFT 0.21.2 kept a checkpoint for a release to come.
    expect(open.ran()).toBe(3);
    expect(await readdir(folder)).toHaveLength(2);
    await judge();
    expect(open.ran()).toBe(3);
  });

  test('that is not quite what it was gives other outputs', async () => {
    const file = await write();
    const files = checkpointFilesSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const weights = scaled(files['adapter_model.safetensors'] ?? '', 1.001);
    await writeFile(file, JSON.stringify({ ...files, 'adapter_model.safetensors': weights }));
    const { violations } = await judge();
    expect(violations.map(({ signature: { property, phase, message } }) => [property, phase, message])).toEqual([
      ['checkpoint-crosses-releases', 'read', 'a checkpoint of the next older release gives other outputs'],
    ]);
  });

  test.each([
    ['is gone', (file: string) => rm(file)],
    ['is damaged', (file: string) => writeFile(file, '{"adapter_config.json":')],
  ])('that %s is written again', async (_, harm) => {
    await harm(await write());
    const { verdict } = await judge();
    expect(verdict).toEqual({ kind: 'pass' });
    expect(open.ran()).toBe(3);
    expect(await readdir(folder)).toHaveLength(2);
  });
});
