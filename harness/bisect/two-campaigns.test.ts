import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Executor } from '../../containers/executor.ts';
import { formatLock, parseLock } from '../../matrices/lock.ts';
import type { Lock, ResolvedPin } from '../../matrices/pin.ts';
import type { Bisect } from '../../reports/bisect-model.ts';
import { renderBisectMarkdown } from '../../reports/markdown/render-bisect.ts';
import { showProof } from '../../reports/text/show-bisect.ts';
import { formatReportJson } from '../../reports/report-json.ts';
import { formatVerdicts } from '../../reports/verdicts-model.ts';
import { runCampaign } from '../campaign.ts';
import { findFailureRecords, recordFailures, type FailureRecord } from '../failure-record.ts';
import { openMachine, type Machine } from '../fixtures/made-up-campaign.ts';
import { madeUpExecutor } from '../fixtures/made-up-pins.ts';
import { StoppedError } from '../interruption.ts';
import { formatLocks, locksFile } from '../pin-locks.ts';
import { ResultsFolder } from '../results-folder.ts';
import { bisectFailure, type BisectOptions } from './bisect-failure.ts';
import { BisectStore } from './bisect-store.ts';
import type { Locks } from './keep-locks.ts';
import { twoCampaigns, type TwoCampaigns } from './two-campaigns.ts';

let machine: Machine;
/** Every cell that was run, with the versions that it was run on. */
let ran: string[];

const matrix = {
  pins: ['0.21.2'],
  axes: { adapter: ['lora'], precision: ['fp32', 'bf16'] },
  strength: 1,
  seed: 1,
  cells: 10,
  faults: [],
};

/** Moved with every night; only one of them matters. */
const nights: readonly Readonly<Record<string, string>>[] = [
  { transformers: '5.20.0', tokenizers: '0.22.0', numpy: '2.4.0', accelerate: '1.14.0' },
  { transformers: '5.23.0', tokenizers: '0.23.0', numpy: '2.4.6', accelerate: '1.15.0' },
];

const lockOf = ({ source }: ResolvedPin): Lock => {
  if (source.kind !== 'lock') throw new Error('a pin without a lock');
  return source.lock;
};

/** Whether LoRA in bf16 fails with these packages: as a rule with transformers from 5.22.0 on. */
let isBroken: (packages: Lock['packages']) => boolean;

/** Whether it fails in another way there; as a rule it does not fail at all. */
let failsOtherwise: (packages: Lock['packages']) => boolean;

const minorOf = (version = ''): number => Number(version.split('.')[1]);

const executor: Executor = {
  kind: 'local',
  parallel: 1,
  open: async (pin, ...rest) => {
    const { packages } = lockOf(pin);
    const config = { adapter: 'lora', precision: 'bf16' };
    const message = isBroken(packages) ? 'it broke' : failsOtherwise(packages) ? 'it is refused' : undefined;
    const opened = await madeUpExecutor(message === undefined ? [] : [{ config, message }]).open(
      { ...pin, id: 'peft-0.21.2' },
      ...rest,
    );
    if (opened.kind !== 'open') return opened;
    const { hello } = opened.pin;
    const { transformers = '', numpy = '', accelerate = '' } = packages;
    const watched = Object.fromEntries((pin.watch ?? []).map((name) => [name, packages[name] ?? '']));
    const versions = { ...hello.versions, transformers, numpy, accelerate, ...watched };
    return {
      kind: 'open',
      pin: {
        ...opened.pin,
        hello: { ...hello, versions },
        run: (request, ...more) => {
          ran.push(`${JSON.stringify(versions)} ${JSON.stringify(request)}`);
          return opened.pin.run(request, ...more);
        },
      },
    };
  },
};

/** Whether the resolver says no; as a rule any mixture can be. */
let isImpossible: (packages: Lock['packages']) => boolean;

/** What is asked for, and a tokenizers of its own where nobody asks for one. */
const locks: Locks = {
  find: () => Promise.resolve(undefined),
  resolve: ({ requirements, ...rest }) => {
    const packages = Object.entries(requirements).map(([name, range]) => [name, range.replace('==', '')] as const);
    const resolved: Lock['packages'] = { tokenizers: '0.99.0', ...Object.fromEntries(packages) };
    return Promise.resolve(
      isImpossible(resolved)
        ? { kind: 'impossible', reason: 'no set of packages answers' }
        : { kind: 'lock', lock: { ...rest, packages: resolved } },
    );
  },
};

const results = (): ResultsFolder => new ResultsFolder(machine.results);

