import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Config, containsConfig } from '../matrices/config.ts';
import { rowCompleter } from './complete-row.ts';
import { isSettled } from './config-space.ts';
import { allConfigs, randomSpace, someConfig } from './fixtures/random-space.ts';
import { trainingAxes } from './fixtures/training-axes.ts';
import { absent, configOfRow, type IndexedSpace, indexSpace, type Row } from './indexed-space.ts';
import { seededDraw } from './seeded-random.ts';

const spaceAndPart = randomSpace().chain((space) =>
  fc.record({
    space: fc.constant(space),
    part: someConfig(space.axes).chain((config) =>
      fc.subarray(Object.entries(config)).map((kept) => Object.fromEntries(kept)),
    ),
    seed: fc.integer(),
  }),
);

describe('rowCompleter', () => {
  test('completes a part exactly when a listing of all configs has one that contains it', () => {
    fc.assert(
      fc.property(spaceAndPart, ({ space: { axes, feasible }, part, seed }) => {
        const space = indexSpace(axes);
        const row = rowCompleter(space, feasible).complete(rowOf(space, part), seededDraw(seed));
        const possible = allConfigs(axes).filter((config) => feasible(config) && containsConfig(config, part));
        expect(row === 'impossible').toBe(possible.length === 0);
        expect(typeof row === 'string' ? possible : [configOfRow(space, row)]).toSatisfy((configs: readonly Config[]) =>
          configs.every((config) => isSettled(axes, config) && feasible(config) && containsConfig(config, part)),
        );
      }),
      { seed: 42, numRuns: 1000 },
    );
  });

  test('accepts exactly the feasible configs', () => {
    fc.assert(
      fc.property(randomSpace(), ({ axes, feasible }) => {
        const space = indexSpace(axes);
        const { accepts } = rowCompleter(space, feasible);
        const misjudged = allConfigs(axes).filter((config) => accepts(rowOf(space, config)) !== feasible(config));
        expect(misjudged).toEqual([]);
      }),
      { seed: 42 },
    );
  });

  test('is not misled by a predicate that swallows what interrupts it', () => {
    const space = indexSpace(trainingAxes);
    const { complete } = rowCompleter(space, swallowing);
    const row = complete(rowOf(space, {}), seededDraw(1));
    expect(typeof row === 'string' ? row : configOfRow(space, row)['precision']).toBe('bf16');
    expect(complete(rowOf(space, { precision: 'fp16' }), seededDraw(1))).toBe('impossible');
  });

  test('shows absent axes as absent, however the predicate looks', () => {
    const space = indexSpace(trainingAxes);
    const row = rowCompleter(space, looks).complete(rowOf(space, { adapter: 'none' }), seededDraw(1));
    expect(typeof row === 'string' ? row : Object.keys(configOfRow(space, row))).toEqual([
      'model',
      'adapter',
      'precision',
      'sharding',
      'gradient_checkpointing',
    ]);
  });

  test('draws what the predicate leaves open', () => {
    const space = indexSpace(trainingAxes);
    const { complete } = rowCompleter(space, () => true);
    const draw = seededDraw(42);
    const rows = Array.from({ length: 50 }, () => complete(rowOf(space, { adapter: 'lora' }), draw));
    expect(new Set(rows.map(String)).size).toBeGreaterThan(40);
  });
});

const rowOf = ({ axes }: IndexedSpace, part: Config): Row =>
  axes.map(({ name, values }) => {
    const value = part[name];
    return value === undefined ? absent : values.indexOf(value);
  });

const looks = (config: Config): boolean =>
  config['sharding'] === 'ddp' &&
  !('wrap' in config) &&
  config['strategy'] === undefined &&
  !Object.hasOwn(config, 'fully_shard') &&
  Object.keys(config).length === Object.keys({ ...config }).length;

const swallowing = (config: Config): boolean => {
  try {
    return config['precision'] === 'bf16';
  } catch {
    return true;
  }
};
