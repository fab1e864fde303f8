import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseNight } from '../../reports/night/night-model.ts';
import { openWorkplace, passing, type Workplace } from '../fixtures/command-line.ts';

interface Nights extends Workplace {
  /** A night on a day, in a world in which every cell of LoRA raises this, or nothing can be asked. */
  readonly night: (
    day: string,
    world?: { readonly fails?: string; readonly dies?: true },
  ) => ReturnType<Workplace['run']>;
}

const openNights = async (): Promise<Nights> => {
  const workplace = await openWorkplace();
  const { write, run, folder } = workplace;
  await write('tiny.yaml', passing);
  const night: Nights['night'] = async (day, { fails, dies } = {}) => {
    // What was seen is a fact: only an empty ledger asks again.
    for (const suffix of ['', '-wal', '-shm'])
      await rm(join(folder, `.peft-matrix/ledger.sqlite${suffix}`), { force: true });
    await write('fails', JSON.stringify(fails === undefined ? [] : [{ config: { adapter: 'lora' }, message: fails }]));
    await (dies === true ? write('dies', '') : rm(join(folder, 'dies'), { force: true }));
    const args = ['nightly', 'tiny.yaml', '--as-of', day, '--rounds', '1', '--publish', 'public', '--quiet'];
    return run(args, { TMPDIR: folder });
  };
  return { ...workplace, night };
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
