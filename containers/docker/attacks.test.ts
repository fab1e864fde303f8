import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CellResult } from '../executor.ts';
import type { RunningProbe } from '../open-probe.ts';
import { someCell } from '../fixtures/some-cell.ts';
import { connectEngine } from './engine.ts';
import { quickImage } from './fixtures/quick-image.ts';
import { defaultLimits } from './limits.ts';
import { startProbeContainer } from './start-probe-container.ts';

const gib = 1024 ** 3;

/** The real probe, locked in as always; only what runs in its ranks is hostile. */
describe('hostile code in a rank', { tags: ['docker'] }, () => {
  let probe: RunningProbe;

  beforeAll(async () => {
    const engine = await connectEngine();
    probe = startProbeContainer(engine, {
      image: await quickImage(engine),
      words: ['--device', 'cpu', '--program', '/attacks.py'],
      limits: { ...defaultLimits, memoryBytes: 1.5 * gib, scratchBytes: gib / 4, pids: 128 },
      deviceRequests: [],
      binds: [`${join(import.meta.dirname, 'fixtures/attacks.py')}:/attacks.py:ro`],
    });
    await probe.connection.greeting;
  }, 600_000);
  afterAll(() => probe[Symbol.asyncDispose]());

  const attack = (name: string): Promise<CellResult> =>
    probe.connection.run(
      { ...someCell, config: { attack: name }, phases: ['train'], phaseDeadlineMs: 20_000 },
      new AbortController().signal,
    );

  const works = { kind: 'observed', observation: { phases: [{ name: 'train' }] } };

  test.each(['write_outside_of_scratch', 'reach_the_network', 'raise_privileges'])(
    '%s: gets nowhere, and the next cell runs',
    async (name) => {
      await expect(attack(name)).resolves.toMatchObject(works);
      await expect(attack('nothing')).resolves.toMatchObject(works);
    },
  );

  test('fill_memory: is a failure of that cell, proven by the kernel, and the next cell runs', async () => {
    await expect(attack('fill_memory')).resolves.toMatchObject({
      kind: 'observed',
      observation: { stop: { kind: 'out-of-memory', phase: 'train', signal: 'SIGKILL' } },
    });
    await expect(attack('nothing')).resolves.toMatchObject(works);
  });

  test('fill_scratch: is refused, and the next cell finds room', async () => {
    await expect(attack('fill_scratch')).resolves.toMatchObject({
      observation: { stop: { kind: 'exception', exception: { message: expect.stringContaining('No space left') } } },
    });
    await expect(attack('nothing')).resolves.toMatchObject(works);
  });

  test('fork_without_end: is stopped by the limit, and the next cell runs', async () => {
    // Whose fork is refused is chance: the rank's own, which ends it, or always a child's. Then it runs into its deadline.
    const refused = { kind: 'exception', exception: expect.objectContaining({ type: 'BlockingIOError' }) };
    const ends = [refused, { kind: 'timeout' }].map((end) => expect.objectContaining({ ...end, phase: 'train' }));
    await expect(attack('fork_without_end')).resolves.toMatchObject({
      observation: { stop: expect.toBeOneOf(ends) },
    });
    await expect(attack('nothing')).resolves.toMatchObject(works);
  });

  test.each(['print_100_megabytes', 'print_many_letters_at_once', 'speak_for_the_probe'])(
    '%s: is heard by nobody, and the next cell runs',
    async (name) => {
      await expect(attack(name)).resolves.toMatchObject({ kind: 'observed' });
      await expect(attack('nothing')).resolves.toMatchObject(works);
    },
  );
});
