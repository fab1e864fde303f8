import { defineConfig } from 'vitest/config';
import { whyNoContainers, whyNoOwnEngine } from './containers/docker/fixtures/engine-for-tests.ts';
import { whyNoBrowser } from './reports/site/fixtures/chromium-for-tests.ts';

for (const [tag, reason] of Object.entries({
  docker: whyNoContainers,
  dockerd: whyNoOwnEngine,
  browser: whyNoBrowser,
})) {
  if (reason !== undefined) process.stderr.write(`Tests with the tag ${tag} are skipped: ${reason}.\n`);
}

export default defineConfig({
  test: {
    include: ['{matrices,containers,properties,reports,harness,bench}/**/*.test.ts'],
    // Limits against hanging, not measurements: machines are shared, and real PEFT takes its time on two cores.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Real probes fork two ranks a cell: more files at once only make each other late.
    maxWorkers: 2,
    expect: { requireAssertions: true },
    tags: [
      {
        name: 'docker',
        description: 'needs a container engine and the image of `npm run base-image`',
        skip: whyNoContainers !== undefined,
      },
      {
        name: 'dockerd',
        description: 'starts an engine of its own',
        // Of two tags on one test the last one counts: these need both.
        skip: (whyNoContainers ?? whyNoOwnEngine) !== undefined,
      },
      { name: 'browser', description: 'opens the site in a Chromium', skip: whyNoBrowser !== undefined },
    ],
  },
});
