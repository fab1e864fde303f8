import { DatabaseSync } from 'node:sqlite';
import { cp, mkdir, open, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseLock } from '../matrices/lock.ts';
import { openWorkplace, passing, standIn, type Workplace } from './fixtures/command-line.ts';

// Each asks a process or several, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let ran: string;

beforeAll(async () => {
  const { write, run, folder } = await openWorkplace(() => {});
  await write('some.yaml', passing);
  const { exitCode, stderr } = await run(['run', 'some.yaml', '--quiet']);
  if (exitCode !== 0) throw new Error(stderr);
  ran = folder;
});
afterAll(() => rm(ran, { recursive: true, force: true }));

/** A workplace with a campaign that has been run. */
const openCampaign = async (): Promise<Workplace> => {
  const workplace = await openWorkplace();
  await cp(ran, workplace.folder, { recursive: true, verbatimSymlinks: true });
  return workplace;
};

/** `run` of a matrix that is `passing` with something changed. */
const complaintAbout = async (content: string | Uint8Array): Promise<string> => {
  const { write, complaint, folder } = await openWorkplace();
  await write('some.yaml', content);
  const said = await complaint(['run', 'some.yaml']);
  expect(await readdir(folder)).toEqual(['some.yaml']);
  return said;
};

describe('a matrix file that is wrong is refused before anything happens', () => {
  test('a value that the axis does not have', async () => {
    expect(await complaintAbout(passing.replace('[lora]', '[lora, doro]'))).toMatch(
      /^peft-matrix: some\.yaml:6:19: axes\.adapter\[1\]: "doro" is not allowed\. Did you mean "dora"\? Allowed: one of none, lora, dora, .*\n\[exit 2\]$/u,
    );
  });

  test('a key that is misspelt', async () => {
    expect(await complaintAbout(`${passing}strenght: 2\n`)).toMatchInlineSnapshot(`
      "peft-matrix: some.yaml:7:1: unknown key "strenght" in the file. Did you mean "strength"? Allowed: version, name, asOf, pins, axes, options, stages, strength, seed, budget
      [exit 2]"
    `);
  });

  test('a range in which no version can be', async () => {
    const pin = "- { peft: '>=0.21,<0.18' }";
    expect(await complaintAbout(passing.replace(/- .*/u, pin))).toMatchInlineSnapshot(`
      "peft-matrix: some.yaml:4:13: pins[0].peft: ">=0.21,<0.18": no version can be in this range
      [exit 2]"
    `);
  });

  test('a version without quotes', async () => {
    expect(await complaintAbout(passing.replace(/- .*/u, '- { peft: 0.20 }'))).toMatchInlineSnapshot(`
      "peft-matrix: some.yaml:4:13: pins[0].peft: expected text, found 0.2; put it in quotes: "0.20"
      [exit 2]"
    `);
  });

  test('numbers out of range', async () => {
    expect(await complaintAbout(`${passing}strength: 9\nbudget: { cells: 0 }\n`)).toMatchInlineSnapshot(`
      "peft-matrix: some.yaml:7:11: strength: 9: expected 1, 2 or 3
      some.yaml:8:18: budget.cells: 0 is too small; at least 1
      [exit 2]"
    `);
  });

  test('whole numbers that no computer number holds', async () => {
    const huge = '99999999999999999999';
    expect(await complaintAbout(`${passing}seed: ${huge}\nbudget: { cells: -${huge} }\n`)).toMatchInlineSnapshot(`
      "peft-matrix: some.yaml:7:7: seed: 100000000000000000000 is too large; at most 2147483647
      some.yaml:8:18: budget.cells: -100000000000000000000 is too small; at least 1
      [exit 2]"
    `);
  });

  test('aliases, of which a few stand for billions of values', async () => {
    const bomb = Array.from({ length: 9 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]\n`);
    expect(await complaintAbout(`a0: &a0 [x, x]\n${bomb.join('')}`)).toMatchInlineSnapshot(`
      "peft-matrix: some.yaml:2:10: aliases (*name) are not read here; write the value out
      [exit 2]"
    `);
  });

  test('a key that is there twice', async () => {
    expect(await complaintAbout(`${passing}name: other\n`)).toMatchInlineSnapshot(`
      "peft-matrix: some.yaml:7:1: the key "name" is there twice
      [exit 2]"
    `);
  });

  test('bytes that are not UTF-8', async () => {
    expect(await complaintAbout(Buffer.from(`${passing}# l\u00f6ss`, 'latin1'))).toMatchInlineSnapshot(`
      "peft-matrix: some.yaml:7:4: not UTF-8; save the file as UTF-8
      [exit 2]"
    `);
  });

  test('what is no YAML', async () => {
    expect(await complaintAbout('pins: [')).toMatchInlineSnapshot(`
      "peft-matrix: some.yaml:1:8: not valid YAML: unexpected end of the stream within a flow collection
      [exit 2]"
    `);
  });

  test('an interpreter that is not there', async () => {
    const said = await openWorkplace();
    await said.write('some.yaml', passing.replace(standIn, '.venv/bin/python'));
    expect(await said.complaint(['run', 'some.yaml'])).toMatchInlineSnapshot(`
      "peft-matrix: some.yaml:4:5: interpreter <folder>/.venv/bin/python: there is no such file. Give the path of a Python executable, such as .venv/bin/python, relative to the matrix file.
      [exit 2]"
    `);
  });

  test('a folder, and nothing at all, in place of a file', async () => {
    const { folder, complaint } = await openWorkplace();
    await mkdir(join(folder, 'some.yaml'));
    expect(await complaint(['run', 'some.yaml'])).toMatchInlineSnapshot(`
      "peft-matrix: some.yaml: this is a folder, not a file
      [exit 2]"
    `);
    expect(await complaint(['run', 'other.yaml'])).toMatchInlineSnapshot(`
      "peft-matrix: other.yaml: there is no such file
      [exit 2]"
    `);
  });
});

/** An entry of a file of known issues. */
const issue = (id: string, property: string): string =>
  `- { id: ${id}, kind: bug, title: Seen, link: 'https://example.org/1', property: ${property} }\n`;

/** `run` with known issues of the user's own. */
const complaintAboutIssues = async (text: string): Promise<string> => {
  const { write, complaint, folder } = await openWorkplace();
  await write('some.yaml', passing);
  await write('known.yaml', text);
  const said = await complaint(['run', 'some.yaml', '--known-issues', 'known.yaml']);
  expect(await readdir(folder)).toEqual(['known.yaml', 'some.yaml']);
  return said;
};

describe('known issues of the user that are wrong are refused before anything happens', () => {
  test('a property that there is not', async () => {
    expect(await complaintAboutIssues(issue('mine', 'runs') + issue('other', 'finite-and-movin')))
      .toMatchInlineSnapshot(`
        "peft-matrix: known.yaml:2:81: "finite-and-movin" is not a property. Did you mean "finite-and-moving"? Allowed: runs, starts-as-identity, sharding-engaged, trains-only-what-it-should, finite-and-moving, matches-unsharded, orig-params-agree, precision-drift, options-have-effect, agrees-with-release, disable-restores, generate-agrees, checkpoint-round-trip, checkpoint-crosses-releases, resume-continues, adapters-do-not-leak, merge-agrees, same-seed-same-run, memory-bounded
        [exit 2]"
      `);
  });

  test('an id that one of ours has', async () => {
    expect(await complaintAboutIssues(issue('dora-fsdp1-original-parameters', 'runs'))).toMatchInlineSnapshot(`
      "peft-matrix: known.yaml:1:9: "dora-fsdp1-original-parameters" is the id of a known issue that comes with peft-matrix. Choose another
      [exit 2]"
    `);
  });
});

test('the help names the default matrix as in the clone', async () => {
  const { run } = await openWorkplace();
  expect((await run(['run', '--help'])).stdout).toMatch(/matrix file \(default: matrices\/quick\.yaml\)/u);
});

test('a command line that is wrong', async () => {
  const { complaint, folder } = await openWorkplace();
  const lines = [
    ['run', '--sed', '3'],
    ['rum'],
    ['env', 'lst'],
    ['run', '--strength', '9'],
    ['run', '--seed', 'x'],
    ['run', '--cells', '0', '--minutes', '-1'],
    ['run', '--seed', '99999999999999999999'],
    ['run', '--minutes', 'soon'],
    ['run', 'one.yaml', 'two.yaml'],
    ['report', '--format', 'pdf'],
    ['schema', 'matrx'],
    ['env', 'prune'],
    ['run', '--executor', 'docker', '--base-image', 'x:{pyton}'],
    ['images', 'build', '--base-image', 'Not an image'],
  ];
  const said = await Promise.all(lines.map(async (args) => `$ ${args.join(' ')}\n${await complaint(args)}`));
  expect(said.join('\n')).toMatchInlineSnapshot(`
    "$ run --sed 3
    error: unknown option '--sed'
    (Did you mean --seed?)
    (--help lists what there is)
    [exit 2]
    $ rum
    error: unknown command 'rum'
    (Did you mean run?)
    (--help lists what there is)
    [exit 2]
    $ env lst
    error: unknown command 'lst'
    (Did you mean list?)
    (--help lists what there is)
    [exit 2]
    $ run --strength 9
    peft-matrix: --strength 9 is not allowed. Allowed: 1, 2 or 3
    [exit 2]
    $ run --seed x
    error: option '--seed <number>' argument 'x' is invalid. expected a whole number
    (--help lists what there is)
    [exit 2]
    $ run --cells 0 --minutes -1
    peft-matrix: --cells 0 is not allowed. Allowed: a whole number from 1 to 1000000
    --minutes -1 is not allowed. Allowed: a number above 0, at most 100000
    [exit 2]
    $ run --seed 99999999999999999999
    peft-matrix: --seed 100000000000000000000 is not allowed. Allowed: a whole number from 0 to 2147483647
    [exit 2]
    $ run --minutes soon
    error: option '--minutes <number>' argument 'soon' is invalid. expected a number
    (--help lists what there is)
    [exit 2]
    $ run one.yaml two.yaml
    error: too many arguments for 'run'. Expected 1 argument but got 2: one.yaml, two.yaml.
    (--help lists what there is)
    [exit 2]
    $ report --format pdf
    error: option '--format <format>' argument 'pdf' is invalid. Allowed choices are terminal, markdown, json, junit, github-summary, github-annotations, support-matrix, markdown-matrix, atom, badges.
    (--help lists what there is)
    [exit 2]
    $ schema matrx
    peft-matrix: schema matrx: not known. Allowed: matrix, axes, adapters, models, rules, refusals, known-issues, report, event, doctor, verdicts, support-matrix, diff, bisect, night
    [exit 2]
    $ env prune
    peft-matrix: env prune: say what to remove: --all, --days N or --limit GB
    [exit 2]
    $ run --executor docker --base-image x:{pyton}
    peft-matrix: --base-image x:{pyton}: {pyton} stands for nothing. Allowed: {python}
    [exit 2]
    $ images build --base-image Not an image
    peft-matrix: --base-image Not an image: this is no name of an image. Expected one such as python:{python}-slim
    [exit 2]"
  `);
  expect(await readdir(folder)).toEqual([]);
});

test('a campaign in which all is skipped is not as expected', async () => {
  const { write, run } = await openWorkplace();
  await write('some.yaml', passing.replace(/- .*/u, `- { interpreter: ${standIn}, device: cuda }`));
  const { exitCode, stdout } = await run(['run', 'some.yaml'], { PATH: pathWithoutNvidia() });
  expect(stdout).toMatch(/^env-stand-in-cuda( +-){6} +all +-$/mu);
  expect(stdout).toMatch(/exit 4: nothing was tested: all of it is unsupported or skipped$/u);
  expect(exitCode).toBe(4);
});

/** Everything of `PATH` but a folder that has `nvidia-smi`, with which a GPU is looked for. */
const pathWithoutNvidia = (): string => {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.filter((folder) => !existsSync(join(folder, 'nvidia-smi'))).join(delimiter);
};

describe('asking for what is not there', () => {
  test('without any campaign', async () => {
    const { complaint, folder } = await openWorkplace();
    expect(await complaint(['show'])).toMatchInlineSnapshot(`
      "peft-matrix: There is no campaign yet in .peft-matrix. Start one: peft-matrix run
      [exit 2]"
    `);
    expect(await complaint(['report'])).toMatchInlineSnapshot(`
      "peft-matrix: There is no campaign yet in .peft-matrix. Start one: peft-matrix run
      [exit 2]"
    `);
    expect(await complaint(['replay', '1a2b3c4d'])).toMatchInlineSnapshot(`
      "peft-matrix: There is no campaign yet in .peft-matrix. Start one: peft-matrix run
      [exit 2]"
    `);
    expect(await readdir(folder)).toEqual([]);
  });

  test('ids that nothing has', async () => {
    const { complaint } = await openCampaign();
    expect(await complaint(['show', '1a2b3c4d'])).toMatchInlineSnapshot(`
      "peft-matrix: There is no campaign and no failure "1a2b3c4d". Campaigns: <campaign>. Failures of <campaign>: none
      [exit 2]"
    `);
    expect(await complaint(['show', '../../..'])).toMatchInlineSnapshot(`
      "peft-matrix: There is no campaign and no failure "../../..". Campaigns: <campaign>. Failures of <campaign>: none
      [exit 2]"
    `);
    expect(await complaint(['report', 'a'.repeat(400)])).toContain('There is no campaign aaa');
    expect(await complaint(['replay', '1a2b3c4d'])).toMatchInlineSnapshot(`
      "peft-matrix: There is no failure 1a2b3c4d in .peft-matrix. "peft-matrix show" lists those of the last run.
      [exit 2]"
    `);
    expect(await complaint(['replay', ''])).toMatchInlineSnapshot(`
      "peft-matrix: There is no failure without an id in .peft-matrix. "peft-matrix show" lists those of the last run.
      [exit 2]"
    `);
  });

  test('a matrix, of which it takes the campaigns', async () => {
    const { complaint } = await openCampaign();
    for (const matrix of ['tiny', 'some.yaml', './matrices/some.yml']) {
      expect((await complaint(['show', matrix])).replace(matrix, '<matrix>')).toMatchInlineSnapshot(`
        "peft-matrix: show takes the id of a campaign, or of a failure of the latest one; "<matrix>" is a matrix. Campaigns: <campaign>
        [exit 2]"
      `);
    }
  });

  test('a report that is damaged', async () => {
    const { complaint, write } = await openCampaign();
    await write('.peft-matrix/latest/report.json', '{"campaign":');
    expect(await complaint(['show'])).toMatchInlineSnapshot(`
      "peft-matrix: The report of the latest campaign in .peft-matrix cannot be read: it was written by another version, or damaged. Run its matrix again (what is in the ledger is not run again).
      [exit 2]"
    `);
  });
});

describe('a campaign', () => {
  test('goes to its end, and the second time runs nothing; the report is data on stdout, progress is not', async () => {
    const { run } = await openCampaign();
    const { exitCode, stdout, stderr } = await run(['run', 'some.yaml']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/2 cells on 1 pin \(0 run, 3 from the ledger\)/u);
    expect(stderr).toContain('plan: 3 cells, 3 of them in the ledger already');
    expect(await run(['report'])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('has no colour where nobody sees it, and where nobody wants it', async () => {
    const { run } = await openCampaign();
    expect((await run(['show'])).stdout).not.toContain('\u001B');
    expect((await run(['show'], { FORCE_COLOR: '1' })).stdout).toContain('\u001B');
    expect((await run(['show'], { FORCE_COLOR: '0' })).stdout).not.toContain('\u001B');
    expect((await run(['show'], { NO_COLOR: '1' })).stdout).not.toContain('\u001B');
  });

  test('may be read by one who goes away early', async () => {
    const { folder } = await openCampaign();
    const cli = join(import.meta.dirname, 'cli.ts');
    for (const verb of ['show', 'run some.yaml --json', 'schema report']) {
      const { stdout, stderr } = await execa({
        shell: '/bin/bash',
        cwd: folder,
      })`set -o pipefail; ${process.execPath} ${cli} ${verb.split(' ')} | head -n 1`;
      expect(stdout.split('\n')).toHaveLength(1);
      expect(stderr).toBe('');
    }
  });

  test('whose budget is spent is partial only where a combination is left uncovered, and says so', async () => {
    const { write, run } = await openWorkplace();
    const axes = '  rank: [4, 1, 8]\n  gradient_checkpointing: [false, true]\n  targets: [attention, mlp]\n';
    await write('some.yaml', passing + axes);
    const covered = await run(['run', 'some.yaml', '--cells', '9']);
    expect(covered.stdout).toContain('2 cells: not run: the budget of 9 cells is spent; nothing is left uncovered');
    expect(covered.stdout).toContain('3 second runs: whether the same seed gives the same run');
    expect(covered.stdout).toMatch(/ 430 of\s430 possible pairs covered;[^]*exit 0: as expected/u);
    expect(covered.exitCode).toBe(0);
    const partial = await run(['run', 'some.yaml', '--cells', '6']);
    expect(partial.stdout).toContain('5 cells: not run: the budget of 6 cells is spent\n');
    expect(partial.stdout).toMatch(/ 426 of\s430 possible pairs covered;[^]*exit 4: 4 of 430 possible pairs are not/u);
    expect(partial.exitCode).toBe(4);
  });

  test('tells a failure that it met while shrinking apart from those of its own cells', async () => {
    const { write, run, folder } = await openWorkplace();
    await write('some.yaml', `${passing}  rank: [8]\n  targets: [mlp]\n`);
    const asked = { config: { adapter: 'lora', targets: 'mlp' }, message: 'what was asked for' };
    const other = { config: { adapter: 'lora', targets: 'attention' }, message: 'what nobody asked for' };
    await write('fails', JSON.stringify([asked, other]));
    const { exitCode, stdout } = await run(['run', 'some.yaml'], { TMPDIR: folder });
    expect(stdout).toMatch(/^NEW .*what was asked for\n[^]*? pins +env-stand-in \(1 cell\)\n/mu);
    expect(stdout).toMatch(
      /^MET .*what nobody asked for\n[^]*? pins +env-stand-in \(met while shrinking: 0 cells\)\n/mu,
    );
    expect(stdout).toMatch(/1\snew\sfailure,\s0\sknown,\s1\smet\swhile\sshrinking;[^]*exit 1: 1 new failure$/u);
    expect(exitCode).toBe(1);
    expect((await run(['report', '--format', 'markdown'])).stdout).toMatch(/ met while shrinking .*\| +0 \|$/mu);
    await write('mine.yaml', issue('mine', 'runs').replace(' }', ', words: [what was asked for] }'));
    const named = await run(['run', 'some.yaml', '--known-issues', 'mine.yaml'], { TMPDIR: folder });
    expect(named.stdout).toMatch(/0\snew\sfailures,\s1\sknown,\s1\smet\swhile\sshrinking;[^]*exit 0: as expected$/u);
    expect(named.exitCode).toBe(0);
  });

  test('names the folder of its results in every command that it proposes', async () => {
    const { write, run, complaint, folder } = await openWorkplace();
    await write('some.yaml', passing);
    await write('fails', JSON.stringify([{ config: { adapter: 'lora' }, message: 'of no use' }]));
    expect(await complaint(['show', "--results=what I've found"])).toContain(
      String.raw`Start one: peft-matrix run --results 'what I'\''ve found'`,
    );
    const { stdout } = await run(['run', 'some.yaml', "--results=what I've found"], { TMPDIR: folder });
    const [, line = ''] = /npx peft-matrix (replay .*)/u.exec(stdout) ?? [];
    expect(line).toMatch(/^replay [0-9a-f]{8} --results /u);
    const replayed = await execa({ shell: '/bin/bash', cwd: folder, reject: false, env: { TMPDIR: folder } })(
      `${process.execPath} ${join(import.meta.dirname, 'cli.ts')} ${line}`,
    );
    expect(replayed).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('fails again') });
    expect((await run(['show', '--results', "./what I've found"])).stdout).toContain(`--results './what I`);
  });

  test.each(['show', 'run some.yaml', 'run some.yaml --json', 'report'])(
    'whose %s cannot be written says so in one line',
    async (verb) => {
      const { folder } = await openCampaign();
      const cli = join(import.meta.dirname, 'cli.ts');
      const { exitCode, stderr } = await execa({ shell: '/bin/bash', cwd: folder, reject: false })(
        `${process.execPath} ${cli} ${verb} > /dev/full`,
      );
      const said = stderr.split('\n').filter((line) => !/^\[\d+:\d\d\] /u.test(line));
      expect(said).toEqual(['peft-matrix: cannot write to stdout: ENOSPC: no space left on device, write']);
      expect(exitCode).toBe(3);
    },
  );

  test('names the file of a known issue that is stale', async () => {
    const { write, run } = await openCampaign();
    await write('mine.yaml', issue('mine', 'runs').replace(' }', ', config: { adapter: [lora] } }'));
    const { exitCode, stdout } = await run(['run', 'some.yaml', '--known-issues', 'mine.yaml']);
    expect(stdout).toMatch(
      /^STALE +mine: Seen\. It was put to the test and did not fail: remove it from mine\.yaml\.$/mu,
    );
    expect(exitCode).toBe(1);
  });

  test('calls no known issue stale whose property lacked what it compares with', async () => {
    const { write, run } = await openCampaign();
    await write('mine.yaml', issue('mine', 'agrees-with-release').replace(' }', ', config: { adapter: [lora] } }'));
    const { exitCode, stdout } = await run(['run', 'some.yaml', '--known-issues', 'mine.yaml']);
    expect(stdout).not.toContain('STALE');
    expect(exitCode).toBe(0);
  });

  test('tells what it finds without ids that no command takes', async () => {
    const { write, run, folder } = await openWorkplace();
    await write('some.yaml', passing);
    await write('fails', JSON.stringify([{ config: { adapter: 'lora' }, message: 'of no use' }]));
    const { stderr } = await run(['run', 'some.yaml'], { TMPDIR: folder });
    expect(stderr).toMatch(/ FAIL ValueError: of no use$/mu);
  });

  test('two at once share one ledger', async () => {
    const { write, run } = await openWorkplace();
    await write('some.yaml', passing);
    const both = await Promise.all([run(['run', 'some.yaml']), run(['run', 'some.yaml'])]);
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });

  test('whose probe dies tells so in the words of the probe, and asks again the next time', async () => {
    const { write, run, folder } = await openWorkplace();
    await write('some.yaml', passing);
    await write('dies', '');
    const first = await run(['run', 'some.yaml'], { TMPDIR: folder });
    expect(first.exitCode).toBe(3);
    expect(first.stdout).toMatch(
      /BROKEN {2}2 cells: the probe ended with exit code 1; its last words: it was too much/u,
    );
    await expect(run(['run', 'some.yaml'])).resolves.toMatchObject({ exitCode: 0 });
  });

  test('in an environment without torch is not blamed on PEFT', async () => {
    const { write, run, folder } = await openWorkplace();
    await write('some.yaml', passing);
    await write('no-torch', '');
    const { exitCode, stdout, stderr } = await run(['run', 'some.yaml'], { TMPDIR: folder });
    expect(stdout + stderr).not.toMatch(/NEW|FAIL/u);
    expect(stdout).toMatch(/^env-stand-in( +-){7} +all$/mu);
    expect(stdout).toContain(`torch is not installed in this environment (${standIn})`);
    expect(stdout).toMatch(/exit 3: 1 pin could not be asked$/u);
    expect(exitCode).toBe(3);
    expect((await run(['report', '--format', 'markdown'])).stdout).toMatch(
      /^\| `env-stand-in` \|( +- \|){7} +all \|/mu,
    );
  });

  test('that is interrupted before it is planned promises no report', async () => {
    const { write, folder } = await openWorkplace();
    await write('some.yaml', passing);
    await write('dumb', '');
    const child = execa(process.execPath, [join(import.meta.dirname, 'cli.ts'), 'run', 'some.yaml'], {
      cwd: folder,
      reject: false,
      env: { TMPDIR: folder, XDG_CACHE_HOME: join(folder, 'cache') },
    });
    const said: string[] = [];
    for await (const line of child.iterable({ from: 'stderr', preserveNewlines: false })) {
      said.push(line);
      if (line.includes(': importing')) child.kill('SIGINT');
    }
    const { exitCode, stdout } = await child;
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    expect(said.slice(-2).join('\n')).toMatch(
      /interrupted before anything was planned: there is no report\n.*interrupted$/u,
    );
  });

  test('that is interrupted writes its report, ends with 130, and goes on the next time', async () => {
    const { write, run, folder } = await openWorkplace();
    await write('some.yaml', passing);
    await write('slow', '');
    const child = execa(process.execPath, [join(import.meta.dirname, 'cli.ts'), 'run', 'some.yaml'], {
      cwd: folder,
      reject: false,
      env: { TMPDIR: folder, XDG_CACHE_HOME: join(folder, 'cache') },
    });
    for await (const line of child.iterable({ from: 'stderr', preserveNewlines: false })) {
      if (line.includes('running: 0/3')) child.kill('SIGINT');
      if (line.includes('interrupted')) child.kill('SIGINT');
    }
    const { exitCode, stdout } = await child;
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 130, stdout: expect.stringContaining('interrupted') });
    await expect(run(['run', 'some.yaml'])).resolves.toMatchObject({ exitCode: 0 });
  });
});

