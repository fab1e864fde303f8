import { commentBody, issueBody, issueTitle, lineOf, type CommentKind } from '../../reports/github/issue.ts';
import type { Night, StandingFailure } from '../../reports/night/night-model.ts';

/** An issue of ours that there is. */
export interface KnownIssue {
  readonly number: number;
  readonly isOpen: boolean;
  readonly signature: string;
  readonly line: string;
  /** The last comment of ours; undefined where there is none. */
  readonly lastComment: CommentKind | undefined;
}

/** What is to be done on GitHub. */
export type IssueAction =
  | { readonly kind: 'create'; readonly title: string; readonly body: string }
  | { readonly kind: 'comment'; readonly number: number; readonly body: string }
  | { readonly kind: 'close' | 'reopen'; readonly number: number };

/**
 * What a night asks for, given the issues that there are. An issue is of a signature, however often its minimal config
 * changes. One is filed for what stands on the newest releases, nobody has named, was seen again in a cold process and was
 * bisected; it is closed when the nights have told that it is gone, and opened again when it is back, if it was us who closed
 * it. Done a second time, nothing is left to do; of an interrupted one, the rest.
 */
export const planIssues = (night: Night, issues: readonly KnownIssue[]): readonly IssueAction[] => {
  if (night.suspect !== undefined || night.interrupted === true) return [];
  const ours = issues.filter(({ line }) => line === lineOf(night));
  const standing = Map.groupBy(
    night.failures.filter(({ isCurrent }) => isCurrent),
    ({ failure }) => failure.signature,
  );
  return [
    ...[...standing].flatMap(([signature, failures]) =>
      forStanding(
        night,
        failures,
        ours.find((issue) => issue.signature === signature),
      ),
    ),
    ...ours.flatMap((issue) => forEnded(night, issue, standing)),
  ];
};

const forStanding = (
  night: Night,
  failures: readonly StandingFailure[],
  issue: KnownIssue | undefined,
): readonly IssueAction[] => {
  const worthTelling = failures.filter(
    ({ failure, bisect }) => failure.known === undefined && failure.confirmed === 'yes' && bisect !== undefined,
  );
  const [first] = worthTelling;
  if (first === undefined) return [];
  if (issue === undefined) return [{ kind: 'create', title: issueTitle(first), body: issueBody(night, worthTelling) }];
  const pins = [...new Set(worthTelling.flatMap(({ failure }) => failure.pins))];
  // What somebody else closed is theirs. Opened first, then said: stopped between the two, the rest is still to do.
  if (issue.lastComment !== 'gone') return [];
  return [
    ...(issue.isOpen ? [] : [{ kind: 'reopen', number: issue.number } as const]),
    comment('back', issue, night.day, pins),
  ];
};

const forEnded = (
  night: Night,
  issue: KnownIssue,
  standing: ReadonlyMap<string, readonly StandingFailure[]>,
): readonly IssueAction[] => {
  const ended = night.ended.find(({ signature }) => signature === issue.signature);
  if (ended === undefined || standing.has(issue.signature) || !issue.isOpen) return [];
  return [
    ...(issue.lastComment === 'gone' ? [] : [comment('gone', issue, ended.day, ended.on)]),
    { kind: 'close', number: issue.number },
  ];
};

const comment = (kind: CommentKind, { number }: KnownIssue, day: string, pins: readonly string[]): IssueAction => ({
  kind: 'comment',
  number,
  body: commentBody(kind, day, pins),
});
