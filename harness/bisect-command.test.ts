import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveHistory } from '../containers/git/archive-history.ts';
import { exportTree } from '../containers/git/export-tree.ts';
import { resolveCommit } from '../containers/git/release-commit.ts';
import type { Repository } from '../containers/git/repository.ts';
import { bisectSchema, type Bisect } from '../reports/bisect-model.ts';
import { commandLineIn, type Ended } from './fixtures/command-line.ts';
import { neverAborted } from './interruption.ts';
import { bisectWhole, disturbBisect, layBisectGround } from './soak/disturb-bisect.ts';

/** Merging OSF twice takes the merged weight for the base since 0.21.0: see `osf-merged-twice` in known-issues.yaml. */
const failure = '74086418';
const minutes = 60_000;
const telling = { onStep: () => {}, onWarning: () => {} };

let folder: string;
let history: Repository;

const peftMatrix = (...words: readonly string[]): Promise<Ended> => commandLineIn(folder, ...words);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bisect-'));
  const matrix = [
    'version: 1',
    'name: osf',
    'asOf: 2026-11-20',
    "pins: [{ peft: '0.21.2', python: '3.11', torch: '2.13.0', device: cpu }]",
    'axes: { adapter: [osf] }',
    'strength: 1',
    'budget: { cells: 2 }',
  ];
  await writeFile(join(folder, 'osf.yaml'), matrix.join('\n'));
  await mkdir(join(folder, 'locks/osf'), { recursive: true });
  const lock = await readFile(join(import.meta.dirname, '../matrices/locks/quick/peft-0.21.2.json'));
  await writeFile(join(folder, 'locks/osf/peft-0.21.2.json'), lock);
  history = await archiveHistory('peft', ['0.20.0', '0.21.0'], telling, neverAborted);
  const { exitCode, stderr } = await peftMatrix('run', 'osf.yaml', '--quiet');
  if (exitCode !== 0) throw new Error(stderr);
  await cp(join(folder, '.peft-matrix'), join(folder, 'campaign'), { recursive: true });
}, 15 * minutes);
afterAll(() => rm(folder, { recursive: true, force: true }));

const bisect = async (): Promise<Bisect> => {
  const words = ['bisect', failure, '--from', '0.20.0', '--git', history.gitDir, '--json', '--quiet'];
  const { exitCode, stdout } = await peftMatrix(...words);
  expect(exitCode).toBe(0);
  return bisectSchema.parse(JSON.parse(stdout));
};

describe('a failure on real releases', () => {
  test(
    'is traced to its release, then to the commit in a history of what was released',
    async () => {
      const { culprits, since, ran } = await bisect();
      expect(culprits).toMatchObject([
        { kind: 'introduced', package: 'peft', before: '0.20.0', after: '0.21.0', confirmed: true, proof: 'held' },
      ]);
      const commit = { title: 'peft 0.21.0' };
      expect(culprits[0]?.commits).toMatchObject({ history: history.gitDir, candidates: [commit], parent: {} });
      expect(culprits[0]?.commits?.asked.map(({ answer }) => answer.kind).toSorted()).toEqual(['bad', 'good']);
      expect(since).toMatchObject({ package: 'peft', version: '0.21.0', commit });
      expect(ran).toBeGreaterThan(0);
    },
    15 * minutes,
  );

  test(
    'costs nothing to trace once more, and carries what was found',
    async () => {
      expect((await bisect()).ran).toBe(0);
      const { stdout } = await peftMatrix('show', failure);
      expect(stdout).toMatch(/since +peft 0\.21\.0 \(2026-09-15\), by [0-9a-f]{10} "peft 0\.21\.0"/u);
      const entry = await peftMatrix('bisect', failure, '--from', '0.20.0', '--known-issue', '--quiet');
      expect(entry).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("versions: {peft: '>=0.21.0'}") });
    },
    10 * minutes,
  );
});

/** Judges what was released as a source tree. */
const judge = async (release: string): Promise<Ended> => {
  const commit = await resolveCommit(history, 'peft', release, telling, neverAborted);
  const tree = await exportTree(history, commit, neverAborted);
  return peftMatrix('bisect', failure, '--tree', tree, '--quiet');
};

