import type { Failure, KnownIssue } from './report-model.ts';

/** The known issues that name a failure, that of its minimal cell first; none of one that is known in part. */
export const knownAs = ({ known, alsoKnown = [] }: Failure): readonly KnownIssue[] =>
  known === undefined ? [] : [known, ...alsoKnown];
