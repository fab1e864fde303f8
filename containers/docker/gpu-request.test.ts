import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { parseGpus } from '../gpu/gpu-request.ts';
import { someCell } from '../fixtures/some-cell.ts';
import { deviceRequests } from './device-requests.ts';
import { connectEngine } from './engine.ts';
import { startOwnEngine, type OwnEngine } from './fixtures/own-engine.ts';
import { baseImage, standIn } from './fixtures/stand-in.ts';
import { ownLabel } from './labels.ts';
import { startProbeContainer } from './start-probe-container.ts';

const hookName = 'nvidia-container-runtime-hook';
const given = z.object({ id: z.string(), bundle: z.string(), pid: z.int() });
const bundleConfig = z.object({ process: z.object({ env: z.array(z.string()) }) });

/** An engine takes requests for GPUs when that hook is on its PATH. The driver's own is not here: this one writes down. */
describe('an engine with a GPU runtime', { tags: ['docker', 'dockerd'] }, () => {
  let tools: string;
  let own: OwnEngine;
  const before = process.env['DOCKER_HOST'];

  beforeAll(async () => {
    tools = await mkdtemp(join(tmpdir(), 'hook-'));
    const hook = join(tools, hookName);
    const state = join(tools, 'state.json');
    await writeFile(
      hook,
      `#!/bin/sh
echo "$@" >> ${tools}/arguments
cat > ${state}
bundle=$(sed 's/.*"bundle":"\\([^"]*\\)".*/\\1/' ${state})
cp "$bundle/config.json" ${tools}/config.json
`,
    );
    await chmod(hook, 0o755);
    own = await startOwnEngine({ tools, images: [baseImage] });
    process.env['DOCKER_HOST'] = own.host;
  });
  afterAll(async () => {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
    await own[Symbol.asyncDispose]();
    await rm(tools, { recursive: true });
  });

  test('is asked for all of them, and hands the request to the hook before the probe runs', async () => {
    const engine = await connectEngine();
    await using probe = startProbeContainer(engine, {
      ...standIn('ok'),
      deviceRequests: deviceRequests('cuda', { kind: 'all' }),
    });
    await expect(probe.connection.greeting).resolves.toMatchObject({ kind: 'hello' });
    await expect(probe.connection.run(someCell, new AbortController().signal)).resolves.toMatchObject({
      kind: 'observed',
    });

    // What the program says may be here before the engine knows that it runs.
    const [container] = await engine.listContainers({ all: true, filters: { label: [ownLabel] } });
    if (container === undefined) throw new Error('the engine has no container of ours');
    const { HostConfig } = await engine.getContainer(container.Id).inspect();
    expect(HostConfig.DeviceRequests).toMatchObject([{ Driver: 'nvidia', Count: -1, Capabilities: [['gpu']] }]);

    expect(await readFile(join(tools, 'arguments'), 'utf8')).toBe('prestart\n');
    const state = given.parse(JSON.parse(await readFile(join(tools, 'state.json'), 'utf8')));
    expect(state.id).toBe(container.Id);
    const { process: inside } = bundleConfig.parse(JSON.parse(await readFile(join(tools, 'config.json'), 'utf8')));
    expect(inside.env).toContain('NVIDIA_VISIBLE_DEVICES=all');
  });

  test.each([
    ['2', 'NVIDIA_VISIBLE_DEVICES=0,1'],
    [
      'GPU-11111111-2222-3333-4444-555555555555,GPU-66666666-7777-8888-9999-000000000000',
      'NVIDIA_VISIBLE_DEVICES=GPU-11111111-2222-3333-4444-555555555555,GPU-66666666-7777-8888-9999-000000000000',
    ],
  ])('--gpus %s: the container sees those alone', async (gpus, variable) => {
    const engine = await connectEngine();
    await using probe = startProbeContainer(engine, {
      ...standIn('ok'),
      deviceRequests: deviceRequests('cuda', parseGpus(gpus)),
    });
    await expect(probe.connection.greeting).resolves.toMatchObject({ kind: 'hello' });
    const { process: inside } = bundleConfig.parse(JSON.parse(await readFile(join(tools, 'config.json'), 'utf8')));
    expect(inside.env).toContain(variable);
  });
});
