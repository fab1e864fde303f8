import type { Phase } from '../containers/observation.ts';

/** The identity of a failure's looks. Two failures with one signature may still have two causes. */
export interface Signature {
  readonly property: string;
  readonly phase: Phase;
  /** Exception type, or `Timeout`, `Crash(SIGSEGV)`, `OutOfMemory`, `Violation` for a broken property without an exception. */
  readonly exception: string;
  /** Normalised: no addresses, sizes, ports, paths or layer numbers. */
  readonly message: string;
  /** Innermost library frames, innermost first, `package/file.py:function`, without line numbers. */
  readonly frames: readonly string[];
}

/** What one property, or a cell as a whole, comes to. Only `fail` is red. */
export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'fail'; readonly signature: Signature; readonly detail: string }
  | { readonly kind: 'flaky'; readonly reason: string }
  | { readonly kind: 'unsupported'; readonly reason: string }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string };
export type VerdictKind = Verdict['kind'];
