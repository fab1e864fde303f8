import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{matrices,containers,properties,reports,harness}/**/*.test.ts'],
    testTimeout: 30_000,
    expect: { requireAssertions: true },
  },
});