/** One night of the matrix, on these versions; gives back its id. */
const runNight = async (moved: Readonly<Record<string, string>>): Promise<string> => {
  const file = join(dirname(machine.options.matrixPath), 'locks/made-up/peft-0.21.2.json');
  const lock = parseLock(await readFile(file, 'utf8'), file);
  await writeFile(file, formatLock({ ...lock, packages: { ...lock.packages, ...moved } }));
  const result = await runCampaign({ ...machine.options, executor });
  recordFailures(machine.ledger, result, { executor: 'local' });
  const { id } = result.report.campaign;
  await results().publish(id, {
    'verdicts.json': formatVerdicts(result.verdicts),
    'report.json': formatReportJson(result.report),
    [locksFile]: formatLocks(result.locks),
  });
  return id;
};

const theFailure = (): FailureRecord => {
  const [record, ...others] = findFailureRecords(machine.ledger, '');
  if (record === undefined || others.length > 0) throw new Error(`${others.length} failures more than one`);
  return record;
};

/** Of the package whose releases are asked for. */
let versions: readonly string[];

const optionsOf = (): BisectOptions => ({
  ...machine.options,
  executor,
  locks,
  workers: 1,
  releasesOf: () =>
    Promise.resolve(
      versions.map((version, day) => ({ version, uploadedAt: `2026-10-0${day + 1}T00:00:00Z`, yanked: false })),
    ),
  replay: '',
  onEvent: () => {},
});

const bisect = (between: TwoCampaigns, stop?: AbortController, after = Infinity): Promise<Bisect> => {
  let answers = 0;
  return bisectFailure(
    theFailure(),
    { kind: 'locks', ...between, prereleases: false },
    {
      ...optionsOf(),
      ...(stop === undefined ? {} : { interruption: { ...machine.options.interruption, stop: stop.signal } }),
      onEvent: ({ kind }) => {
        if (kind === 'bisect-answered' && ++answers >= after) stop?.abort(new StoppedError('interrupted'));
      },
    },
  );
};

beforeEach(async () => {
  ran = [];
  isImpossible = () => false;
  failsOtherwise = () => false;
  versions = ['5.20.0', '5.20.1', '5.21.0', '5.22.0', '5.22.1', '5.23.0'];
  isBroken = ({ transformers }) => minorOf(transformers) >= 22;
  machine = await openMachine(matrix);
  onTestFinished(() => machine[Symbol.asyncDispose]());
});

const runNights = async (inOrder = nights): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (const night of inOrder) ids.push(await runNight(night));
  return ids;
};

const between = async (): Promise<TwoCampaigns> => {
  const found = await twoCampaigns(theFailure(), results());
  if (found === undefined) throw new Error('no two campaigns');
  return found;
};

