import { isCore } from '../../../matrices/phase.ts';
import { combineCells, type Combined } from '../../support-matrix/combine-states.ts';
import type { SupportCell, SupportState } from '../../support-matrix/support-matrix-model.ts';
import type { EvidenceClass, SiteIndex } from './site-index.ts';
import { rowsOf } from './site-index.ts';
import { containsValues, type Values } from './show-values.ts';

/** A combination that somebody asks about. */
export interface Question {
  readonly method: string;
  readonly release: string;
  readonly sharding: string;
  readonly precision: string;
  readonly evidence: EvidenceClass;
  /** Further values that are chosen; the rest may be anything. */
  readonly values: Values;
}

/**
 * What runs say of a combination.
 *
 * - `exact`: a run of these very values is listed, and this is what it came to.
 * - `contains`: no run of these values is listed, and they contain the minimal config of a failure that this release shows.
 * - `same-place`: it is what the runs of this method, release, sharding and precision come to, with other values.
 */
export interface Answer {
  readonly state: SupportState;
  readonly basis: 'exact' | 'contains' | 'same-place';
  readonly combined: Combined;
  readonly cell: SupportCell | undefined;
  /** Ids of the failures that say so. */
  readonly failures: readonly string[];
}

export const answer = (index: SiteIndex, question: Question): Answer => {
  const [row] = rowsOf(index, question.evidence.index, question.method, question);
  const cell = row?.cells[question.release];
  const combined = combineCells([cell]);
  const shown = cell?.failures ?? [];
  const place: Answer = {
    state: combined.state,
    basis: 'same-place',
    combined,
    cell,
    failures: shown.map(({ id }) => id),
  };
  if (cell === undefined || Object.keys(question.values).length === 0) return place;
  const { configs, defaults, failures } = index.matrix;
  const isAsked = (at: number): boolean => isSame(configs[at] ?? {}, question.values, defaults);
  const failing = shown.filter((failure) => failure.configs.some(isAsked)).map(({ id }) => id);
  const stateOf = (ids: readonly string[]): SupportState =>
    ids.some((id) => isCore(failures[id]?.phase ?? '')) ? 'fails' : 'partly';
  if (failing.length > 0) return { ...place, state: stateOf(failing), basis: 'exact', failures: failing };
  if ((cell.passed ?? []).some(isAsked)) return { ...place, state: 'works', basis: 'exact', failures: [] };
  const whole = {
    ...question.values,
    adapter: question.method,
    sharding: question.sharding,
    precision: question.precision,
  };
  const containing = shown
    .filter(({ id }) => containsValues(whole, failures[id]?.minimal ?? {}, defaults))
    .map(({ id }) => id);
  if (containing.length > 0) return { ...place, state: stateOf(containing), basis: 'contains', failures: containing };
  return place;
};

/** Both come to the same values, defaults included. */
const isSame = (config: Values, values: Values, defaults: Values): boolean =>
  containsValues(values, config, defaults) && containsValues(config, values, defaults);

/** Axes that runs of a method vary beside those that every table has, with the values that were run. */
export const furtherAxes = (
  { matrix }: SiteIndex,
  cell: SupportCell | undefined,
): ReadonlyMap<string, readonly string[]> => {
  const indices = [...(cell?.passed ?? []), ...(cell?.failures ?? []).flatMap(({ configs }) => configs)];
  const axes = new Map<string, Set<string>>();
  for (const at of indices) {
    for (const [name, value] of Object.entries(matrix.configs[at] ?? {})) {
      const values =
        axes.get(name) ?? new Set(matrix.defaults[name] === undefined ? [] : [String(matrix.defaults[name])]);
      axes.set(name, values.add(String(value)));
    }
  }
  return new Map([...axes].map(([name, values]) => [name, [...values]]));
};
