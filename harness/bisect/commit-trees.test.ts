import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { emptyRepository, writeHistory, type MadeUpCommit } from '../../containers/git/fixtures/made-up-history.ts';
import type { Repository } from '../../containers/git/repository.ts';
import { InfrastructureError, InputError } from '../../matrices/errors.ts';
import { neverAborted, StoppedError } from '../interruption.ts';
import { bisectPackageCommits, judgeTree, type PackageFinding } from './commit-trees.ts';
import { failing, someLock, treeExecutor, withQuestion } from './fixtures/tree-executor.ts';

let theirs: Repository & { readonly folder: string };

beforeEach(async () => {
  const cache = await mkdtemp(join(tmpdir(), 'commit-trees-'));
  onTestFinished(() => rm(cache, { recursive: true, force: true }));
  vi.stubEnv('XDG_CACHE_HOME', cache);
  onTestFinished(() => void vi.unstubAllEnvs());
  theirs = await emptyRepository(onTestFinished);
});

/** A history of PEFT on a line: `g` is good, `b` fails, `?` cannot be opened, `.` changes nothing of the package. */
const historyOf = (verdicts: string): readonly MadeUpCommit[] => {
  let files: Readonly<Record<string, string>> = {};
  return verdicts.split('').map((verdict, position) => {
    const version = `0.${position}.0`;
    if (verdict !== '.') {
      files = {
        'src/peft/__init__.py': `__version__ = "${version}"\n`,
        ...(verdict === 'b' ? { 'src/peft/fails': failing } : {}),
        ...(verdict === '?' ? { 'src/peft/broken': 'it does not build' } : {}),
      };
    }
    return {
      parents: position === 0 ? [] : [position - 1],
      files: { ...files, 'docs/notes': version },
      message: `Change ${position} (#${100 + position})`,
    };
  });
};

const bisect = async (
  verdicts: string,
  { find = 'break', workers = 1 }: { readonly find?: 'break' | 'fix'; readonly workers?: number } = {},
): Promise<{ readonly finding: PackageFinding; readonly opened: readonly number[] }> =>
  bisectHistory(await writeHistory(theirs, historyOf(verdicts)), { find, workers });

interface Bisecting {
  readonly find: 'break' | 'fix';
  readonly workers: number;
  readonly ledgerFile?: string;
  readonly signal?: AbortSignal;
  readonly onOpen?: () => void;
}

const bisectHistory = async (
  hashes: readonly string[],
  { find, workers, signal = neverAborted, onOpen, ...asking }: Bisecting,
): Promise<{ readonly finding: PackageFinding; readonly opened: readonly number[] }> => {
  const opened: number[] = [];
  const executor = treeExecutor((commit) => {
    opened.push(hashes.indexOf(commit));
    onOpen?.();
  });
  const [first = '', last = ''] = [hashes[0], hashes.at(-1)];
  const finding = await withQuestion(
    executor,
    (question, options) =>
      bisectPackageCommits(
        {
          question,
          lock: someLock,
          device: 'cpu',
          package: 'peft',
          good: find === 'break' ? '0.0.0' : last,
          bad: find === 'break' ? last : first.slice(0, 12),
          find,
          repository: theirs.gitDir,
          releases: [],
          workers,
        },
        {
          ...options,
          telling: { onStep: () => {}, onWarning: () => {} },
          onCommit: () => {},
          signal,
        },
      ),
    { ...asking, signal },
  );
  return { finding, opened };
};

