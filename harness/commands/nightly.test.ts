import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { parseNight } from '../../reports/night/night-model.ts';
import { readRows } from '../soak/traces.ts';
import { openWorkplace, passing, type Workplace } from '../fixtures/command-line.ts';

interface World {
  readonly fails?: string;
  readonly dies?: true;
}

interface Nights extends Workplace {
  /** A night on a day, in a world in which every cell of LoRA raises this, or nothing can be asked. */
  readonly night: (day: string, world?: World) => ReturnType<Workplace['run']>;
  /** Makes such a world, and forgets what was seen in another. */
  readonly arrange: (world: World) => Promise<void>;
  /** A night in the world as it is. */
  readonly again: (day: string) => ReturnType<Workplace['run']>;
  /** The same, without waiting for its end. */
  readonly beginNight: (day: string) => ReturnType<Workplace['begin']>;
}

const wordsOf = (day: string): readonly string[] => {
  const how = ['--rounds', '1', '--publish', 'public', '--quiet'];
  return ['nightly', 'tiny.yaml', '--as-of', day, ...how];
};

const openNights = async (): Promise<Nights> => {
  const workplace = await openWorkplace();
  const { write, run, folder } = workplace;
  await write('tiny.yaml', passing);
  const again: Nights['again'] = (day) => run(wordsOf(day), { TMPDIR: folder });
  const beginNight: Nights['beginNight'] = (day) => workplace.begin(wordsOf(day), { TMPDIR: folder });
  const arrange: Nights['arrange'] = async ({ fails, dies }) => {
    // What was seen is a fact: only an empty ledger asks again.
    for (const suffix of ['', '-wal', '-shm'])
      await rm(join(folder, `.peft-matrix/ledger.sqlite${suffix}`), { force: true });
    await write('fails', JSON.stringify(fails === undefined ? [] : [{ config: { adapter: 'lora' }, message: fails }]));
    await (dies === true ? write('dies', '') : rm(join(folder, 'dies'), { force: true }));
  };
  const night: Nights['night'] = async (day, world = {}) => {
    await arrange(world);
    return again(day);
  };
  return { ...workplace, night, arrange, again, beginNight };
};

test('what breaks is told on its night, once; what is mended, too; a suspect night claims nothing', async () => {
  const { night, folder } = await openNights();
  expect(await night('2026-11-01')).toMatchObject({ exitCode: 0 });
  const broke = await night('2026-11-02', { fails: 'it broke' });
  expect(broke.stdout).toMatch(/^REGRESSED .*runs\/train\n +ValueError: it broke$/mu);
  expect(broke.stdout).toContain('no culprit: it was found in an environment that was taken as it is');
  expect(broke.exitCode).toBe(1);
  const standing = await night('2026-11-03', { fails: 'it broke' });
  expect(standing.stdout).toContain('0 broke, 0 found, 0 mended, 1 stand');
  expect(standing.exitCode).toBe(0);
  const suspect = await night('2026-11-04', { dies: true });
  expect(suspect.stdout).toContain('nothing is claimed');
  expect(suspect.exitCode).toBe(3);
  const mended = await night('2026-11-05');
  expect(mended.stdout).toContain('the night of 2026-11-05, against 2026-11-03');
  expect(mended.stdout).toMatch(/^FIXED .*runs\/train$/mu);
  expect(mended.exitCode).toBe(0);
  // The same night once more comes to the same.
  expect((await night('2026-11-05')).stdout).toBe(mended.stdout);
  const files = await readdir(join(folder, 'public'));
  expect(files.toSorted()).toEqual([
    'badges',
    'feed.atom',
    'index.html',
    'junit.xml',
    'matrix.json',
    'matrix.md',
    'night.json',
    'summary.md',
  ]);
  expect(await readFile(join(folder, 'public/feed.atom'), 'utf8')).toMatch(/Regressed: ValueError: it broke[^]*/u);
  const kept = parseNight(await readFile(join(folder, '.peft-matrix/nights/tiny/local/2026-11-05/night.json'), 'utf8'));
  expect(kept.ended).toMatchObject([{ day: '2026-11-05' }]);
});

