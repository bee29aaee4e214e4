import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/bundles.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'catalogue/**/*.test.ts',
            'engines/**/*.test.ts',
            'test/contract/**/*.test.ts',
            'test/bench/**/*.test.ts',
            'test/cluster/**/*.test.ts',
            'test/runner/**/*.test.ts',
          ],
          testTimeout: 60_000,
          // Starting a process and importing all again takes far longer than the tests of most files.
          isolate: false,
          setupFiles: ['test/shared-process.ts'],
          maxWorkers: '100%',
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/cli/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
});
