import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { execa } from 'execa';
import type { Hello } from '../containers/protocol.ts';

/** What a reader has to know to judge the numbers: one paragraph, Markdown. */
export const describeBench = async (command: string, { versions }: Hello, load: number): Promise<string> =>
  describeMachine(command, load, versions);

/** The same where every part has packages of its own. */
export const describeMachine = async (
  command: string,
  load: number,
  versions: Hello['versions'] = {},
): Promise<string> => {
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const memory = `${(totalmem() / 1024 ** 3).toFixed(0)} GiB`;
  const installed = Object.entries({ node: process.versions.node, ...versions }).map(
    ([name, version]) => `${name} ${version}`,
  );
  return [
    `_${new Date().toISOString().slice(0, 10)}, commit ${await describeCommit()}, \`${command}\`;`,
    `${availableParallelism()} cores, ${model}, ${memory}, ${platform()} ${release()}, load ${load.toFixed(2)} before${isQuiet(load) ? '' : ' (**busy: rely on none of these numbers**)'};`,
    `${installed.join(', ')}._`,
  ].join('\n');
};

/** Load of the last minute, as `uptime` has it. */
export const currentLoad = (): number => loadavg()[0] ?? NaN;

/** Others on the machine distort ratios too: the two sides do not suffer alike. */
export const isQuiet = (load: number): boolean => load < 1;

/** The commit that runs, and whether files of it were changed. */
export const describeCommit = async (): Promise<string> => {
  const options = { cwd: import.meta.dirname, reject: false } as const;
  const { stdout: commit, exitCode } = await execa('git', ['rev-parse', '--short=12', 'HEAD'], options);
  if (exitCode !== 0) return 'unknown';
  const { stdout: changes } = await execa('git', ['status', '--porcelain', '--untracked-files=no'], options);
  return changes === '' ? commit : `${commit} with changes`;
};
