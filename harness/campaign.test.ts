import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localExecutor } from '../containers/local/local-executor.ts';
import { loadCatalogue, type Catalogue } from '../matrices/catalogue.ts';
import { canonicalConfig, formatConfig, type Config } from '../matrices/config.ts';
import { readLock } from '../matrices/lock.ts';
import { minimalForm, normalise } from '../matrices/normalise.ts';
import { allProperties } from '../properties/all.ts';
import { simplifications } from '../properties/config-space.ts';
import { parseReportJson } from '../reports/report-json.ts';
import type { Failure, Report } from '../reports/report-model.ts';
import type { ReadyPin } from './cell.ts';
import { commandLineIn, type Ended } from './fixtures/command-line.ts';
import { neverAborted } from './interruption.ts';
import { judgeConfig } from './judge-config.ts';
import { Ledger } from './ledger.ts';
import { openLaboratory } from './open-laboratory.ts';
import { isFeasible } from './plan.ts';
import { readyPin } from './ready-pins.ts';

const root = join(import.meta.dirname, '..');
const lockFile = join(root, 'matrices/locks/quick/peft-0.21.2.json');
const minute = 60_000;

let folder: string;
let catalogue: Catalogue;
let first: Ended;
let report: Report;

const peftMatrix = (...words: readonly string[]): Promise<Ended> => commandLineIn(folder, ...words);

const latestReport = async (): Promise<Report> =>
  parseReportJson(await readFile(join(folder, '.peft-matrix/latest/report.json'), 'utf8'));

/** The quick matrix as it stands, on its newest pin alone. */
const writeMatrix = async (): Promise<void> => {
  const text = await readFile(join(root, 'matrices/quick.yaml'), 'utf8');
  const lines = text.split('\n');
  const pins = lines.filter((line) => line.startsWith('  - { peft:'));
  const others = new Set(pins.slice(1));
  await writeFile(join(folder, 'newest.yaml'), lines.filter((line) => !others.has(line)).join('\n'));
  await mkdir(join(folder, 'locks/quick'), { recursive: true });
  await writeFile(join(folder, 'locks/quick/peft-0.21.2.json'), await readFile(lockFile));
};

/** A failure by the values of its minimal config that differ from the defaults. */
const failureAt = (minimal: Config): Failure | undefined =>
  report.failures.find((failure) => canonicalConfig(failure.minimal) === canonicalConfig(minimal));

/** What two reports of the same ledger have in common. */
const lasting = ({ campaign, ...rest }: Report): unknown => ({
  ...rest,
  campaign: { ...campaign, startedAt: '', finishedAt: '', ran: 0, reused: 0 },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'peft-matrix-campaign-'));
  catalogue = await loadCatalogue();
  await writeMatrix();
  // Time must not decide what is found: a busy machine gets all it wants.
  first = await peftMatrix('run', 'newest.yaml', '--minutes', '240');
  report = await latestReport();
}, 60 * minute);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the quick matrix on PEFT 0.21.2, whose known issues name what fails', () => {
  test('ends as expected, and says so', () => {
    expect(first.stdout).toContain('exit 0: as expected');
    expect(first.exitCode).toBe(0);
    expect(report.campaign.complete).toBe(true);
    expect(report.failures.filter(({ known }) => known === undefined)).toEqual([]);
  });

  test.each([
    [{ adapter: 'dora', sharding: 'fsdp1' }, 'train', 'IndexError', 'tuple index out of range'],
    [
      { adapter: 'lora', sharding: 'fsdp1', use_orig_params: false, wrap: 'transformer' },
      'wrap',
      'ValueError',
      'uniform `requires_grad`',
    ],
    [{ adapter: 'vera', sharding: 'fsdp1', use_orig_params: false }, 'wrap', 'ValueError', 'uniform `requires_grad`'],
    [
      { adapter: 'lora', precision: 'bf16', sharding: 'fsdp1', wrap: 'transformer' },
      'wrap',
      'ValueError',
      'uniform dtype',
    ],
  ])('finds the failure at %j by itself, and again in a cold process', (minimal, phase, exception, words) => {
    expect(failureAt(minimal)).toMatchObject({ property: 'runs', phase, exception, confirmed: 'yes' });
    expect(failureAt(minimal)?.message).toContain(words);
  });

  test('says of a failure of both that each alone passes', () => {
    const alone = { verdict: 'pass', violates: [] };
    expect(failureAt({ adapter: 'dora', sharding: 'fsdp1' })?.stages).toEqual({ adapter: alone, sharding: alone });
    expect(failureAt({ adapter: 'vera', precision: 'bf16' })).not.toHaveProperty('stages');
  });

  test('has the losses of a failing cell beside those that it is compared with', () => {
    const losses = failureAt({ adapter: 'lora', sharding: 'fsdp1' })?.losses;
    expect(losses?.references.map(({ what }) => what)).toEqual(['sharding=none']);
    const curves = [losses?.cell ?? [], ...(losses?.references ?? []).map((reference) => reference.losses)];
    for (const curve of curves) expect(curve).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
    // It trains as it should, and is saved as it should not be.
    const [cell, unsharded] = curves;
    for (const [step, loss] of (cell ?? []).entries()) expect(loss).toBeCloseTo(Number(unsharded?.[step]), 4);
    // Nothing is compared there.
    expect(failureAt({ adapter: 'vera', precision: 'bf16' })).not.toHaveProperty('losses');
  });

  test('tells how an adapter without its tensors is saved, which nothing raises', () => {
    expect(failureAt({ adapter: 'lora', sharding: 'fsdp1' })).toMatchObject({
      property: 'checkpoint-round-trip',
      phase: 'save',
      message: 'trained tensors are missing from the checkpoint',
    });
  });

  test('has the minimal config of every failure as a config of its own', () => {
    for (const { minimal, config } of report.failures) {
      expect(normalise(catalogue.axes, minimal)).toEqual(config);
      expect(minimalForm(catalogue.axes, config)).toEqual(minimal);
    }
  });
});

