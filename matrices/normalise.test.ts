import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from './catalogue.ts';
import type { Config } from './config.ts';
import { minimalForm, normalise } from './normalise.ts';

const { axes } = await loadCatalogue();

/** Any choice of values, also for axes that then do not apply, in any order of keys. */
const choices: fc.Arbitrary<Config> = fc
  .shuffledSubarray([...axes])
  .chain((chosen) =>
    fc.tuple(...chosen.map(({ name, values }) => fc.tuple(fc.constant(name), fc.constantFrom(...values)))),
  )
  .map((pairs) => Object.fromEntries(pairs));

describe('the normal form of a config', () => {
  test('normalising again changes nothing', () => {
    fc.assert(
      fc.property(choices, (chosen) => {
        const config = normalise(axes, chosen);
        expect(Object.entries(normalise(axes, config))).toEqual(Object.entries(config));
      }),
      { seed: 42 },
    );
  });

  test('the order of keys does not matter, and comes out as that of the axes', () => {
    fc.assert(
      fc.property(choices, (chosen) => {
        const config = normalise(axes, chosen);
        const turned = normalise(axes, Object.fromEntries(Object.entries(chosen).toReversed()));
        expect(Object.entries(turned)).toEqual(Object.entries(config));
        const names = axes.map(({ name }) => name).filter((name) => name in config);
        expect(Object.keys(config)).toEqual(names);
      }),
      { seed: 42 },
    );
  });

  test('what applies keeps the value that was chosen', () => {
    fc.assert(
      fc.property(choices, (chosen) => {
        const kept = Object.entries(normalise(axes, chosen)).filter(([name]) => name in chosen);
        expect(kept.every(([name, value]) => chosen[name] === value)).toBe(true);
      }),
      { seed: 42 },
    );
  });

  test('the minimal form makes the whole again, and none smaller does', () => {
    fc.assert(
      fc.property(choices, (chosen) => {
        const config = normalise(axes, chosen);
        const minimal = minimalForm(axes, config);
        expect(normalise(axes, minimal)).toEqual(config);
        for (const name of Object.keys(minimal)) {
          const rest = Object.fromEntries(Object.entries(minimal).filter(([other]) => other !== name));
          expect(normalise(axes, rest)).not.toEqual(config);
        }
      }),
      { seed: 42 },
    );
  });

  test('nothing chosen gives the defaults of what applies', () => {
    expect(normalise(axes, {})).toMatchInlineSnapshot(`
      {
        "adapter": "none",
        "gradient_checkpointing": false,
        "learning_rate": 0.1,
        "model": "llama",
        "precision": "fp32",
        "sharding": "none",
      }
    `);
  });

  test('axes of FSDP1 are there under FSDP1 only', () => {
    const chosen = { adapter: 'lora', use_orig_params: false, wrap: 'none' };
    expect(normalise(axes, { ...chosen, sharding: 'ddp' })).not.toHaveProperty('use_orig_params');
    expect(normalise(axes, { ...chosen, sharding: 'fsdp1' })).toMatchObject({ use_orig_params: false, wrap: 'none' });
  });
});
