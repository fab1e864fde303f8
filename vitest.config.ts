import { defineConfig } from 'vitest/config';
import { hasEngine } from './containers/docker/fixtures/engine-for-tests.ts';

if (!hasEngine)
  process.stderr.write('No container engine answers: the tests that need one (tag docker) are skipped.\n');

export default defineConfig({
  test: {
    include: ['{matrices,containers,properties,reports,harness}/**/*.test.ts'],
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
        skip: !hasEngine,
      },
    ],
  },
});
