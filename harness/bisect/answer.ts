/** Why a candidate is neither good nor bad. */
type SkipCause =
  /** The release does not offer it, or refuses it. */
  | 'unsupported'
  /** It fails otherwise before it gets as far. */
  | 'masked'
  /** A second run came to something else. */
  | 'flaky'
  /** It could not be asked: no lock, no environment, a container that died. */
  | 'broken';

/** What a candidate came to when it was asked for a failure: shown (`bad`), not shown (`good`), or neither. */
export type Answer =
  | { readonly kind: 'bad'; readonly detail: string }
  | { readonly kind: 'good'; readonly detail?: string }
  | { readonly kind: 'skip'; readonly cause: SkipCause; readonly reason: string };
