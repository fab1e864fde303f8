import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';

/**
 * Every check of a change: format, lint with types and import arrows, types, dead code, and the README's test command.
 * Runs all of them, whatever fails, and ends with one line that counts tests and checks.
 */
interface Count {
  readonly passed: number;
  readonly failed: number;
}

const checks = [
  ['format', ['run', '--silent', 'format', '--', '--check']],
  ['lint', ['run', '--silent', 'lint']],
  ['types', ['run', '--silent', 'types']],
  ['dead code', ['run', '--silent', 'dead-code']],
] as const;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const runCheck = async (name: string, words: readonly string[]): Promise<Count> => {
  say(`== ${name}`);
  const { exitCode } = await execa('npm', [...words], { stdio: 'inherit', reject: false });
  return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
};

const resultsSchema = z.object({ numPassedTests: z.int(), numFailedTests: z.int(), success: z.boolean() });

/** A run that ended without results, or that vitest calls unsuccessful without a failed test, counts as one failure. */
const runTests = async (): Promise<Count> => {
  say('== test');
  const folder = await mkdtemp(join(tmpdir(), 'peft-matrix-ci-'));
  const file = join(folder, 'results.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { exitCode } = await execa('npm', ['test', '--', ...reporters], { stdio: 'inherit', reject: false });
  const text = await readFile(file, 'utf8').catch(() => '{}');
  await rm(folder, { recursive: true });
  const results = resultsSchema.safeParse(JSON.parse(text));
  if (!results.success) return { passed: 0, failed: 1 };
  const { numPassedTests: passed, numFailedTests, success } = results.data;
  const isClean = exitCode === 0 && success;
  return { passed, failed: isClean ? numFailedTests : Math.max(1, numFailedTests) };
};

const counts: Count[] = [];
for (const [name, words] of checks) counts.push(await runCheck(name, words));
counts.push(await runTests());

const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
process.exitCode = failed === 0 ? 0 : 1;
say(`${passed} passed, ${failed} failed`);
