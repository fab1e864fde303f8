import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { writeHistory } from './made-up-history.ts';
import { say } from './say.ts';
import { inSeconds, markdownTable, megabytes, type Section, type Target } from './section.ts';

/** Cells of a campaign. */
const night = 10_000;

/** Campaigns whose cells make 10 thousand, 100 thousand, and a million. */
const defaultSizes = [1, 10, 100] as const;

/**
 * How telling of what was run grows with it: the support matrix of all campaigns, the site (which tells besides what changed
 * with each of them), and what changed from one to the next.
 */
export const measureHistory = async (sizes: readonly number[] = defaultSizes): Promise<Section> => {
  const folder = await mkdtemp(join(tmpdir(), 'peft-matrix-bench-'));
  try {
    const rows: (readonly string[])[] = [];
    let targets: readonly Target[] = [];
    for (const campaigns of sizes) {
      const results = join(folder, String(campaigns));
      say(`history: writing ${campaigns * night} cells`);
      // Two at least, for there is nothing to compare in one.
      await writeHistory(results, Math.max(2, campaigns), campaigns === 1 ? night / 2 : night);
      say(`history: telling ${campaigns * night} cells`);
      const report = await timeCommand(['report', '--format', 'support-matrix', '--results', results]);
      const site = await timeCommand(['report', '--site', join(results, 'site'), '--results', results]);
      const diff = await timeCommand(['diff', 'night-00000', 'night-00001', '--results', results]);
      rows.push([
        `${campaigns * night} cells`,
        inSeconds(report.ms),
        megabytes(report.peakBytes),
        inSeconds(site.ms),
        megabytes(site.peakBytes),
        inSeconds(diff.ms),
        megabytes(diff.peakBytes),
      ]);
      targets = [
        target('support matrix of a million cells', report.ms, 20_000),
        memoryTarget(report.peakBytes),
        target('diff of two of its campaigns', diff.ms, 5_000),
      ];
    }
    return {
      title: 'History',
      text: `Made-up verdicts of configs of the catalogue, in campaigns of ${night} cells on four releases, read from disk by the command line.`,
      table: markdownTable(['', 'support matrix, s', 'memory', 'site, s', 'memory', 'diff, s', 'memory'], rows),
      targets,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const target = (what: string, ms: number, want: number): Target => ({
  what,
  got: `${inSeconds(ms)} s`,
  want: `under ${want / 1_000} s`,
  met: ms < want,
});

const memoryTarget = (peakBytes: number): Target => ({
  what: 'memory for it',
  got: megabytes(peakBytes),
  want: 'under 1000 MB',
  met: peakBytes < 1e9,
});

const commandLine = join(import.meta.dirname, '../harness/cli.ts');

const lookMs = 50;

/** Wall time of a command, and the most memory that it had. */
const timeCommand = async (words: readonly string[]): Promise<{ readonly ms: number; readonly peakBytes: number }> => {
  const began = performance.now();
  const running = execa(process.execPath, [commandLine, ...words], { stdout: 'ignore', reject: false });
  const over = new AbortController();
  const ended = running.finally(() => over.abort());
  let peakBytes = 0;
  while (!over.signal.aborted) {
    peakBytes = Math.max(peakBytes, peakOf(running.pid));
    await Promise.race([ended, sleep(lookMs)]);
  }
  await ended;
  return { ms: performance.now() - began, peakBytes };
};

/** The most that a process ever had resident; 0 when it is gone. Linux only. */
const peakOf = (pid: number | undefined): number => {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
};
