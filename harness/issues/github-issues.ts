import { Octokit } from '@octokit/core';
import { paginateRest } from '@octokit/plugin-paginate-rest';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import * as z from 'zod';
import { InfrastructureError } from '../../matrices/errors.ts';
import { readComment, readMarker } from '../../reports/github/issue.ts';
import type { IssueAction, KnownIssue } from './plan-issues.ts';

export interface GitHubOptions {
  readonly owner: string;
  readonly repo: string;
  readonly token: string;
  /** Of the API: `https://api.github.com`, or that of an own GitHub. */
  readonly baseUrl: string;
  /** Every issue of ours has it, and nothing else is looked at: only who may label can make us believe something. */
  readonly label: string;
  readonly onWarning: (message: string) => void;
  /** How long a second of waiting is, for tests. @defaultValue 1000 */
  readonly secondMs?: number;
}

/** Issues of one repository on GitHub. What fails for a while (rate limits; 5xx, where nothing could be done twice) is tried
 * again by itself. */
export class GitHubIssues {
  readonly #octokit: InstanceType<typeof OurOctokit>;
  readonly #place: { readonly owner: string; readonly repo: string };
  readonly #label: string;

  constructor({ owner, repo, token, baseUrl, label, onWarning, secondMs = 1_000 }: GitHubOptions) {
    this.#place = { owner, repo };
    this.#label = label;
    const tryAgain = (seconds: number, _: unknown, __: unknown, tries: number): boolean => {
      onWarning(`GitHub asks to wait ${seconds} s`);
      return tries < mostTries;
    };
    this.#octokit = new OurOctokit({
      auth: token,
      baseUrl,
      // It would write to stderr by itself.
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      retry: { retries: mostTries, retryAfterBaseValue: secondMs },
      throttle: { onRateLimit: tryAgain, onSecondaryRateLimit: tryAgain, retryAfterBaseValue: secondMs },
    });
  }

  /** Every issue of ours, open or closed. Listed, not searched: the search lags behind, and would let us file twice. */
  async ours(): Promise<readonly KnownIssue[]> {
    const listed = await this.#ask('list the issues', () =>
      this.#octokit.paginate('GET /repos/{owner}/{repo}/issues', {
        ...this.#place,
        labels: this.#label,
        state: 'all',
        per_page: 100,
      }),
    );
    const issues: KnownIssue[] = [];
    for (const issue of issueSchema.array().parse(listed)) {
      const marker = issue.pull_request === undefined ? readMarker(issue.body ?? '') : undefined;
      if (marker === undefined) continue;
      const lastComment = issue.comments === 0 ? undefined : await this.#lastComment(issue);
      issues.push({ number: issue.number, isOpen: issue.state === 'open', ...marker, lastComment });
    }
    return issues;
  }

  async perform(action: IssueAction): Promise<void> {
    const place = this.#place;
    await this.#ask(action.kind, (): Promise<unknown> => {
      switch (action.kind) {
        case 'create': {
          const { title, body } = action;
          return this.#octokit.request('POST /repos/{owner}/{repo}/issues', {
            ...place,
            title,
            body,
            labels: [this.#label],
            request: once,
          });
        }
        case 'comment':
          return this.#octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
            ...place,
            issue_number: action.number,
            body: action.body,
            request: once,
          });
        case 'close':
        case 'reopen':
          return this.#octokit.request('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
            ...place,
            issue_number: action.number,
            state: action.kind === 'close' ? 'closed' : 'open',
          });
      }
    });
  }

  /** The last comment of ours: by who filed the issue, and with our first line. */
  async #lastComment({ number, user }: z.infer<typeof issueSchema>): Promise<KnownIssue['lastComment']> {
    const listed = await this.#ask('list the comments', () =>
      this.#octokit.paginate('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        ...this.#place,
        issue_number: number,
        per_page: 100,
      }),
    );
    return commentSchema
      .array()
      .parse(listed)
      .filter((comment) => comment.user?.login === user?.login)
      .flatMap(({ body }) => readComment(body ?? '') ?? [])
      .at(-1);
  }

  async #ask<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const { owner, repo } = this.#place;
      const words = cause instanceof Error ? cause.message : String(cause);
      throw new InfrastructureError(
        `GitHub does not ${what} of ${owner}/${repo}: ${words}. Look at the token and its rights; the same command goes on.`,
        { cause },
      );
    }
  }
}

const mostTries = 3;

/** It may have been done when the server stumbled: the next time, what there is is listed first. */
const once = { retries: 0 };

const OurOctokit = Octokit.plugin(retry, throttling, paginateRest);

const userSchema = z.object({ login: z.string() }).nullish();

const issueSchema = z.object({
  number: z.int(),
  state: z.string(),
  body: z.string().nullish(),
  comments: z.int(),
  user: userSchema,
  pull_request: z.unknown().optional(),
});

const commentSchema = z.object({ body: z.string().nullish(), user: userSchema });
