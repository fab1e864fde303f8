import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CheckpointFiles } from '../containers/cell-request.ts';
import type { CellResult } from '../containers/executor.ts';
import { InfrastructureError } from '../matrices/errors.ts';
import { cellKey } from './cell-key.ts';
import type { Cell } from './cell.ts';
import { checkpointsIn, checkpointsInMemory } from './checkpoints.ts';
import { cellOf, observationOf, observed, pinNamed } from './fixtures/cells.ts';
import type { Run } from './run-cell.ts';
import { withCheckpoints } from './with-checkpoints.ts';

const { signal } = new AbortController();
const writer = cellOf({ pin: pinNamed('older') });
const name = { writer: cellKey(writer.identity), outputs: 'abc' };
const files: CheckpointFiles = { 'adapter_config.json': 'e30=' };

const reader: Cell = (() => {
  const cell = cellOf({ pin: pinNamed('newer') });
  return { ...cell, request: { ...cell.request, checkpoint: name }, reads: writer };
})();

/** What a writing run gives whose model ends with these outputs. */
const wrote = (digest: string): CellResult => ({
  kind: 'observed',
  observation: { ...observationOf(1), outputs: { dtype: 'float32', shape: [1], norm: 1, sketch: [], digest } },
  provenance: {},
  files,
});

/** Writes as told, reads what it is given, and keeps a diary of the files. */
const pins = (written: CellResult): { readonly run: Run; readonly diary: (CheckpointFiles | 'writes')[] } => {
  const diary: (CheckpointFiles | 'writes')[] = [];
  const run: Run = ({ reads, request: { checkpoint } }) => {
    diary.push(reads === undefined ? 'writes' : (checkpoint?.files ?? {}));
    return Promise.resolve(reads === undefined ? written : observed(2));
  };
  return { run, diary };
};

describe('a checkpoint', () => {
  test('is kept where it was written, and given to who reads it', async () => {
    const { run, diary } = pins(wrote('abc'));
    const both = withCheckpoints(run, checkpointsInMemory());
    expect(await both(writer, signal)).toEqual(wrote('abc'));
    expect(await both(reader, signal)).toEqual(observed(2));
    expect(diary).toEqual(['writes', files]);
  });

  test('that is not there is written again, once', async () => {
    const { run, diary } = pins(wrote('abc'));
    const both = withCheckpoints(run, checkpointsInMemory());
    expect(await both(reader, signal)).toEqual(observed(2));
    await both(reader, signal);
    expect(diary).toEqual(['writes', files, files]);
  });

  test('that comes out otherwise the second time is not the one that was asked for', async () => {
    const { run, diary } = pins(wrote('other'));
    const both = withCheckpoints(run, checkpointsInMemory());
    expect(await both(reader, signal)).toEqual({
      kind: 'broken',
      reason: 'the checkpoint to read is gone, and is not written again',
    });
    expect(diary).toEqual(['writes']);
  });

  test('that cannot be written again is the reason why it cannot be read', async () => {
    const broken: CellResult = { kind: 'broken', reason: 'no environment' };
    expect(await withCheckpoints(pins(broken).run, checkpointsInMemory())(reader, signal)).toEqual(broken);
  });
});

describe('in a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'checkpoints-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('each is one file, found again by another process', async () => {
    await checkpointsIn(join(folder, 'below')).keep(name, files);
    expect(await checkpointsIn(join(folder, 'below')).find(name)).toEqual(files);
    expect(await checkpointsIn(join(folder, 'below')).find({ ...name, outputs: 'other' })).toBeUndefined();
    expect(await readdir(join(folder, 'below'))).toEqual([`${name.writer}-abc.json`]);
  });

  test('one that is damaged is as good as gone', async () => {
    await writeFile(join(folder, `${name.writer}-abc.json`), '{"adapter_config.json":');
    expect(await checkpointsIn(folder).find(name)).toBeUndefined();
  });

  test('that cannot be written is told in words', async () => {
    await writeFile(join(folder, 'file'), '');
    const kept = checkpointsIn(join(folder, 'file')).keep(name, files);
    await expect(kept).rejects.toThrow(InfrastructureError);
    await expect(kept).rejects.toThrow(/^Cannot write .*file: /u);
  });
});