describe('an index that cannot be reached', () => {
  test('breaks the pins that have to be resolved, and no others', async () => {
    const { write, run, folder } = await openWorkplace();
    const pins = "  - { peft: '0.21.2' }\n  - { peft: '>=0.20' }\n";
    await write('some.yaml', passing.replace('axes:', `${pins}axes:`));
    const index = `http://127.0.0.1:${await closedPort()}/simple`;
    const offline = {
      UV_DEFAULT_INDEX: index,
      UV_INDEX: 'file:///',
      UV_FIND_LINKS: undefined,
      PIP_FIND_LINKS: '/no/wheels',
      UV_HTTP_RETRIES: '0',
    };
    const { exitCode, stdout, stderr } = await run(['run', 'some.yaml'], { ...offline, XDG_CACHE_HOME: undefined });
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^peft-0\.21\.2( +-){7} +all$/mu);
    expect(stdout).toMatch(/^env-stand-in +2 +2 +0 /mu);
    expect(stdout).toMatch(/^BROKEN {2}peft-0\.21\.2 could not be asked:\n[^]*The package index cannot be reached: /mu);
    expect(stdout).toMatch(
      /^BROKEN {2}peft-range-1 could not be asked:\n[^]*the releases in >=0\.20 cannot be listed: /mu,
    );
    expect(stdout).toContain('exit 3: 2 pins could not be asked');
    await write('some.yaml', passing.replace('axes:', `${pins.replace('>=0.20', '>=0.19')}axes:`));
    await run(['run', 'some.yaml'], { ...offline, XDG_CACHE_HOME: undefined });
    expect(await readdir(join(folder, '.peft-matrix/campaigns'))).toHaveLength(2);
    expect(stderr).toContain("warning: pip's find-links names /no/wheels, which does not exist: left out");
  }, 60_000);
});

