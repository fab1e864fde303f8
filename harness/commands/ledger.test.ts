import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openWorkplace, passing } from '../fixtures/command-line.ts';

// Each asks several processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

test('parts of a campaign go through export, import and merge to one report', async () => {
  const { write, run } = await openWorkplace();
  await write('some.yaml', passing);
  const shard = (part: string, results: string): ReturnType<typeof run> =>
    run(['run', 'some.yaml', '--shard', part, '--results', results, '--quiet']);
  const first = await shard('1/2', 'one');
  expect(first.exitCode).toBe(0);
  expect(first.stdout).toMatch(/^tiny-[0-9a-f]{8}, shard 1 of 2: \d of 3 runs on .*\n\d run, 0 from the ledger\n/u);
  expect((await shard('2/2', 'two')).exitCode).toBe(0);

  expect((await run(['ledger', 'export', 'a/b/two.jsonl.gz', '--results', 'two'])).exitCode).toBe(0);
  const imported = await run(['ledger', 'import', 'a/b/two.jsonl.gz']);
  expect(imported.stderr).toMatch(/^peft-matrix: warning: tiny-[0-9a-f]{8}: shard 1\/2 is missing$/u);
  const merged = await run(['ledger', 'merge', 'one']);
  expect(merged.stdout).toMatch(/^one: \d observations?, \d of them new$/u);
  expect(merged.stderr).toBe('');

  const whole = await run(['run', 'some.yaml', '--quiet']);
  expect(whole.exitCode).toBe(0);
  expect(whole.stdout).toContain('(0 run, 3 from the ledger)');
  expect((await run(['ledger', 'stats'])).stdout).toMatch(/^3 observations in .*\npeft 0\.21\.2 +local +3\ntiny-/u);
  const pruned = await run(['ledger', 'prune', '--days', '0']);
  expect(pruned.stdout).toBe('removed: 0 of 3 observations; 3 stay, for campaigns stand on them');
  expect((await run(['ledger', 'compact'])).exitCode).toBe(0);
  expect((await run(['run', 'some.yaml', '--quiet'])).stdout).toContain('(0 run, 3 from the ledger)');
});

test('a shard does not resolve a pin by itself: every shard might get another lock', async () => {
  const { write, complaint } = await openWorkplace();
  await write('some.yaml', passing.replace(/- .*/u, "- { peft: '0.21.2' }"));
  expect(await complaint(['run', 'some.yaml', '--shard', '1/2'])).toMatchInlineSnapshot(`
    "peft-matrix: peft-0.21.2 has no lock that answers it, and all shards must stand on the same ones. Make them in a job before: peft-matrix plan, and hand .peft-matrix on to every shard; or commit them (<folder>/locks/tiny/peft-0.21.2.json).
    [exit 2]"
  `);
});

test('what is wrong is said before anything is done', async () => {
  const { write, complaint, run, folder } = await openWorkplace();
  await write('some.yaml', passing);
  expect(await complaint(['run', 'some.yaml', '--shard', '3/2'])).toMatch(/such as 1\/3[^]*\[exit 2\]$/u);
  expect(await complaint(['ledger', 'stats'])).toMatch(/There is no ledger in \.peft-matrix[^]*\[exit 2\]$/u);
  await run(['run', 'some.yaml', '--quiet']);
  expect(await complaint(['ledger', 'prune'])).toMatch(/say what to remove[^]*\[exit 2\]$/u);
  expect(await complaint(['ledger', 'prune', '--days', '1e9'])).toMatch(/from 0 to 365000[^]*\[exit 2\]$/u);
  expect(await complaint(['ledger', 'prune', '--without-lock', '--locks', 'nowhere'])).toMatch(
    /--locks nowhere: there is no such folder\n\[exit 2\]$/u,
  );
  expect(await complaint(['ledger', 'export', '.'])).toMatch(/\.: it is a folder\. Name a file[^]*\[exit 2\]$/u);
  expect(await complaint(['report', '--site', 'some.yaml'])).toMatch(
    /--site some\.yaml: it is a file, not a folder\n\[exit 2\]$/u,
  );
  expect(await complaint(['ledger', 'export', 'x', '--campaign', 'other'])).toMatch(
    /knows: <campaign>[^]*\[exit 2\]$/u,
  );
  expect(await complaint(['ledger', 'export', 'x', '--with', 'peft=0.9.9'])).toMatch(
    /--with peft=0\.9\.9: the ledger has no run with it\. It has, of peft: 0\.21\.2\n\[exit 2\]$/u,
  );
  expect(await readdir(folder)).not.toContain('x');
  await writeFile(join(folder, 'x'), 'version: 1, and nothing of ours');
  expect(await complaint(['ledger', 'import', 'x'])).toMatch(
    /x: this is no file of `peft-matrix ledger export`\. Nothing of it was imported[^]*\[exit 2\]$/u,
  );
  await run(['run', 'some.yaml', '--quiet', '--results', 'other']);
  expect(await complaint(['ledger', 'merge', 'other', 'nowhere', '--results', 'third'])).toMatch(
    /nowhere: there is no ledger[^]*\[exit 2\]$/u,
  );
  expect(await complaint(['ledger', 'stats', '--results', 'third'])).toContain('There is no ledger in third');
  // A campaign that nobody knows what it stands on.
  await mkdir(join(folder, '.peft-matrix/campaigns/old-12345678'));
  expect(await complaint(['ledger', 'prune', '--days', '0'])).toMatch(/what old-12345678 stands on[^]*\[exit 2\]$/u);
  expect(await readFile(join(folder, 'x'), 'utf8')).toBe('version: 1, and nothing of ours');
});