const observations = ({ folder }: Workplace): number => readRows(join(folder, '.peft-matrix')).size;

describe('a night that is killed -9', () => {
  const broken = { fails: 'it broke' };

  /** Two nights, of which the second is disturbed first; what it says in the end, and how much was seen. */
  const secondNight = async (
    disturb: (nights: Nights, begin: () => ReturnType<Workplace['begin']>) => Promise<void>,
  ): Promise<{ readonly said: unknown; readonly seen: number }> => {
    const nights = await openNights();
    await nights.night('2026-11-01');
    await nights.arrange(broken);
    await disturb(nights, () => nights.beginNight('2026-11-02'));
    const said = await nights.again('2026-11-02');
    const file = join(nights.folder, '.peft-matrix/nights/tiny/local/2026-11-02/night.json');
    const record = (await readFile(file, 'utf8')).replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/gu, '"some time"');
    const stderr = said.stderr.replaceAll(/\[\d+:\d\d\]/gu, '[later]');
    return { said: { ...said, stderr, record }, seen: observations(nights) };
  };

  test('goes on, and comes to the same', async () => {
    const undisturbed = await secondNight(() => Promise.resolve());
    expect(undisturbed.said).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('REGRESSED') });
    const disturbed = await secondNight(async (nights, begin) => {
      for (const rows of [0, 1, 2]) {
        const night = begin();
        while (observations(nights) < rows) await sleep(5);
        night.kill('SIGKILL');
        await night;
      }
    });
    expect(disturbed).toEqual(undisturbed);
  });
});

test('the night ends before its time where there is nothing left that would widen it', async () => {
  const { write, run, folder } = await openWorkplace();
  await write('tiny.yaml', passing);
  expect(await run(['nightly', 'tiny.yaml', '--as-of', '2026-11-01', '--quiet'])).toMatchObject({ exitCode: 0 });
  expect((await readdir(join(folder, '.peft-matrix/campaigns'))).length).toBeLessThanOrEqual(3);
});

test('what is wrong with the flags is said', async () => {
  const { complaint } = await openWorkplace();
  const said = await complaint(['nightly', '--as-of', 'yesterday', '--minutes', '0', '--rounds', '0']);
  expect(said).toContain('--as-of: expected a day such as 2026-11-20');
  expect(said).toContain('--minutes: expected a number above 0');
  expect(said).toContain('--rounds: expected a whole number');
  expect(said).toContain('[exit 2]');
  expect(await complaint(['nightly', '--as-of', '9999-12-31'])).toMatch(
    /--as-of: 9999-12-31 is still to come: expected \d{4}-\d\d-\d\d \(today, in UTC\) or a day before it\n\[exit 2\]$/u,
  );
});

test('file-issues prints what it would do, and writes nothing without a repository', async () => {
  const { night, run, complaint } = await openNights();
  await night('2026-11-01', { fails: 'it broke' });
  expect(await run(['file-issues', '--from', 'public/night.json'])).toMatchObject({
    exitCode: 0,
    stdout: 'nothing to do',
  });
  const said = await complaint(['file-issues', '--from', 'public/night.json', '--write']);
  expect(said).toContain('--write needs --repo <owner/name>');
  expect(said).toContain('[exit 2]');
});

test.each([
  [['--from', 'tiny.yaml'], '--from tiny.yaml: not the record of a night'],
  [['--from', 'nowhere.json'], '--from nowhere.json: there is no such file'],
  [['--from', '.'], '--from .: this is a folder, not a file'],
  [['--from', 'night.json', '--limit', '-1'], 'expected at least 1'],
])('file-issues %j is refused: %s', async (words, problem) => {
  const { complaint } = await openNights();
  const said = await complaint(['file-issues', ...words]);
  expect(said).toContain(problem);
  expect(said).toContain('[exit 2]');
});

test('--publish is tried before the night, not after it', async () => {
  const { complaint } = await openNights();
  const said = await complaint([...wordsOf('2026-11-01').slice(0, -2), 'tiny.yaml', '--quiet']);
  expect(said).toContain('--publish tiny.yaml: it is a file, not a folder');
  expect(said).not.toContain('the night of');
});