describe('two nights of a matrix', () => {
  test('are all that a bisect needs: the package that moved, and its release', async () => {
    const [good, bad] = await runNights();
    const { culprits, since, campaigns, packages } = await bisect(await between());
    expect(campaigns).toEqual({ good, bad });
    expect(packages[0]?.differences.map(({ package: name }) => name).toSorted()).toEqual(
      Object.keys(nights[0] ?? {}).toSorted(),
    );
    expect(culprits).toMatchObject([{ package: 'transformers', before: '5.21.0', after: '5.22.0', confirmed: true }]);
    expect(since).toMatchObject({ package: 'transformers', version: '5.22.0' });
  });

  test('find a package that no cell tells of otherwise', async () => {
    isBroken = ({ tokenizers }) => minorOf(tokenizers) >= 23;
    versions = ['0.22.0', '0.22.1', '0.23.0'];
    await runNights();
    const { culprits, since } = await bisect(await between());
    expect(culprits).toMatchObject([{ package: 'tokenizers', before: '0.22.1', after: '0.23.0', confirmed: true }]);
    expect(since).toMatchObject({ package: 'tokenizers', version: '0.23.0' });
  });

  test('blame no package for that it could not be left out', async () => {
    isBroken = ({ tokenizers }) => minorOf(tokenizers) >= 23;
    // Only in the lock of the second night.
    isImpossible = ({ tokenizers }) => tokenizers === '0.23.0';
    versions = ['0.22.0', '0.22.1', '0.23.0'];
    await runNights();
    const found = await bisect(await between());
    expect(found.culprits).toMatchObject([{ package: 'tokenizers', before: '0.22.1', after: '0.23.0' }]);
    expect(found.packages[0]?.unproven.toSorted()).toEqual(['accelerate', 'numpy', 'transformers']);
    expect(renderBisectMarkdown(found)).toMatch(
      /without moving it the answer does not change \(\d+ mixtures\); [a-z, ]+ moved with them in all that could be asked/u,
    );
  });

  test('say what could not be held beside a release', async () => {
    await runNights();
    // The release that did it wants a tokenizers of its own.
    isImpossible = ({ transformers, tokenizers }) => transformers === '5.22.0' && tokenizers !== '0.99.0';
    const found = await bisect(await between());
    expect(found.culprits).toMatchObject([{ package: 'transformers', before: '5.21.0', after: '5.22.0' }]);
    const moved = found.releases[0]?.candidates.map((each) => [each.version, each.moved?.map(({ to }) => to)]);
    expect(Object.fromEntries(moved ?? [])).toMatchObject({ '5.21.0': undefined, '5.22.0': ['0.99.0'] });
    expect(found.culprits.map((culprit) => showProof({ ...culprit, proof: 'held' }, found))).toEqual([
      'all other packages were held, but for tokenizers, which no set of packages has as they were',
    ]);
  });

  test('of which the second went back to older versions: the release that it lost', async () => {
    isBroken = ({ transformers }) => minorOf(transformers) < 22;
    await runNights(nights.toReversed());
    const { culprits, fixedIn } = await bisect(await between());
    expect(fixedIn).toMatchObject({ package: 'transformers', version: '5.22.0' });
    expect(culprits).toMatchObject([
      { kind: 'fixed', package: 'transformers', before: '5.21.0', after: '5.22.0', confirmed: true },
    ]);
  });

  test('leave what was found standing when other packages are asked afterwards', async () => {
    await runNights();
    const { since } = await bisect(await between());
    const record = theFailure();
    if (record.pin.source.kind !== 'lock') throw new Error('a pin without a lock');
    const range = { package: 'numpy', found: '2.4.6', prereleases: false, findFix: true };
    const later = await bisectFailure(
      record,
      { kind: 'releases', base: record.pin.source.lock, others: 'held', range },
      { ...optionsOf(), releasesOf: () => Promise.resolve([]) },
    );
    expect(later).toMatchObject({ culprits: [], unanswered: expect.any(String) });
    const found = await new BisectStore(machine.results).found();
    expect(found.get(record.id)).toMatchObject({ since, culprits: [{ package: 'transformers' }] });
    expect(found.get(record.id)).not.toHaveProperty('unanswered');
  });

  test('of which neither is without a failure: what changed what fails, where that is the question', async () => {
    failsOtherwise = ({ transformers }) => minorOf(transformers) < 22;
    await runNight(nights[1] ?? {});
    const record = theFailure();
    const bad = lockOf(record.pin);
    const good = { ...bad, packages: { ...bad.packages, ...nights[0] } };
    const origins = { good: 'of the first night', bad: 'of the second' };
    const plan = { kind: 'locks', good, bad, origins, prereleases: false } as const;
    await expect(bisectFailure(record, plan, optionsOf())).rejects.toThrow('cannot be asked (masked): ValueError');
    const found = await bisectFailure(record, plan, { ...optionsOf(), maskedAsGood: true });
    expect(found.culprits).toMatchObject([{ package: 'transformers', before: '5.21.0', after: '5.22.0' }]);
    expect(renderBisectMarkdown(found)).toContain(
      'brought it: transformers 5.21.0 does not show it, or fails otherwise',
    );
  });

  test.each([1, 2, 4, 6])('interrupted after answer %i, it goes on, and runs nothing twice', async (after) => {
    await runNights();
    const nightsRan = ran.length;
    const whole = await bisect(await between());
    const wholeRan = ran.length - nightsRan;
    expect(wholeRan).toBeGreaterThan(0);

    await machine[Symbol.asyncDispose]();
    machine = await openMachine(matrix);
    ran = [];
    await runNights();
    await expect(bisect(await between(), new AbortController(), after)).rejects.toThrow(StoppedError);
    const ranBefore = ran.length - nightsRan;
    expect(ranBefore).toBeLessThan(wholeRan);
    const resumed = await bisect(await between());
    expect(ran.length - nightsRan).toBe(wholeRan);
    expect(resumed.culprits).toEqual(whole.culprits);
    expect(resumed.ran).toBe(wholeRan - ranBefore);
  });
});

describe('no two nights', () => {
  test('where the failure was there from the first one on', async () => {
    await runNight({ ...nights[1], numpy: '2.4.5' });
    await runNight(nights[1] ?? {});
    expect(await twoCampaigns(theFailure(), results())).toBeUndefined();
  });

  test('where the earlier one did not keep its locks, or its verdicts', async () => {
    const [good = ''] = await runNights();
    for (const file of [locksFile, 'verdicts.json']) {
      const kept = await results().read(good, file);
      await rm(join(results().campaign(good), file));
      expect(await twoCampaigns(theFailure(), results())).toBeUndefined();
      await writeFile(join(results().campaign(good), file), kept ?? '');
    }
    expect(await twoCampaigns(theFailure(), results())).toBeDefined();
  });
});