test.each([
  [
    "{ peft: '0.20.7' }",
    'there is no peft 0.20.7. Nearest: 0.20.0 and 0.21.0; the index has 2 releases, from 0.20.0 to 0.21.0',
  ],
  [
    "{ peft: '0.21.0', asOf: '2026-01-01' }",
    'peft 0.21.0 came out on 2026-01-02, which is after asOf (2026-01-01). The newest by then: 0.20.0',
  ],
])('an exact version that the index does not have, or not yet, is refused: %s', async (pin, problem) => {
  const { write, complaint } = await openWorkplace();
  const index = await indexWith('peft', ['0.20.0', '0.21.0', '0.21.1rc1']);
  const surroundings = {
    UV_DEFAULT_INDEX: index,
    UV_INDEX: 'file:///',
    UV_FIND_LINKS: undefined,
    PIP_FIND_LINKS: '/no/wheels',
    XDG_CACHE_HOME: undefined,
  };
  await write('some.yaml', passing.replace(/- .*/u, `- ${pin}`));
  const said = await complaint(['run', 'some.yaml'], surroundings);
  expect(said.split('\n').slice(-2)).toEqual([`peft-matrix: some.yaml:4:5: ${problem}`, '[exit 2]']);
});

test('a day that is still to come is refused, before an index is asked', async () => {
  const { write, complaint } = await openWorkplace();
  const pins = "- { peft: '0.21.2' }\n  - { peft: '0.20.0', asOf: '9999-12-31' }";
  await write('some.yaml', passing.replace(/- .*/u, pins));
  expect(await complaint(['plan', 'some.yaml'])).toMatch(
    /^peft-matrix: some\.yaml:5:5: asOf: 9999-12-31 is still to come: expected .* \(today, in UTC\)/u,
  );
  await write('some.yaml', passing.replace('pins:', "asOf: '9999-12-31'\npins:"));
  expect(await complaint(['nightly', 'some.yaml'])).toMatch(
    /^peft-matrix: some\.yaml: asOf: 9999-12-31 is still to come: /u,
  );
});