test('run a second time, it runs no cell and reports the same', { timeout: 2 * minute }, async () => {
  const second = await peftMatrix('run', 'newest.yaml', '--minutes', '240');
  const again = await latestReport();
  expect(second.exitCode).toBe(0);
  expect(again.campaign).toMatchObject({ ran: 0, id: report.campaign.id });
  expect(lasting(again)).toEqual(lasting(report));
});

test('no failure has a field that can be made simpler', { timeout: 10 * minute }, async () => {
  using ledger = new Ledger(':memory:');
  await using open = openLaboratory({
    catalogue,
    executor: localExecutor(),
    ledger,
    onEvent: () => {},
    stop: neverAborted,
    abort: neverAborted,
  });
  const lock = await readLock(lockFile);
  if (lock === undefined) throw new Error(`${lockFile} is missing`);
  const pin = { id: 'peft-0.21.2', device: 'cpu', source: { kind: 'lock', lock } } as const;
  const state = await readyPin(pin, open.pool, ledger, () => {});
  if (state.kind !== 'ready') throw new Error(`${pin.id} is ${state.kind}`);
  const { ready } = state;
  const signaturesAt = async (at: ReadyPin, config: Config): Promise<readonly string[]> => {
    const properties = allProperties.filter(({ id }) => id !== 'same-seed-same-run');
    const { violations } = await judgeConfig(open.laboratory, at, config, { properties, by: open.laboratory.run });
    return violations.map(({ signatureId }) => signatureId);
  };
  const failures = report.failures.filter(({ pins }) => pins.includes(pin.id));
  const simpler = failures.flatMap(({ signature, config }) =>
    simplifications(catalogue.axes, config)
      .filter(isFeasible(catalogue, ready))
      .map((candidate) => ({ signature, candidate })),
  );
  expect(simpler.length).toBeGreaterThan(failures.length);
  const seen = await Promise.all(
    simpler.map(async ({ signature, candidate }) => ({
      at: formatConfig(minimalForm(catalogue.axes, candidate)),
      isSame: (await signaturesAt(ready, candidate)).includes(signature),
    })),
  );
  expect(seen.filter(({ isSame }) => isSame)).toEqual([]);
});

describe('the replay command of a failure', () => {
  test('shows the same signature again, from nothing but its id', { timeout: 5 * minute }, async () => {
    const failure = failureAt({ adapter: 'vera', sharding: 'fsdp1', use_orig_params: false });
    const [npx, name, ...words] = failure?.replay.split(' ') ?? [];
    expect([npx, name]).toEqual(['npx', 'peft-matrix']);
    const replayed = await peftMatrix(...words);
    expect(replayed.exitCode).toBe(1);
    expect(replayed.stdout).toContain(`fails again, signature ${failure?.signature}`);
  });

  test('does so in processes that imported nothing beforehand, too', { timeout: 5 * minute }, async () => {
    const failure = failureAt({ adapter: 'dora', sharding: 'fsdp1' });
    const replayed = await peftMatrix('replay', failure?.id ?? '', '--cold');
    expect(replayed.exitCode).toBe(1);
    expect(replayed.stdout).toContain(`fails again, signature ${failure?.signature}`);
  });
});
