import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectEngine } from '../containers/docker/engine.ts';
import { startOwnEngine, type OwnEngine } from '../containers/docker/fixtures/own-engine.ts';
import { quickImage } from '../containers/docker/fixtures/quick-image.ts';
import { baseImage } from '../containers/docker/fixtures/stand-in.ts';
import { seededDraw } from '../properties/seeded-random.ts';
import { compareExecutors } from './fixtures/executors-agree.ts';
import { startCampaign, type Ground } from './soak/campaign-process.ts';
import { disturb, runWhole } from './soak/disturb.ts';
import { layGround, soakMatrix } from './soak/ground.ts';
import type { Kill } from './soak/kill.ts';
import { leftInEngine } from './soak/left-in-engine.ts';
import { cellsFinished } from './soak/stages.ts';
import { readLatestReport, type Traces } from './soak/traces.ts';

const timeout = 900_000;
const inContainers = ['--executor', 'docker', '--base-image', baseImage];

const atStep =
  (part: string): Kill['isReached'] =>
  (events) =>
    events.some((event) => event.kind === 'pin-step' && event.step.includes(part));

const atCell =
  (number: number): Kill['isReached'] =>
  (events) =>
    cellsFinished(events) >= number;

describe('a campaign in containers', { tags: ['docker'] }, () => {
  let folder: string;
  let image: string;
  let whole: Traces;
  let undisturbed: Ground;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docker-campaign-'));
    image = await quickImage(await connectEngine());
    undisturbed = await groundNamed('undisturbed');
    whole = await runWhole(undisturbed);
  }, timeout);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const groundNamed = (name: string, words: readonly string[] = inContainers): Promise<Ground> =>
    layGround(join(folder, name), soakMatrix, { words });

  test('really runs in containers, and nothing is left of them', async () => {
    expect(whole.exitCode).toBe(0);
    expect(whole.report).toMatchObject({ campaign: { executor: 'docker' }, failures: [{ confirmed: 'yes' }] });
    expect(await leftInEngine()).toEqual([]);
  });

  test(
    'shows what local environments show: every cell ends alike, and numbers in fp32 are equal to 1e-6',
    async () => {
      const local = await runWhole({ ...undisturbed, words: [] });
      expect(local.exitCode).toBe(0);
      const agreement = compareExecutors(undisturbed.results, 'local', 'docker');
      expect(agreement.cells).toBeGreaterThanOrEqual(14);
      expect(agreement.compared).toBeGreaterThan(0);
      expect(agreement.differing).toEqual([]);
      expect(agreement.largest).toBeLessThanOrEqual(1e-6);
    },
    timeout,
  );

  describe('kill -9', () => {
    const draw = seededDraw(20_261_124);
    const moments: readonly (readonly [string, Kill])[] = [
      ['while its image is built', { target: 'group', isReached: atStep('building'), afterMs: draw(2_000) }],
      ['while its container starts', { target: 'harness', isReached: atStep('importing'), afterMs: draw(3_000) }],
      ['while cells run', { target: 'harness', isReached: atCell(3), afterMs: draw(1_000) }],
    ];

    test.each(moments)(
      '%s: started again, it comes to the same report, and nothing is left',
      async (moment, kill) => {
        // Only then there is an image to build.
        await (await connectEngine()).getImage(image).remove({ force: true });
        const round = await disturb(await groundNamed(moment.replaceAll(' ', '-')), [kill], whole);
        expect(round.kills).toMatchObject([{ reached: expect.not.stringMatching('missed') }]);
        expect(round.problems).toEqual([]);
        expect(round.isEqual).toBe(true);
        expect(await leftInEngine()).toEqual([]);
      },
      timeout,
    );
  });

  describe('whose engine stops half-way', { tags: ['dockerd'] }, () => {
    let own: OwnEngine;
    const before = process.env['DOCKER_HOST'];

    beforeAll(async () => {
      own = await startOwnEngine({ images: [baseImage, await quickImage(await connectEngine())] });
      process.env['DOCKER_HOST'] = own.host;
    }, timeout);
    afterAll(async () => {
      if (before === undefined) delete process.env['DOCKER_HOST'];
      else process.env['DOCKER_HOST'] = before;
      await own[Symbol.asyncDispose]();
    });

    test(
      'waits for it, asks again what broke, and comes to the same report',
      async () => {
        const ground = await groundNamed('restarted');
        await using campaign = startCampaign(ground);
        await campaign.reach((events) => cellsFinished(events) > 3);
        await own.stop();
        await sleep(2_000);
        await own.start();
        const end = await campaign.end;
        expect(end).toMatchObject({ exitCode: 0, signal: undefined });
        const { campaign: _, ...report } = await readLatestReport(ground.results);
        expect(whole.report).toMatchObject(report);
      },
      timeout,
    );

    test(
      'and stays away: says so, is red in nothing, and ends with 3',
      async () => {
        const ground = await groundNamed('deserted', [...inContainers, '--engine-wait', '2']);
        await using campaign = startCampaign(ground);
        await campaign.reach((events) => cellsFinished(events) > 3);
        await own.stop();
        const end = await campaign.end;
        expect(end).toMatchObject({ exitCode: 3, signal: undefined });
        const report = await readLatestReport(ground.results);
        expect(report.failures.filter(({ known }) => known === undefined)).toEqual([]);
        expect(Object.keys(report.broken ?? {}).join('\n')).toContain('No container engine answers at unix://');
        expect(report.counts.broken).toBeGreaterThan(0);
      },
      timeout,
    );
  });
});
