import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseXml } from '../reports/fixtures/parse-xml.ts';
import { parseVerdicts } from '../reports/verdicts-model.ts';
import { supportMatrixSchema } from '../reports/support-matrix/support-matrix-model.ts';
import { openWorkplace, passing, type Workplace } from './fixtures/command-line.ts';

const axes = `${passing}  precision: [fp32, bf16]\nseed: `;

/** Two campaigns of one matrix, of which the second fails on bf16; and their ids, older first. */
const twoCampaigns = async (): Promise<Workplace & { readonly older: string; readonly newer: string }> => {
  const workplace = await openWorkplace();
  const { write, run, folder } = workplace;
  const runSeed = async (seed: number): Promise<string> => {
    await write('some.yaml', `${axes}${seed}\n`);
    await run(['run', 'some.yaml'], { TMPDIR: folder });
    const report: unknown = JSON.parse(await readFile(join(folder, '.peft-matrix/latest/verdicts.json'), 'utf8'));
    return parseVerdicts(JSON.stringify(report)).campaign;
  };
  const older = await runSeed(1);
  // What was seen is a fact: only an empty ledger asks again.
  for (const suffix of ['', '-wal', '-shm'])
    await rm(join(folder, `.peft-matrix/ledger.sqlite${suffix}`), { force: true });
  const fault = { config: { adapter: 'lora', precision: 'bf16' }, message: 'it broke <b>&' };
  await write('fails', JSON.stringify([fault]));
  return { ...workplace, older, newer: await runSeed(2) };
};

const kept = (id: string, name: string): string => `.peft-matrix/campaigns/${id}/${name}`;

describe('diff', () => {
  test('ends with 1 when something regressed, and takes ids, latest and paths', async () => {
    const { run, older, newer } = await twoCampaigns();
    const { exitCode, stdout } = await run(['diff', older, newer]);
    expect(stdout).toMatch(/^REGRESSED .*runs\/train\n +ValueError: it broke <b>&\n/mu);
    expect(stdout).toContain('of 1 cell, in A: 1 passed');
    expect(exitCode).toBe(1);
    const folder = `.peft-matrix/campaigns/${older}`;
    for (const [a, b] of [
      [folder, 'latest'],
      [`${folder}/report.json`, newer],
    ] as const) {
      expect((await run(['diff', a, b])).stdout).toBe(stdout);
    }
    expect(await run(['diff', newer, older])).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await run(['diff', newer, newer])).stdout).toContain(
      '0 regressed, 0 new, 0 changed, 0 fixed, 0 gone, 0 not asked, 1 same',
    );
    const json: unknown = JSON.parse((await run(['diff', older, newer, '--json'])).stdout);
    expect(json).toMatchObject({ regressed: true, counts: { regressed: 1 } });
  });

  test('concludes nothing from a report alone', async () => {
    const { run, folder, older, newer } = await twoCampaigns();
    await rm(join(folder, `.peft-matrix/campaigns/${older}/verdicts.json`));
    const { exitCode, stdout } = await run(['diff', older, newer]);
    expect(stdout).toContain('its verdicts.json is not there');
    expect(stdout).toMatch(/^NOT-ASKED /mu);
    expect(exitCode).toBe(0);
  });

  test('says what is wrong with what it is given', async () => {
    const { complaint, write, folder } = await openWorkplace();
    expect(await complaint(['diff', 'latest', 'latest'])).toContain('There is no campaign yet in .peft-matrix');
    await write('report.json', '{}');
    await mkdir(join(folder, 'empty'));
    expect(await complaint(['diff', 'report.json', 'latest'])).toMatchInlineSnapshot(`
      "peft-matrix: report.json is no report.json that this version can read
      [exit 2]"
    `);
    expect(await complaint(['diff', 'empty', 'latest'])).toMatchInlineSnapshot(`
      "peft-matrix: Cannot read empty/report.json: ENOENT: no such file or directory, open 'empty/report.json'
      [exit 2]"
    `);
    expect(await complaint(['diff', 'a', 'b', '--pins', 'x'])).toMatchInlineSnapshot(`
      "error: option '--pins <a=b>' argument 'x' is invalid. expected the ids of two pins, such as peft-0.20.0=peft-0.21.2
      (--help lists what there is)
      [exit 2]"
    `);
  });

  test('compares pins that are given, and refuses those that are not there', async () => {
    const { run, complaint, older, newer } = await twoCampaigns();
    const pair = 'env-stand-in=env-stand-in';
    expect(await run(['diff', older, newer, '--pins', pair])).toMatchObject({ exitCode: 1 });
    const said = await complaint(['diff', older, newer, '--pins', 'env-stand-in=other']);
    expect(said).toContain('has no pin other. Its pins: env-stand-in\n[exit 2]');
  });
});