describe('the commits of a package', () => {
  test('are asked as source trees, and the guilty one is named', async () => {
    const { finding } = await bisect('ggggbbbb', { workers: 2 });
    expect(finding.candidates).toMatchObject([{ title: 'Change 4 (#104)', pullRequest: 104 }]);
    expect(finding.parent).toMatchObject({ pullRequest: 103 });
    expect(finding.history).toBe(theirs.gitDir);
    const answers = finding.asked.map(({ commit, answer }) => `${commit.pullRequest} ${answer.kind}`);
    expect(answers).toEqual(expect.arrayContaining(['100 good', '103 good', '104 bad', '107 bad']));
    const bad = { kind: 'bad', detail: 'ValueError: rank 0, phase train: it is broken' };
    expect(finding.asked.map(({ answer }) => answer)).toContainEqual(bad);
  });

  test('that cannot be opened are skipped, each with its reason', async () => {
    const { finding } = await bisect('gg??bb');
    expect(finding.candidates.map(({ pullRequest }) => pullRequest)).toEqual([102, 103, 104]);
    expect(finding.asked.map(({ answer }) => answer)).toContainEqual({
      kind: 'skip',
      cause: 'broken',
      reason: 'it does not build',
    });
  });

  test('that have the same package are opened once', async () => {
    const { finding, opened } = await bisect('g....b....');
    expect(finding.candidates).toMatchObject([{ pullRequest: 105 }]);
    expect(finding.asked.length).toBeGreaterThan(3);
    expect(opened).toHaveLength(2);
  });

  test('go on where they were interrupted, and none is opened twice', async () => {
    const hashes = await writeHistory(theirs, historyOf('gggggggggbbbbbbb'));
    const common = { find: 'break', workers: 1, ledgerFile: join(theirs.folder, 'ledger.sqlite') } as const;
    const opened: number[] = [];
    const stop = new AbortController();
    const onOpen = (): void => {
      if (opened.push(opened.length) === 3) stop.abort(new StoppedError('interrupted'));
    };
    await expect(bisectHistory(hashes, { ...common, signal: stop.signal, onOpen })).rejects.toThrow(StoppedError);
    const rest = await bisectHistory(hashes, common);
    expect(rest.finding.candidates).toMatchObject([{ pullRequest: 109 }]);
    const whole = await bisectHistory(hashes, { find: 'break', workers: 1 });
    // The third was stopped while it was opened, and is asked again.
    expect(rest.opened).toEqual(whole.opened.slice(2));
    expect((await bisectHistory(hashes, common)).opened).toEqual([]);
  });

  test('of a repository that cannot be reached are none, and what was released can be asked in their place', async () => {
    vi.stubEnv('https_proxy', 'http://127.0.0.1:9');
    const request = {
      lock: someLock,
      device: 'cpu',
      package: 'peft',
      good: '0.20.0',
      bad: '0.21.0',
      releases: [],
    } as const;
    const asked = withQuestion(treeExecutor(), (question, options) =>
      bisectPackageCommits(
        { ...request, question, workers: 1 },
        { ...options, telling: { onStep: () => {}, onWarning: () => {} }, onCommit: () => {}, signal: neverAborted },
      ),
    );
    await expect(asked).rejects.toThrow(
      /^The repository https:\/\/github\.com\/huggingface\/peft cannot be fetched:[^]*--git sdists$/u,
    );
  });

  test('are searched for the repair, too', async () => {
    const { finding } = await bisect('bbbbbg', { find: 'fix' });
    expect(finding).toMatchObject({ find: 'fix', candidates: [{ pullRequest: 105 }], parent: { pullRequest: 104 } });
  });
});

/** What git itself says when it is given the rest to do. */
const bisectRun = async (verdicts: string): Promise<string> => {
  const hashes = await writeHistory(theirs, historyOf(verdicts));
  const folder = join(theirs.folder, 'worked');
  const settings = { cwd: folder, reject: false, env: { GIT_CONFIG_GLOBAL: '/dev/null' } } as const;
  await execa('git', ['clone', '--quiet', theirs.gitDir, folder]);
  await execa('git', ['bisect', 'start', hashes.at(-1) ?? '', hashes[0] ?? ''], settings);
  const body = [process.execPath, join(import.meta.dirname, 'fixtures/ask-tree.ts')];
  const { stdout, stderr } = await execa('git', ['bisect', 'run', ...body], settings);
  return `${stdout}\n${stderr}`;
};

describe('the body of git bisect run', () => {
  test('leads git to the guilty commit', async () => {
    const said = await bisectRun('gggbbbb');
    expect(said).toMatch(/^\w{40} is the first bad commit\n(?:.*\n)*? {4}Change 3 \(#103\)$/mu);
    expect(said).toContain('bad: ValueError: rank 0, phase train: it is broken');
    expect(said).toMatch(/^good$/mu);
  });

  test('lets git skip what cannot be asked', async () => {
    const said = await bisectRun('gg??bb');
    expect(said).toContain("There are only 'skip'ped commits left to test.");
    expect(said).toContain('skip, broken: it does not build');
  });

  test('has codes of git for every answer, and one that ends it where we are at fault', async () => {
    const good = { kind: 'good' } as const;
    const bad = { kind: 'bad', detail: 'ValueError: no' } as const;
    const skip = { kind: 'skip', cause: 'masked', reason: 'x' } as const;
    const codes = async (find: 'break' | 'fix'): Promise<readonly number[]> => {
      const verdicts = await Promise.all([good, bad, skip].map((each) => judgeTree(() => Promise.resolve(each), find)));
      return verdicts.map(({ exitCode }) => exitCode);
    };
    expect(await codes('break')).toEqual([0, 1, 125]);
    expect(await codes('fix')).toEqual([1, 0, 125]);
    for (const error of [new InputError('a'), new InfrastructureError('a')]) {
      expect(await judgeTree(() => Promise.reject(error))).toEqual({ exitCode: 128, words: 'a' });
    }
    const defect = new Error('a defect');
    await expect(judgeTree(() => Promise.reject(defect))).rejects.toBe(defect);
  });
});