/** An index on this machine with one package, a release a day; none of its files can be had. */
const indexWith = async (name: string, versions: readonly string[]): Promise<string> => {
  const files = versions.map((version, index) => {
    const filename = `${name}-${version}-py3-none-any.whl`;
    const day = `2026-01-0${index + 1}T00:00:00Z`;
    return { filename, url: `/files/${filename}`, hashes: {}, 'upload-time': day, yanked: false };
  });
  const server = createHttpServer((request, response) => {
    const isKnown = request.url === `/simple/${name}/`;
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'application/vnd.pypi.simple.v1+json' });
    response.end(isKnown ? JSON.stringify({ meta: { 'api-version': '1.1' }, name, files }) : '{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 9}/simple`;
};

const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 9;
};

const flip = async (path: string, position: number): Promise<void> => {
  const file = await open(path, 'r+');
  await file.write(Buffer.alloc(64, 0xa5), 0, 64, position);
  await file.close();
};

describe('a ledger that is damaged is left as it is', () => {
  const ledger = '.peft-matrix/ledger.sqlite';
  test.each([
    ['garbage', / is damaged \(file is not a database\)\. .* move it away \("mv /u, (path: string) => flip(path, 0)],
    [
      'cut off',
      / is damaged \(database disk image is malformed\)/u,
      async (path: string) => truncate(path, Math.floor((await stat(path)).size / 2)),
    ],
    ['bytes flipped in the middle', / is damaged \(malformed: /u, (path: string) => flip(path, 4096 + 8)],
    [
      'written by a newer version',
      /by another version of peft-matrix \(tables of version 7, this one reads 1\)/u,
      (path: string): Promise<void> => {
        using database = new DatabaseSync(path);
        database.exec('PRAGMA user_version = 7');
        return Promise.resolve();
      },
    ],
  ])('%s', async (_, words, damage) => {
    const { folder, complaint } = await openCampaign();
    const path = join(folder, ledger);
    await damage(path);
    const before = await readFile(path);
    const files = await readdir(join(folder, '.peft-matrix'));
    const said = await complaint(['run', 'some.yaml']);
    expect(said).toMatch(words);
    expect(said).toMatch(/It was left as it is\. .*\n\[exit 3\]$/u);
    expect(await complaint(['replay', '1a2b3c4d'])).toBe(said);
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await readdir(join(folder, '.peft-matrix'))).toEqual(files);
  });

  test('one that is mended goes on', async () => {
    const { folder, run } = await openCampaign();
    const before = await readFile(join(folder, ledger));
    await flip(join(folder, ledger), 0);
    await expect(run(['run', 'some.yaml'])).resolves.toMatchObject({ exitCode: 3 });
    const file = await open(join(folder, ledger), 'r+');
    await file.write(before);
    await file.close();
    expect((await run(['run', 'some.yaml'])).stdout).toContain('0 run, 3 from the ledger');
  });
});

describe('a results folder that cannot be written', () => {
  test('a file is in the way', async () => {
    const { write, complaint } = await openWorkplace();
    await write('some.yaml', passing);
    await write('file', 'mine');
    for (const words of [['run', 'some.yaml'], ['show'], ['report'], ['replay', '1a2b'], ['clean', '--everything']]) {
      expect(await complaint([...words, '--results', 'file'])).toBe(
        'peft-matrix: --results file: file is a file, not a folder. Name another folder with --results\n[exit 2]',
      );
    }
  });

  test('it has no name, as of a variable that is not set: nothing of the folder that one is in is touched', async () => {
    const { write, complaint, folder } = await openWorkplace();
    await mkdir(join(folder, 'locks'));
    await write('locks/mine.json', '{}');
    await write('some.yaml', passing);
    const before = await readdir(folder, { recursive: true });
    for (const words of [['clean', '--everything'], ['run', 'some.yaml'], ['show']]) {
      expect(await complaint([...words, '--results', ''])).toContain("argument '' is invalid. expected the name of");
    }
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });
});

const mounted = async (folder: string, options: string): Promise<string> => {
  const disk = join(folder, 'disk');
  await mkdir(disk);
  await execa('mount', ['-t', 'tmpfs', '-o', options, 'none', disk]);
  onTestFinished(async () => void (await execa('umount', ['--lazy', disk])));
  return disk;
};

/** Only root may mount; elsewhere these are skipped, and say so. */
describe.skipIf(process.getuid?.() !== 0)('a disk of its own (needs root, to mount one)', () => {
  test.each([
    ['from the beginning', 4],
    ['once the ledger is there', 16],
    ['in the middle of a campaign', 48],
  ])('full %s', async (_, kilobytes) => {
    const { folder, write, complaint } = await openWorkplace();
    await write('some.yaml', passing);
    await mounted(folder, `size=${kilobytes}k`);
    const said = await complaint(['run', 'some.yaml', '--results', 'disk/results']);
    expect(said).toMatch(
      /^peft-matrix: The ledger disk\/results\/ledger\.sqlite cannot be written: the disk is full\./mu,
    );
    expect(said).toMatch(/free some space and run again\.\n\[exit 3\]$/u);
  });

  test('full when the report is written: it is shown all the same', async () => {
    const { folder, write, run } = await openWorkplace();
    await write('some.yaml', passing);
    await mkdir(join(folder, '.peft-matrix'));
    const campaigns = join(folder, '.peft-matrix/campaigns');
    await mkdir(campaigns);
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'none', campaigns]);
    onTestFinished(async () => void (await execa('umount', ['--lazy', campaigns])));
    await writeFile(join(campaigns, 'other'), Buffer.alloc(4096));
    const { exitCode, stdout, stderr } = await run(['run', 'some.yaml']);
    expect(stderr).toMatch(
      /Cannot write \.peft-matrix\/campaigns\/tiny-\w+: ENOSPC.*the disk is full: free some space/u,
    );
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('2 cells on 1 pin') });
  });

  test('that cannot be written', async () => {
    const { folder, write, complaint } = await openWorkplace();
    await write('some.yaml', passing);
    await mounted(folder, 'ro');
    expect(await complaint(['run', 'some.yaml', '--results', 'disk/results'])).toMatchInlineSnapshot(`
      "peft-matrix: Cannot write disk/results: EROFS: read-only file system, mkdir 'disk/results'; choose another folder with --results
      [exit 3]"
    `);
  });

  test('that holds the cache and is full breaks the pin that has to be built', async () => {
    const { folder, write, run } = await openWorkplace();
    await mkdir(join(folder, 'locks'));
    await mkdir(join(folder, 'locks/tiny'));
    const lock = await readFile(join(import.meta.dirname, '../matrices/locks/quick/peft-0.21.2.json'), 'utf8');
    const { asOf = '' } = parseLock(lock, 'the committed lock');
    const pin = `- { peft: '0.21.2', python: '3.11', torch: '2.13.0', asOf: ${asOf} }`;
    await write('some.yaml', passing.replace(/- .*/u, pin));
    await write('locks/tiny/peft-0.21.2.json', lock);
    const disk = await mounted(folder, 'size=4k,nr_inodes=3');
    const { exitCode, stdout } = await run(['run', 'some.yaml'], { XDG_CACHE_HOME: disk });
    expect(stdout).toMatch(/BROKEN {2}peft-0\.21\.2 could not be asked:\n\s+The disk is full: /u);
    expect(stdout).toContain('Free some space (`peft-matrix env prune`)');
    expect(exitCode).toBe(3);
  });
});
