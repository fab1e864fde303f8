import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CellResult } from '../containers/executor.ts';
import type { Observation } from '../containers/observation.ts';
import { helloSchema } from '../containers/protocol.ts';
import { loadCatalogue } from '../matrices/catalogue.ts';
import { normalise } from '../matrices/normalise.ts';
import { askCell } from './ask-cell.ts';
import { cellKey } from './cell-key.ts';
import { firstAttempt, type Cell, type ReadyPin } from './cell.ts';
import { observationOf, pinNamed } from './fixtures/cells.ts';
import { neverAborted } from './interruption.ts';
import type { Laboratory } from './laboratory.ts';
import type { Run } from './run-cell.ts';

const catalogue = await loadCatalogue();
const config = normalise(catalogue.axes, { adapter: 'lora' });

const ready = async (peft: string): Promise<ReadyPin> => {
  const text = await readFile(join(import.meta.dirname, 'fixtures', `hello-peft-${peft}.json`), 'utf8');
  return { pin: pinNamed(`peft-${peft}`), hello: helloSchema.shape.hello.parse(JSON.parse(text)) };
};
const [older, newer] = await Promise.all([ready('0.18.1'), ready('0.21.2')]);

const saved = ['README.md', 'adapter_config.json', 'adapter_model.safetensors'];
const trained = (digest: string, files = saved): Observation => ({
  ...observationOf(1),
  outputs: { dtype: 'float32', shape: [1], norm: 1, sketch: [], digest },
  checkpoint: { files, tensors: {} },
});

/** Asks the newer release to read what the older one wrote, which showed this; returns the cells that were asked for. */
const reading = async (
  written: CellResult,
): Promise<{ readonly result: CellResult; readonly cells: readonly Cell[] }> => {
  const cells: Cell[] = [];
  const by: Run = (cell) => {
    cells.push(cell);
    return Promise.resolve(written);
  };
  const laboratory: Laboratory = {
    catalogue,
    executor: 'local',
    run: by,
    lookUp: by,
    baselineOf: () => older,
    abort: neverAborted,
  };
  const result = await askCell(laboratory, { ready: newer, config, attempt: firstAttempt, reads: older }, by);
  return { result, cells };
};

const observed = (observation: Observation): CellResult => ({ kind: 'observed', observation, provenance: {} });

describe('a cell that reads a checkpoint', () => {
  test('is asked for after the one that wrote it, and does not train', async () => {
    const { cells } = await reading(observed(trained('a')));
    expect(cells.map(({ ready: { pin } }) => pin.id)).toEqual(['peft-0.18.1', 'peft-0.21.2']);
    const [writer, reader] = cells;
    expect(reader?.reads).toEqual(writer);
    expect(reader?.request).toMatchObject({ config, phases: ['build', 'read'], usages: [] });
  });

  test('is known by the cell that wrote it and by the outputs of that run', async () => {
    const keys = new Set<string>();
    for (const digest of ['a', 'b']) {
      const { cells } = await reading(observed(trained(digest)));
      const [writer, reader] = cells;
      if (writer === undefined || reader === undefined) throw new Error('Two cells should have been asked for');
      expect(reader.identity.request.checkpoint).toEqual({ writer: cellKey(writer.identity), outputs: digest });
      for (const { identity } of cells) keys.add(cellKey(identity));
    }
    expect(keys.size).toBe(3);
  });

  test.each<readonly [string, CellResult, string]>([
    ['could not be asked', { kind: 'broken', reason: 'no environment' }, 'no environment'],
    ['did not save', observed(observationOf(1)), 'peft-0.18.1 wrote no checkpoint that another release could read'],
    [
      'saved other files',
      observed(trained('a', ['adapter_config.json', 'adapter_model.bin'])),
      'peft-0.18.1 wrote no checkpoint that another release could read',
    ],
  ])('is not asked for where the older release %s', async (_, written, reason) => {
    const { result, cells } = await reading(written);
    expect(result).toEqual({ kind: 'broken', reason });
    expect(cells).toHaveLength(1);
  });
});
