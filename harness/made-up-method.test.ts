import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureEnvironment } from '../containers/local/build-environment.ts';
import { readLock } from '../matrices/lock.ts';
import { parseReportJson } from '../reports/report-json.ts';
import type { Report } from '../reports/report-model.ts';
import { checkoutWith } from './fixtures/checkout.ts';
import { installMadeUpRelease, madeUpEntry, type MadeUpRelease } from './fixtures/made-up-release.ts';
import { neverAborted } from './interruption.ts';

interface Ran {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Absent where nothing came of it. */
  readonly report: Report | undefined;
  readonly markdown: string | undefined;
}

const lockFile = join(import.meta.dirname, '../matrices/locks/quick/peft-0.21.2.json');
const asItIs = join(import.meta.dirname, 'cli.ts');
const everySharding = 'sharding: [none, ddp, fsdp2]';

let folder: string;
/** Keeps the environment below from being pruned. */
const whenOver = new DisposableStack();
/** Of an environment with PEFT 0.21.2, which is left alone. */
let below: string;
let withEntry: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'made-up-method-'));
  const lock = await readLock(lockFile);
  if (lock === undefined) throw new Error(`${lockFile} is missing`);
  const environment = await ensureEnvironment(lock, { onStep: () => {}, onWarning: () => {} }, neverAborted);
  whenOver.use(environment);
  below = environment.python;
  withEntry = await checkoutWith(join(folder, 'checkout'), madeUpEntry);
}, 600_000);
afterAll(async () => {
  whenOver.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a small matrix on an environment with a release that is not out yet. */
const runOn = async (release: MadeUpRelease, cli: string, axes: string): Promise<Ran> => {
  const cwd = await mkdtemp(join(folder, 'run-'));
  const python = await installMadeUpRelease(below, join(cwd, 'next'), release);
  const lines = [
    'version: 1',
    'name: next',
    `pins: [{ interpreter: ${python} }]`,
    `axes: { ${axes} }`,
    'strength: 1',
    'budget: { cells: 40, random: 0, minutes: 240 }',
  ];
  await writeFile(join(cwd, 'next.yaml'), lines.join('\n'));
  await mkdir(join(cwd, 'cache'));
  const { exitCode, stdout, stderr } = await execa(process.execPath, [cli, 'run', 'next.yaml'], {
    cwd,
    reject: false,
    env: { XDG_CACHE_HOME: join(cwd, 'cache'), NO_COLOR: '1' },
  });
  const report = await readLatest(cwd, 'report.json');
  const markdown = await readLatest(cwd, 'report.md');
  return { exitCode, stdout, stderr, markdown, report: report === undefined ? report : parseReportJson(report) };
};

const readLatest = (cwd: string, name: string): Promise<string | undefined> =>
  readFile(join(cwd, '.peft-matrix/latest', name), 'utf8').catch(() => undefined);

describe('a method that a release of PEFT brings', () => {
  const release = { version: '0.22.0' };

  test('is told by every report as long as no entry names it, and turns nothing red', async () => {
    const { exitCode, stdout, report, markdown } = await runOn(release, asItIs, 'adapter: [lora]');
    expect(stdout).toContain('\nnot covered: GainConfig (env-next)\n');
    expect(markdown).toContain('\nNot covered: `GainConfig (env-next)`\n');
    expect(report?.pins[0]).toMatchObject({ versions: { peft: '0.22.0' }, notCovered: ['GainConfig'] });
    expect(stdout).toContain('exit 0: as expected');
    expect(exitCode).toBe(0);
  });

  test('cannot be asked for before', async () => {
    const { exitCode, stderr } = await runOn(release, asItIs, 'adapter: [gain]');
    expect(stderr).toContain('"gain" is not allowed');
    expect(exitCode).toBe(2);
  });

  test('is covered by one entry: its cells are run, and pass', async () => {
    const { exitCode, stdout, report, markdown } = await runOn(release, withEntry, `adapter: [gain], ${everySharding}`);
    expect(`${stdout}${markdown}`).not.toMatch(/not covered/iu);
    expect(report?.pins[0]).not.toHaveProperty('notCovered');
    expect(report?.counts).toMatchObject({
      pass: report?.counts.cells,
      fail: 0,
      unsupported: 0,
      skipped: 0,
      broken: 0,
    });
    expect(report?.counts.pass).toBeGreaterThanOrEqual(3);
    expect(exitCode).toBe(0);
  });

  test('is held to what methods promise: one that cannot be unmerged is found out', async () => {
    const forgetful = { version: '0.22.0', change: ['(-self.gain_log', '(self.gain_log'] } as const;
    const { exitCode, report } = await runOn(forgetful, withEntry, 'adapter: [gain]');
    expect(report?.failures).toMatchObject([
      { property: 'merge-agrees', phase: 'unmerge', minimal: { adapter: 'gain' } },
    ]);
    expect(exitCode).toBe(1);
  });
});

test('a method that is promised and that a release took away is a failure', async () => {
  const release = { version: '0.22.0', without: 'VeraConfig' };
  const { exitCode, stdout, report } = await runOn(release, asItIs, 'adapter: [vera]');
  expect(report?.failures).toMatchObject([
    {
      property: 'runs',
      phase: 'adapt',
      exception: 'Removed',
      message: 'peft.VeraConfig is gone',
      detail: 'PEFT 0.22.0 is expected to have peft.VeraConfig and does not',
      minimal: { adapter: 'vera' },
    },
  ]);
  expect(report?.counts.unsupported).toBe(0);
  expect(stdout).toMatch(/^NEW .* Removed: peft\.VeraConfig is gone$/mu);
  expect(exitCode).toBe(1);
});
