import { describe, expect, test } from 'vitest';
import type { Axis } from '../matrices/axis.ts';
import { canonicalConfig, type Config } from '../matrices/config.ts';
import { minimalForm, normalise } from '../matrices/normalise.ts';
import { simplifications } from '../properties/config-space.ts';
import { compareSimplicity } from '../properties/order.ts';
import { shrinkSearch } from '../properties/shrink-search.ts';
import type { ReadyPin } from './cell.ts';
import { findFailures, type FoundFailure, type Investigation, type Violation } from './find-failures.ts';
import { hello, pinNamed } from './fixtures/cells.ts';
import { StoppedError } from './interruption.ts';

const axes: readonly Axis[] = [
  { name: 'adapter', description: 'method', values: ['none', 'lora', 'dora', 'vera'] },
  { name: 'sharding', description: 'sharding', values: ['none', 'ddp', 'fsdp1'] },
  { name: 'flat', description: 'flat parameters', values: [false, true], applies: { sharding: ['fsdp1'] } },
  { name: 'wrap', description: 'policy', values: ['peft', 'layer', 'none'], applies: { sharding: ['fsdp1'] } },
  { name: 'rank', description: 'rank', values: [4, 8] },
];

/** A world in which one message has two causes: no policy with any adapter, and VeRA with whatever policy. */
const mixedUnits = ({ adapter, flat, wrap }: Config): boolean =>
  flat === true && adapter !== 'none' && (wrap !== 'peft' || adapter === 'vera');

const compare = compareSimplicity(axes);

const readyPin = (id: string): ReadyPin => ({ pin: pinNamed(id), hello });

const violation = (ready: ReadyPin, config: Config, message: string): Violation => ({
  ready,
  config,
  signature: { property: 'runs', phase: 'wrap', exception: 'ValueError', message, frames: [] },
  signatureId: message,
  detail: message,
});

type World = (pin: string, config: Config) => readonly string[];

const violationsIn = (world: World, ready: ReadyPin, config: Config): readonly Violation[] =>
  world(ready.pin.id, config).map((message) => violation(ready, config, message));

interface Investigated {
  readonly failures: readonly FoundFailure[];
  readonly asked: readonly Config[];
  /** How often two violations were compared. */
  readonly compared: number;
}

const investigate = async (
  world: World,
  pins: readonly ReadyPin[],
  configs: readonly Config[],
  stop: AbortSignal = new AbortController().signal,
  isKnown: (violation: Violation) => boolean = () => false,
): Promise<Investigated> => {
  const asked: Config[] = [];
  let compared = 0;
  const judge = (ready: ReadyPin, config: Config): readonly Violation[] => {
    asked.push(config);
    return violationsIn(world, ready, config);
  };
  const investigation: Investigation = {
    compare: (left, right) => {
      compared += 1;
      return compare(left, right);
    },
    awayFromDefault: (config) => minimalForm(axes, config),
    elsewhere: ({ minimal }) =>
      Promise.resolve(
        pins.filter(({ pin }) => pin.id !== minimal.ready.pin.id).flatMap((ready) => [...judge(ready, minimal.config)]),
      ),
    shrink: async (start, meet) => {
      const { minimal, isProven } = await shrinkSearch(start.config, {
        candidates: (config) => simplifications(axes, config),
        compare,
        isInteresting: (config) => {
          const seen = judge(start.ready, config);
          for (const other of seen) if (other.signatureId !== start.signatureId) meet(other);
          return Promise.resolve(seen.some(({ signatureId }) => signatureId === start.signatureId));
        },
        width: 4,
        signal: stop,
      });
      return { minimal: violation(start.ready, minimal, start.signatureId), isProven, fails: {} };
    },
    isKnown,
    onShrunk: () => {},
    stop,
  };
  const violations = pins.flatMap((ready) => configs.flatMap((config) => violationsIn(world, ready, config)));
  return { failures: await findFailures(violations, investigation), asked, compared };
};

const minima = ({ failures }: Investigated): readonly Config[] =>
  failures.map(({ minimal }) => minimalForm(axes, minimal.config));

const everyConfig: readonly Config[] = ['none', 'lora', 'dora', 'vera'].flatMap((adapter) =>
  ['none', 'ddp', 'fsdp1'].flatMap((sharding) =>
    [false, true].flatMap((flat) =>
      ['peft', 'layer', 'none'].flatMap((wrap) =>
        [4, 8].map((rank) => normalise(axes, { adapter, sharding, flat, wrap, rank })),
      ),
    ),
  ),
);

const mixed: World = (_pin, config) => (mixedUnits(config) ? ['uniform requires_grad'] : []);

const oldAndNew: World = (_pin, { adapter }) => (adapter === 'none' ? [] : [adapter === 'vera' ? 'new' : 'old']);
const isOld = ({ signatureId }: Violation): boolean => signatureId === 'old';

