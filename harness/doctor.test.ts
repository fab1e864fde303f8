import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Finding } from '../reports/machine-findings.ts';
import { doctorExitCode, formatDoctorJson } from '../reports/machine-findings.ts';
import { renderDoctor } from '../reports/terminal/render-doctor.ts';
import { inspectAccelerators } from './doctor/accelerators.ts';
import { inspectDocker } from './doctor/docker.ts';
import { inspectEnvironments } from './doctor/environments.ts';
import { inspectRuntime } from './doctor/runtime.ts';
import { inspectStorage } from './doctor/storage.ts';
import { inspectUv } from './doctor/uv.ts';
import { inspectMachine } from './doctor.ts';

let folder: string;
const { signal } = new AbortController();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctor-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A machine with nothing on it: no PATH, no home, no network. */
const bare = async (): Promise<Readonly<Record<string, string>>> => ({
  PATH: join(folder, 'bin'),
  HOME: folder,
  XDG_CACHE_HOME: join(folder, 'cache'),
  UV_DEFAULT_INDEX: `http://127.0.0.1:${await closedPort()}/simple`,
  DOCKER_HOST: `unix://${join(folder, 'docker.sock')}`,
});

const ids = ['node', 'cores', 'memory', 'cache', 'python', 'uv', 'index', 'environments', 'devices', 'docker'];

const of = (findings: readonly Finding[], id: string): Finding | undefined =>
  findings.find((finding) => finding.id === id);