describe('report', () => {
  test('makes one matrix of all campaigns, in which the newest verdict of a cell counts', async () => {
    const { run, older, newer } = await twoCampaigns();
    const { exitCode, stdout } = await run(['report', '--format', 'support-matrix']);
    const matrix = supportMatrixSchema.parse(JSON.parse(stdout));
    expect(exitCode).toBe(0);
    expect(matrix.campaigns.map(({ id }) => id)).toEqual([older, newer]);
    const states = matrix.rows.map(
      ({ method, precision, cells }) => `${method} ${precision} ${cells['0.21.2']?.state}`,
    );
    expect(states).toEqual(['none fp32 works', 'none bf16 works', 'lora fp32 works', 'lora bf16 fails']);
    expect(matrix.rows.flatMap(({ cells }) => cells['0.21.2']?.campaigns)).toEqual([1, 1, 1, 1]);
    const alone = await run(['report', older, '--format', 'markdown-matrix']);
    expect(alone.stdout).toMatch(/^\| `lora` +\| ✓ 2 +\|$/mu);
    expect((await run(['report', '--format', 'markdown-matrix'])).stdout).toContain('✓ 1 fp32<br>✗ 0/1 bf16');
  });

  test('leaves out campaigns of earlier versions, and says so', async () => {
    const { run, complaint, folder, older, newer } = await twoCampaigns();
    await rm(join(folder, `.peft-matrix/campaigns/${older}/verdicts.json`));
    const { stdout, stderr } = await run(['report', '--format', 'support-matrix']);
    expect(supportMatrixSchema.parse(JSON.parse(stdout)).campaigns.map(({ id }) => id)).toEqual([newer]);
    expect(stderr).toContain(`left out, for another version wrote them or they are damaged: ${older}.`);
    expect(await complaint(['report', older, '--format', 'junit'])).toContain('an earlier version ran it');
  });

  test('leaves out a campaign that is damaged, unless it is named', async () => {
    const { run, complaint, write, older, newer, folder } = await twoCampaigns();
    const verdictsOf = (id: string): Promise<string> => readFile(join(folder, kept(id, 'verdicts.json')), 'utf8');
    const sound = await verdictsOf(older);
    const campaigns = async (): Promise<readonly string[]> => {
      const { stdout, stderr } = await run(['report', '--format', 'support-matrix']);
      const ids = supportMatrixSchema.parse(JSON.parse(stdout)).campaigns.map(({ id }) => id);
      expect(stderr.includes(`they are damaged: ${older}.`)).toBe(!ids.includes(older));
      return ids;
    };
    const named = ['report', older, newer, '--format', 'support-matrix'];
    for (const damaged of [sound.slice(0, 500), '{}', '', await verdictsOf(newer)]) {
      await write(kept(older, 'verdicts.json'), damaged);
      expect(await campaigns()).toEqual([newer]);
      expect(await complaint(named)).toMatch(/[Tt]he verdicts .*\n\[exit 2\]$/u);
    }
    // As another program would write them.
    await write(kept(older, 'verdicts.json'), JSON.stringify(JSON.parse(sound)));
    expect(await campaigns()).toEqual([older, newer]);
    await write(kept(older, 'report.json'), '{"campaign":');
    expect(await campaigns()).toEqual([newer]);
    expect(await complaint(named)).toMatch(/The report of .* cannot be read.*\n\[exit 2\]$/u);
  });

  test('calls the last campaign latest, and says what there is where it has gone', async () => {
    const { run, complaint, folder, newer } = await twoCampaigns();
    expect((await run(['report', 'latest', '--format', 'json'])).stdout).toContain(`"id": "${newer}"`);
    await rm(join(folder, '.peft-matrix/latest'));
    expect(await complaint(['show'])).toContain(
      'The latest campaign of .peft-matrix has no report. Name another one: <campaign>, <campaign>\n[exit 2]',
    );
  });

  test('does not take a folder for the file that it is to write', async () => {
    const { complaint } = await twoCampaigns();
    expect(await complaint(['report', '--format', 'json', '--output', '.'])).toContain(
      '--output .: it is a folder. Name a file, in it or elsewhere\n[exit 2]',
    );
  });

  test('tells the news, and writes to a file', async () => {
    const { run, folder } = await twoCampaigns();
    expect(await run(['report', '--format', 'atom', '--output', 'a/b/feed.xml'])).toMatchObject({
      exitCode: 0,
      stdout: '',
    });
    const feed = parseXml(await readFile(join(folder, 'a/b/feed.xml'), 'utf8'));
    expect(feed.children.filter(({ name }) => name === 'entry')).toHaveLength(1);
  });

  test('gives a CI what it reads, and ends as the campaign did', async () => {
    const { run } = await twoCampaigns();
    const junit = await run(['report', '--format', 'junit']);
    expect(parseXml(junit.stdout).attributes).toMatchObject({ tests: '4', failures: '1', errors: '0' });
    const annotations = await run(['report', '--format', 'github-annotations']);
    expect(annotations.stdout).toMatch(/^::error title=[0-9a-f]{8} runs\/train::ValueError: it broke <b>&%0A.*$/u);
    const summary = await run(['report', '--format', 'github-summary']);
    expect(summary.stdout).toBe((await run(['report', '--format', 'markdown'])).stdout);
    expect([junit, annotations, summary].map(({ exitCode }) => exitCode)).toEqual([1, 1, 1]);
  });

  test('writes badges into a folder, which it has to be told', async () => {
    const { run, complaint, folder } = await twoCampaigns();
    expect(await complaint(['report', '--format', 'badges'])).toBe(
      'peft-matrix: --format badges makes many files: name a folder with --output\n[exit 2]',
    );
    expect(await run(['report', '--format', 'badges', '--output', 'badges'])).toMatchObject({ exitCode: 0 });
    expect((await readdir(join(folder, 'badges/cpu'))).toSorted()).toEqual(
      ['all', 'lora', 'none'].flatMap((name) => [`${name}.json`, `${name}.svg`]),
    );
  });

  test('shows one campaign where a format is of one', async () => {
    const { complaint, older, newer } = await twoCampaigns();
    expect(await complaint(['report', older, newer])).toBe(
      'peft-matrix: --format terminal shows one campaign, and 2 are named\n[exit 2]',
    );
  });
});
