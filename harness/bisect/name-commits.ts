import type { Telling } from '../../containers/telling.ts';
import { PeftMatrixError } from '../../matrices/errors.ts';
import type { Bisect, BisectedCommits, Boundary, Culprit } from '../../reports/bisect-model.ts';
import type { AskOptions, Question } from './ask-pin.ts';
import { bisectPackageCommits, type PackageFinding } from './commit-trees.ts';
import { answeredEvent, reportAnswer } from './report-answer.ts';
import type { Bisected, GroundedCulprit } from './run-bisect.ts';

/** Where to look for the commits of a culprit. */
export interface CommitsPlan {
  /** URL or path of its repository, or `sdists`. @defaultValue the one that is known for the package */
  readonly repository?: string;
}

export interface CommitsOptions extends AskOptions {
  readonly question: Question;
  readonly telling: Telling;
  readonly workers: number;
  readonly signal: AbortSignal;
}

/**
 * Asks the commits between the two releases of every culprit, in the environment of the release after the change. What was
 * found stands with the culprit, and with the boundary that it is the reason of. Where there is no history to be had, that is
 * said, and the releases stand as they are.
 */
export const nameCommits = async (
  { culprits, since, fixedIn }: Bisected,
  plan: CommitsPlan,
  options: CommitsOptions,
): Promise<Pick<Bisect, 'culprits' | 'since' | 'fixedIn'>> => {
  const named: Culprit[] = [];
  // One after the other: each asks as many at once as there are workers.
  for (const grounded of culprits) {
    named.push({ ...grounded.culprit, commits: await commitsOf(grounded, plan, options) });
  }
  return {
    culprits: named,
    ...(since === undefined ? {} : { since: withCommit(since, named, 'introduced') }),
    ...(fixedIn === undefined ? {} : { fixedIn: withCommit(fixedIn, named, 'fixed') }),
  };
};

const withCommit = (boundary: Boundary, culprits: readonly Culprit[], kind: Culprit['kind']): Boundary => {
  const culprit = culprits.find(
    (each) => each.kind === kind && each.package === boundary.package && each.after === boundary.version,
  );
  const [commit, ...others] = culprit?.commits?.candidates ?? [];
  return commit === undefined || others.length > 0 ? boundary : { ...boundary, commit };
};

const commitsOf = async (
  { culprit, ground, commit }: GroundedCulprit,
  plan: CommitsPlan,
  options: CommitsOptions,
): Promise<BisectedCommits> => {
  if (culprit.proof === 'moved-together') return unanswered(`it is not known whether ${culprit.package} did it`);
  if (ground === undefined) return unanswered(`${culprit.package} ${culprit.after} has no environment to ask them in`);
  const { package: name, before, after, skipped, kind } = culprit;
  const end = commit ?? after;
  const [good, bad] = kind === 'introduced' ? [before, end] : [end, before];
  try {
    return reported(
      await bisectPackageCommits(
        {
          question: options.question,
          lock: ground,
          device: ground.device,
          package: name,
          good,
          bad,
          find: kind === 'introduced' ? 'break' : 'fix',
          releases: [before, ...skipped, after],
          workers: options.workers,
          ...plan,
        },
        {
          ...options,
          onCommit: (event) => {
            if (event.kind === 'commit-asked') {
              options.onEvent(answeredEvent(`${name} ${event.hash.slice(0, 10)}`, event.answer));
            }
          },
        },
      ),
    );
  } catch (error) {
    if (error instanceof PeftMatrixError) return unanswered(error.message);
    throw error;
  }
};

const unanswered = (reason: string): BisectedCommits => ({
  candidates: [],
  merges: [],
  asked: [],
  unanswered: reason,
});

const reported = ({ history, candidates, merges, parent, asked }: PackageFinding): BisectedCommits => ({
  history,
  candidates,
  merges,
  ...(parent === undefined ? {} : { parent }),
  asked: asked.map(({ commit, answer }) => ({ commit, answer: reportAnswer(answer) })),
});
