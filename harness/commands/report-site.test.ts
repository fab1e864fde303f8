import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWorkplace, passing } from '../fixtures/command-line.ts';

test('report --site writes one HTML file with what was run, and the matrix beside it', async () => {
  const { write, run, folder } = await openWorkplace();
  await write('some.yaml', passing);
  expect(await run(['run', 'some.yaml', '--quiet'])).toMatchObject({ exitCode: 0 });
  const { exitCode, stdout } = await run(['report', '--site', 'public']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: join('public', 'index.html') });
  expect(await readdir(join(folder, 'public'))).toEqual(['index.html', 'matrix.json']);
  const page = await readFile(join(folder, 'public/index.html'), 'utf8');
  expect(page).toMatch(/<script type="application\/json" id="data">\{"version":1,/u);
  expect(page).toContain('"method":"lora"');
  const { stdout: byDefault } = await run(['report', '--site']);
  expect(byDefault).toBe(join('.peft-matrix', 'site', 'index.html'));
  // It is ours, and goes with the rest.
  await run(['clean', '--everything']);
  expect(await readdir(folder)).not.toContain('.peft-matrix');
});

test("report --site overwrites a site of ours, and nothing that is somebody else's", async () => {
  const { write, run, complaint, folder } = await openWorkplace();
  await write('some.yaml', passing);
  await run(['run', 'some.yaml', '--quiet']);
  const page = join(folder, 'public', 'index.html');
  await run(['report', '--site', 'public']);
  const ours = await readFile(page, 'utf8');
  // Pages from before there was a mark.
  await write('public/index.html', ours.replace(/<meta name="generator"[^>]*>/u, ''));
  expect(await run(['report', '--site', 'public'])).toMatchObject({ exitCode: 0 });
  expect(await readFile(page, 'utf8')).toBe(ours);

  await mkdir(join(folder, 'docs'));
  await mkdir(join(folder, 'data'));
  await write('docs/index.html', '<!doctype html><title>My project</title>');
  const said = await complaint(['report', '--site', 'docs']);
  expect(said).toContain('docs/index.html');
  expect(said).toContain('[exit 2]');
  expect(await readdir(join(folder, 'docs'))).toEqual(['index.html']);

  await write('data/matrix.json', '{"rows": 3}');
  expect(await complaint(['report', '--site', 'data'])).toContain('data/matrix.json');
  expect(await readdir(join(folder, 'data'))).toEqual(['matrix.json']);
  // A night is not run for what cannot be published.
  expect(await complaint(['nightly', 'some.yaml', '--publish', 'docs'])).toContain('docs/index.html');
});

test('report --site is no format', async () => {
  const { complaint } = await openWorkplace();
  const said = await complaint(['report', '--site', 'public', '--format', 'json']);
  expect(said).toContain('--site [folder]');
  expect(said).toContain('[exit 2]');
});