const twoKinds: World = (_pin, { adapter, rank }) => {
  if (adapter === 'dora' && rank === 8) return ['eight'];
  return adapter === 'dora' ? ['any rank'] : [];
};

const worseOnTheOlder: World = (pin, { adapter }) => {
  if (adapter !== 'vera') return [];
  return pin === 'newest' ? ['fails'] : ['fails', 'and differently'];
};

/** DoRA fails alone on the older pin; on the newest it only fails as every adapter does: without the policy. */
const doraOnTheOlder: World = (pin, { adapter, flat, wrap }) => {
  if (flat !== true || adapter === 'none') return [];
  return wrap !== 'peft' || (adapter === 'dora' && pin === 'older') ? ['uniform requires_grad'] : [];
};

describe('findFailures', () => {
  const [newest, older] = [readyPin('newest'), readyPin('older')] as const;

  test('tells two causes of one message apart', async () => {
    const found = await investigate(mixed, [newest], everyConfig);
    expect(minima(found)).toEqual([
      { adapter: 'vera', sharding: 'fsdp1', flat: true },
      { adapter: 'lora', sharding: 'fsdp1', flat: true, wrap: 'layer' },
    ]);
  });

  test('gives every violation to one failure', async () => {
    const { failures } = await investigate(mixed, [newest], everyConfig);
    const failing = new Set(everyConfig.filter(mixedUnits).map((config) => JSON.stringify(config)));
    const given = failures.flatMap(({ cells }) => cells.map(({ config }) => JSON.stringify(config)));
    expect(given.toSorted()).toEqual([...failing].toSorted());
  });

  test('ends at the same failures in whatever order the violations come', async () => {
    const forwards = await investigate(mixed, [newest], everyConfig);
    const backwards = await investigate(mixed, [newest], everyConfig.toReversed());
    expect(minima(backwards)).toEqual(minima(forwards));
  });

  test('keeps another failure that it meets while it shrinks', async () => {
    const start = normalise(axes, { adapter: 'dora', rank: 8 });
    const found = await investigate(twoKinds, [newest], [start]);
    expect(found.failures.map(({ minimal }) => minimal.signatureId).toSorted()).toEqual(['any rank', 'eight']);
  });

  test('looks at what nobody has named before what is simpler and known', async () => {
    const found = await investigate(oldAndNew, [newest], everyConfig, undefined, isOld);
    expect(found.failures.map(({ minimal }) => minimal.signatureId)).toEqual(['new', 'old']);
  });

  test('looks for a minimal config on the other pins, and keeps what else they show', async () => {
    const start = normalise(axes, { adapter: 'vera' });
    const found = await investigate(worseOnTheOlder, [newest, older], [start]);
    expect(
      found.failures.map(({ minimal, cells }) => [minimal.signatureId, cells.map(({ ready }) => ready.pin.id)]),
    ).toEqual([
      ['and differently', ['older']],
      ['fails', ['newest', 'older']],
    ]);
  });

  test('does not blame a failure on a pin where its minimal config passes', async () => {
    const { failures } = await investigate(doraOnTheOlder, [newest, older], everyConfig);
    const told = failures.map(({ minimal, cells }) => [
      minimalForm(axes, minimal.config),
      [...new Set(cells.map(({ ready }) => ready.pin.id))],
    ]);
    expect(told).toEqual([
      [{ adapter: 'dora', sharding: 'fsdp1', flat: true }, ['older']],
      [{ adapter: 'lora', sharding: 'fsdp1', flat: true, wrap: 'layer' }, ['newest', 'older']],
    ]);
    const shared = failures[1]?.cells.filter(({ config, ready }) => config['adapter'] === 'dora' && ready === newest);
    expect(shared).toHaveLength(4);
  });

  test('never asks about a config that is not simpler, once the causes are known', async () => {
    const { asked } = await investigate(mixed, [newest], everyConfig);
    const hardest = everyConfig.filter(mixedUnits).toSorted(compare).at(-1);
    expect(asked.every((config) => hardest !== undefined && compare(config, hardest) < 0)).toBe(true);
  });

  test('puts violations in order once, however many failures they come to', async () => {
    const [configs, pins] = [everyConfig, [newest, older]];
    const { failures, compared } = await investigate((_pin, config) => [canonicalConfig(config)], pins, configs);
    const different = new Set(everyConfig.map(canonicalConfig)).size;
    expect(failures).toHaveLength(different);
    expect(compared).toBeLessThan(pins.length * different * Math.log2(pins.length * different));
  });

  test('when it is stopped, reports the simplest cell of each signature as not proven', async () => {
    const stop = AbortSignal.abort(new StoppedError('interrupted'));
    const { failures, asked } = await investigate(mixed, [newest], everyConfig, stop);
    expect(asked).toEqual([]);
    expect(failures.every(({ isProven }) => !isProven)).toBe(true);
    expect(failures[0]?.minimal.config).toEqual(everyConfig.filter(mixedUnits).toSorted(compare)[0]);
  });
});
