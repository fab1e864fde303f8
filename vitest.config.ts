import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{matrices,containers,properties,reports,harness}/**/*.test.ts'],
    // Limits against hanging, not measurements: machines are shared, and real PEFT takes its time on two cores.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Real probes fork two ranks a cell: more files at once only make each other late.
    maxWorkers: 2,
    expect: { requireAssertions: true },
  },
});