test(
  'is traced to the same release when it is killed -9 again and again, and nothing is run twice',
  async () => {
    const words = ['--from', '0.20.0', '--git', history.gitDir];
    const place = { failure, words, results: join(folder, 'campaign') };
    const whole = await bisectWhole(await layBisectGround(join(folder, 'whole'), place));
    const round = await disturbBisect(
      await layBisectGround(join(folder, 'killed'), place),
      [
        { target: 'group', afterMs: 500 },
        { target: 'harness', afterRows: 1 },
        { target: 'group', afterRows: 3 },
      ],
      whole,
    );
    expect(round.kills.map(({ isMissed }) => isMissed)).toEqual([false, false, false]);
    expect(round.problems).toEqual([]);
    expect(round.answer).toEqual(whole.answer);
  },
  15 * minutes,
);

const night = async (day: string, ...words: readonly string[]): Promise<Ended> =>
  peftMatrix('nightly', 'night.yaml', '--as-of', day, '--rounds', '1', '--results', 'nights', '--quiet', ...words);

describe('the main branch of a package', () => {
  test(
    'is tried beside the newest release, and what broke there is traced to its commit',
    async () => {
      const matrix = [
        'version: 1',
        'name: night',
        "pins: [{ peft: '>=0.20,<0.21', python: '3.11', torch: '2.13.0' }]",
        'axes: { adapter: [osf] }',
        'strength: 1',
        'budget: { cells: 8 }',
      ];
      await writeFile(join(folder, 'night.yaml'), matrix.join('\n'));
      expect(await night('2026-11-19')).toMatchObject({ exitCode: 0 });
      const { stdout, exitCode } = await night('2026-11-20', '--main', `peft=${history.gitDir}`);
      expect(stdout).toMatch(/^peft-main new, after peft-0\.20\.0: peft 0\.20\.0 -> 0\.21\.0\+git\./mu);
      expect(stdout).toContain(`REGRESSED  ${failure}`);
      expect(stdout.replaceAll(/\s+/gu, ' ')).toMatch(
        /culprit peft 0\.21\.0 brought it: peft 0\.20\.0 does not show it, by [0-9a-f]{10} "peft 0\.21\.0"/u,
      );
      // It has a name.
      expect(exitCode).toBe(0);
      const found = await peftMatrix('bisect', failure, '--results', 'nights', '--json', '--quiet');
      expect(bisectSchema.parse(JSON.parse(found.stdout)).since).toMatchObject({
        version: '0.21.0',
        commit: { title: 'peft 0.21.0' },
      });
    },
    15 * minutes,
  );

  test('of a package or a repository that nobody knows is refused', async () => {
    const refused = await night('2026-11-20', '--main', 'trl');
    expect(refused.stderr).toContain('--main trl: the repository of trl is not known (known: peft, transformers');
    expect(refused.exitCode).toBe(2);
    expect((await night('2026-11-20', '--main', 'peft=')).stderr).toContain(
      '--main peft=: expected a package, or NAME=REPOSITORY',
    );
    expect((await night('2026-11-20', '--main', 'peft=nowhere')).stderr).toContain('nowhere is no git repository');
  });
});

describe('one source tree', () => {
  test('is good, or bad, in the exit codes of git bisect run', { timeout: 10 * minutes }, async () => {
    expect(await judge('0.20.0')).toMatchObject({ exitCode: 0, stdout: 'good' });
    const bad = await judge('0.21.0');
    expect(bad.stdout).toMatch(/^bad: Violation: /u);
    expect(bad.exitCode).toBe(1);
  });

  test.each([
    ['a folder that is not there', ['--tree', 'nowhere']],
    ['a flag that has no part in it', ['--tree', '.', '--commits']],
    ['a flag that is misspelt', ['--tree', '.', '--fnd-fix']],
  ])('%s ends the bisect of git, and is no bad commit', async (_, words) => {
    expect((await peftMatrix('bisect', failure, ...words)).exitCode).toBe(128);
  });
});

test('what is no repository is refused before anything is asked', async () => {
  const { exitCode, stderr } = await peftMatrix('bisect', failure, '--git', 'nowhere');
  expect(stderr).toContain('nowhere is no git repository: give a URL');
  expect(exitCode).toBe(2);
});
