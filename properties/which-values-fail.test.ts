import { describe, expect, test, vi } from 'vitest';

import { canonicalConfig } from '../matrices/config.ts';
import { normalise } from '../matrices/normalise.ts';
import type { IsInteresting } from './ask-once.ts';
import { trainingAxes as axes } from './fixtures/training-axes.ts';
import { whichValuesFail } from './which-values-fail.ts';

const { signal } = new AbortController();
const everything = (): boolean => true;
const minimal = normalise(axes, { adapter: 'dora', rank: 1, sharding: 'fsdp1', use_orig_params: false });

describe('whichValuesFail', () => {
  test('tells fields of which any value fails from those of which only one does', async () => {
    const fails = await whichValuesFail(minimal, {
      axes,
      feasible: everything,
      isInteresting: ({ adapter, rank, sharding, use_orig_params }) =>
        Promise.resolve(
          (adapter === 'dora' || adapter === 'vera') && rank !== 8 && sharding === 'fsdp1' && use_orig_params === false,
        ),
      width: 2,
      signal,
    });
    expect(fails).toEqual({
      adapter: ['dora', 'vera'],
      rank: [4, 1, 3],
      sharding: ['fsdp1'],
      use_orig_params: [false],
    });
  });

  test('asks once about each feasible config, holds everything else, and never asks about the minimal one', async () => {
    const isInteresting = vi.fn<IsInteresting>((config) => Promise.resolve(config['precision'] === 'fp32'));
    const fails = await whichValuesFail(minimal, {
      axes,
      feasible: ({ adapter, sharding }) => adapter !== 'boft' && sharding !== 'ddp',
      isInteresting,
      width: 3,
      signal,
    });
    expect(fails['adapter']).toEqual(['none', 'lora', 'dora', 'vera', 'ia3', 'loha', 'lokr', 'adalora', 'oft']);
    expect(fails['sharding']).toEqual(['none', 'fsdp1', 'fsdp2']);
    const asked = isInteresting.mock.calls.map(([config]) => canonicalConfig(config));
    expect(asked).toHaveLength(8 + 3 + 2 + 1);
    expect(new Set([...asked, canonicalConfig(minimal)]).size).toBe(asked.length + 1);
  });

  test('leaves out what could not be asked', async () => {
    const fails = await whichValuesFail(minimal, {
      axes,
      feasible: everything,
      isInteresting: ({ rank }) => Promise.resolve(rank === 8 ? 'unknown' : true),
      width: 1,
      signal,
    });
    expect(fails['rank']).toEqual([4, 1, 3]);
  });

  test('stops between batches when it is aborted', async () => {
    const abort = new AbortController();
    const isInteresting = vi.fn<IsInteresting>((config) => {
      if (config['rank'] === 4) abort.abort();
      return Promise.resolve(true);
    });
    const options = { axes, feasible: everything, isInteresting, width: 4, signal: abort.signal };
    expect(Object.keys(await whichValuesFail(minimal, options))).toEqual(['adapter', 'rank']);
  });
});
