import { randomUUID } from 'node:crypto';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { markVariable } from './campaign-process.ts';
import { lingering, markedProcesses } from './marked-processes.ts';

/** A shell and its child, which ignores that its parent dies. */
const family = (mark: string): { readonly kill: () => void; readonly end: Promise<unknown> } => {
  onTestFinished(async () => {
    for (const { pid } of await markedProcesses(mark)) process.kill(pid, 'SIGKILL');
  });
  const shell = execa('sh', ['-c', 'sleep 600 & echo ready; wait'], { env: { [markVariable]: mark }, reject: false });
  return { kill: () => void shell.kill('SIGKILL'), end: shell };
};

const until = async <T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
  }
};

test('a mark finds a process and what it started, and nobody else', async () => {
  const mark = randomUUID();
  const { kill, end } = family(mark);
  const found = await until(
    () => markedProcesses(mark),
    ({ length }) => length === 2,
  );
  const shell = found.find(({ command }) => command.startsWith('sh -c'));
  expect(found.find(({ command }) => command === 'sleep 600')).toMatchObject({ parent: shell?.pid });
  await expect(markedProcesses(randomUUID())).resolves.toEqual([]);
  kill();
  for (const { pid } of found) if (pid !== shell?.pid) process.kill(pid, 'SIGKILL');
  await expect(lingering(found, mark)).resolves.toMatchObject({ left: [] });
  await end;
});

test('a process that outlives its campaign is found out', async () => {
  const mark = randomUUID();
  const { kill } = family(mark);
  const found = await until(
    () => markedProcesses(mark),
    ({ length }) => length === 2,
  );
  kill();
  const { left } = await lingering(found, mark, 200);
  expect(left.map(({ command }) => command)).toEqual(['sleep 600']);
});