test('this machine is described whole, whatever it has', async () => {
  const findings = await inspectMachine(signal);
  expect(findings.map(({ id }) => id)).toEqual(ids);
  expect(of(findings, 'node')).toMatchObject({ status: 'ok' });
  expect(of(findings, 'python')?.says).toMatch(/^3\.\d+\.\d+ {2}\//mu);
  expect(JSON.parse(formatDoctorJson(findings))).toMatchObject({ version: 1, findings });
});

test('a machine with no Python, no uv and no index cannot do a default run, and is told what to do', async () => {
  const findings = await inspectMachine(signal, await bare());
  expect(doctorExitCode(findings)).toBe(3);
  for (const id of ['python', 'uv', 'index']) {
    expect(of(findings, id)).toMatchObject({ status: 'problem', remedy: expect.stringMatching(/\w/u) });
  }
  expect(of(findings, 'index')?.says).toContain('ECONNREFUSED');
  expect(of(findings, 'docker')).toMatchObject({ status: 'warning' });
  expect(renderDoctor(findings, { colour: false, width: 100 })).toMatch(
    /^PROBLEM {2}Python {8}no Python >= 3\.8 on PATH or under pyenv$/mu,
  );
});

test('a search that is called off is no finding', async () => {
  await expect(inspectMachine(AbortSignal.abort(new Error('enough')), await bare())).rejects.toThrow('enough');
});

test('an index whose address holds a password is told without it', async () => {
  const variables = { ...(await bare()), UV_DEFAULT_INDEX: `http://me:secret@127.0.0.1:${await closedPort()}/simple` };
  const text = renderDoctor(await inspectMachine(signal, variables), { colour: false, width: 100 });
  expect(text).toContain('127.0.0.1');
  expect(text).not.toContain('secret');
});

test('doctor makes no folder and installs nothing', async () => {
  const variables = await bare();
  await inspectMachine(signal, variables);
  await expect(mkdir(join(folder, 'cache'))).resolves.toBeUndefined();
});

test('a cache that cannot be a folder is a problem', async () => {
  await writeFile(join(folder, 'cache'), '');
  const finding = await inspectStorage({ XDG_CACHE_HOME: join(folder, 'cache') }, true);
  expect(finding).toMatchObject({ status: 'problem', remedy: expect.stringContaining('XDG_CACHE_HOME') });
});

test('uv on PATH is named with its version', async () => {
  await program('uv', 'echo "uv 0.13.9"');
  expect(await inspectUv(await bare(), undefined, signal)).toMatchObject({ status: 'ok', says: 'uv 0.13.9 on PATH' });
});

test('uv that an earlier run brought along is found in the cache', async () => {
  const variables = await bare();
  await program('../cache/peft-matrix/uv/0.13.9/bin/uv', 'echo "uv 0.13.9"');
  expect((await inspectUv(variables, undefined, signal)).says).toMatch(/^uv 0\.13\.9 at .*\/0\.13\.9\/bin\/uv$/u);
});

test('without uv any Python will bring it along', async () => {
  const python = { path: '/usr/bin/python3', version: '3.11.2' };
  expect(await inspectUv(await bare(), python, signal)).toMatchObject({ status: 'ok' });
});

test('environments of the default matrix that are not built yet are counted', async () => {
  const { finding, areBuilt } = await inspectEnvironments(await bare());
  expect(finding).toMatchObject({ status: 'ok', says: '0 of 4 of the default matrix are built' });
  expect(areBuilt).toBe(false);
});

test('a lock file that is damaged is a problem with its name', async () => {
  await writeFile(join(folder, 'peft-0.21.2.json'), '{');
  const { finding } = await inspectEnvironments(await bare(), folder);
  expect(finding.status).toBe('problem');
  expect(finding.says).toContain('peft-0.21.2.json');
});

const machine = {
  node: 'v24.21.0',
  platform: 'linux',
  architecture: 'x64',
  cores: 8,
  cpu: 'A CPU',
  memoryBytes: 16e9,
  freeBytes: 8e9,
};

test.each([
  ['enough of everything', {}, ['ok', 'ok', 'ok']],
  ['an old Node', { node: 'v20.20.2' }, ['problem', 'ok', 'ok']],
  ['Windows', { platform: 'win32' }, ['warning', 'ok', 'ok']],
  ['one core', { cores: 1 }, ['ok', 'warning', 'ok']],
  ['little memory', { freeBytes: 2e9 }, ['ok', 'ok', 'warning']],
  ['far too little memory', { freeBytes: 0.5e9 }, ['ok', 'ok', 'problem']],
])('%s', (_, change, statuses) => {
  expect(inspectRuntime({ ...machine, ...change }).map(({ status }) => status)).toEqual(statuses);
});

test('GPUs are listed with memory and driver', async () => {
  await program('nvidia-smi', 'echo "NVIDIA H200, 143771 MiB, 570.86.15"');
  const finding = await inspectAccelerators(await bare(), signal);
  expect(finding).toMatchObject({ status: 'ok', says: 'CPU\nNVIDIA H200, 143771 MiB, 570.86.15' });
});

test('a device file without a driver that answers is a warning', async () => {
  await writeFile(join(folder, 'nvidia0'), '');
  expect(await inspectAccelerators(await bare(), signal, folder)).toMatchObject({ status: 'warning' });
});

test('no GPU is fine', async () => {
  expect(await inspectAccelerators(await bare(), signal, folder)).toMatchObject({ status: 'ok' });
});

test.each(['not an address', 'ssh://me@host', 'tcp://127.0.0.1:1', 'unix:///nowhere.sock'])(
  'DOCKER_HOST=%s is a warning that names it',
  async (host) => {
    const finding = await inspectDocker({ ...(await bare()), DOCKER_HOST: host }, signal);
    expect(finding).toMatchObject({ status: 'warning', remedy: expect.stringContaining(host) });
  },
);

const program = async (name: string, script: string): Promise<void> => {
  const path = join(folder, 'bin', name);
  await mkdir(join(path, '..'), { recursive: true });
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
};

const listen = (server: net.Server, where: string | number): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(where, () => resolve());
  return promise;
};

/** A port of this machine on which nothing listens. */
const closedPort = async (): Promise<number> => {
  const server = net.createServer();
  await listen(server, 0);
  const address = server.address();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  await promise;
  return address !== null && typeof address === 'object' ? address.port : 1;
};
