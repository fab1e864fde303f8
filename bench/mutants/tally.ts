import type { Survivor } from './survivors.ts';
import type { Fate } from './try-mutant.ts';

/** How many mutants came to what. */
export interface Tally {
  readonly mutants: number;
  readonly killed: number;
  /** By a property that needs no other release. */
  readonly killedAlone: number;
  readonly equivalent: number;
  readonly blindSpots: number;
  /** Survived, and nobody has looked. */
  readonly unexplained: number;
  /** Killed, of those that are not equivalent: 0 to 1. */
  readonly rate: number;
}

/** What people say of a survivor. */
export type Judgements = ReadonlyMap<string, Survivor>;

export const judgementsOf = (survivors: readonly Survivor[]): Judgements =>
  new Map(survivors.map((survivor) => [survivor.id, survivor]));

export const tally = (fates: readonly Fate[], judgements: Judgements): Tally => {
  const killed = fates.filter(({ kill }) => kill !== undefined).length;
  const alive = fates.filter(({ kill }) => kill === undefined);
  const kinds = alive.map(({ mutant }) => judgements.get(mutant.id)?.kind);
  const equivalent = kinds.filter((kind) => kind === 'equivalent').length;
  return {
    mutants: fates.length,
    killed,
    killedAlone: fates.filter(({ killAlone }) => killAlone !== undefined).length,
    equivalent,
    blindSpots: kinds.filter((kind) => kind === 'blind-spot').length,
    unexplained: kinds.filter((kind) => kind === undefined).length,
    rate: killed / Math.max(1, fates.length - equivalent),
  };
};
