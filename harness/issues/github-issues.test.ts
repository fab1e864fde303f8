import { onTestFinished, describe, expect, test } from 'vitest';
import { nightOf, standingOf } from '../../reports/fixtures/nights.ts';
import { issueMarker } from '../../reports/github/issue.ts';
import type { Night } from '../../reports/night/night-model.ts';
import { openGitHub, type GitHubStandIn } from './fixtures/github-stand-in.ts';
import { GitHubIssues } from './github-issues.ts';
import { planIssues } from './plan-issues.ts';

const signature = '77aa01c2d3e4';
const line = 'quick/local';

const shows = nightOf({ failures: [standingOf()] });
const isGone = nightOf({
  day: '2026-09-15',
  ended: [{ id: '3fa92c10', signature, day: '2026-09-15', on: ['peft-0.21.0'] }],
});

const openStandIn = async (): Promise<GitHubStandIn & { readonly github: GitHubIssues }> => {
  const server = await openGitHub();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const github = new GitHubIssues({
    owner: 'o',
    repo: 'r',
    token: 'secret',
    baseUrl: server.url,
    label: 'peft-matrix',
    onWarning: () => {},
    secondMs: 1,
  });
  return { ...server, github };
};

const file = async (github: GitHubIssues, night: Night): Promise<number> => {
  const actions = planIssues(night, await github.ours());
  for (const action of actions) await github.perform(action);
  return actions.length;
};

describe('an issue', () => {
  test('is filed once, closed when it is gone, opened when it is back, and each is said once', async () => {
    const { github, issues } = await openStandIn();
    const history = [shows, shows, isGone, isGone, shows, shows];
    const seen: string[] = [];
    for (const night of history) {
      await file(github, night);
      seen.push(`${issues.length} ${issues[0]?.state} ${issues[0]?.comments.length}`);
    }
    expect(seen).toEqual(['1 open 0', '1 open 0', '1 closed 1', '1 closed 1', '1 open 2', '1 open 2']);
    expect(issues[0]?.title).toBe('IndexError: tuple index out of range (runs/train)');
    expect(issues[0]?.body).toContain('peft 0.20.0 (2026-07-28) brought it: peft 0.19.1 does not show it');
    expect(issues[0]?.comments[0]).toContain('It did not show any more on the night of 2026-09-15');
  });

  test('is not opened again when somebody else closed it', async () => {
    const { github, issues } = await openStandIn();
    await file(github, shows);
    for (const issue of issues) issue.state = 'closed';
    expect(await file(github, shows)).toBe(0);
    expect(issues[0]?.state).toBe('closed');
  });

  test('is found on a later page, and not where it is another line, or only looks like ours', async () => {
    const { github, issues } = await openStandIn();
    const marker = issueMarker(signature, line);
    const bodies = [
      `some text\n${marker}`,
      issueMarker(signature, 'quick/docker'),
      issueMarker('0000', line),
      issueMarker('1111', line),
      marker,
    ];
    bodies.forEach((body, index) => {
      const state = 'open';
      issues.push({ number: index + 1, title: '', body, labels: ['peft-matrix'], state, comments: [] });
    });
    await file(github, isGone);
    expect(issues.map(({ state }) => state)).toEqual(['open', 'open', 'open', 'open', 'closed']);
  });
});

describe('what fails for a while', () => {
  test.each([
    ['a rate limit', { status: 429, headers: { 'retry-after': '2' } }],
    [
      'a secondary rate limit',
      { status: 403, message: 'You have exceeded a secondary rate limit.', headers: { 'retry-after': '2' } },
    ],
    ['a server that stumbles', { status: 502 }],
  ])('%s is waited for, and nothing is filed twice', async (_, refusal) => {
    const { github, issues, trouble } = await openStandIn();
    trouble.push(refusal);
    await file(github, shows);
    trouble.push(refusal);
    await file(github, shows);
    expect(issues).toHaveLength(1);
  });

  test('what stays refused is told in one sentence', async () => {
    const { github, trouble } = await openStandIn();
    trouble.push({ status: 404 });
    await expect(github.ours()).rejects.toThrow(/^GitHub does not list the issues of o\/r: /);
  });
});
