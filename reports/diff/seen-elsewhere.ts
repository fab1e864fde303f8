import { hides } from '../../properties/hides.ts';
import type { Failure } from '../report-model.ts';
import type { CellVerdict } from '../verdicts-model.ts';
import type { AskedCells } from './asked-cells.ts';
import type { FailureChange } from './diff-model.ts';

/** What the cells that show a failure in one campaign came to in the other. */
export interface SeenElsewhere {
  /** The other campaign shows the failure on the pin that is compared. */
  readonly isThere: boolean;
  readonly counts: FailureChange['seen'];
  /** The first cell that came to this there. */
  readonly firstThat: (kind: FateKind) => CellVerdict | undefined;
  /** Ids of the failures that the other campaign shows in these cells; without the failure itself. */
  readonly failures: readonly string[];
}

/**
 * @param pin - The pin of the other campaign.
 * @param cells - Those that show the failure in the first.
 */
export const seenElsewhere = (
  failure: Failure,
  cells: readonly CellVerdict[],
  pin: string,
  other: AskedCells,
): SeenElsewhere => {
  const fates =
    failure.phase === 'import'
      ? [{ ...fateOfImport(failure, pin, other), cell: undefined }]
      : cells.map((cell) => ({ ...fateOf(failure, cell, other.find(pin, cell.config), other), cell }));
  const count = (kind: FateKind): number => fates.filter((fate) => fate.kind === kind).length;
  return {
    isThere: other.failures.get(failure.id)?.pins.includes(pin) === true,
    counts: {
      same: count('same'),
      passed: count('passed'),
      otherwise: count('otherwise'),
      unsupported: count('unsupported'),
      inconclusive: count('inconclusive'),
    },
    firstThat: (kind) => fates.find((fate) => fate.kind === kind)?.cell,
    failures: [...new Set(fates.flatMap(({ failures }) => failures))].toSorted(),
  };
};

/** What one cell came to in the other campaign. */
type FateKind = keyof FailureChange['seen'];

interface Fate {
  readonly kind: FateKind;
  /** Ids of the failures that it shows there and not here. */
  readonly failures: readonly string[];
}

/**
 * What a cell that shows a failure `here` came to in the other campaign. That it fails in another way there, which does not hide this
 * one, says that it is free of it.
 */
const fateOf = (
  failure: Failure,
  here: CellVerdict,
  there: CellVerdict | undefined,
  { failures }: AskedCells,
): Fate => {
  switch (there?.verdict) {
    case 'pass':
      return { kind: 'passed', failures: [] };
    case 'unsupported':
      return { kind: 'unsupported', failures: [] };
    case 'fail': {
      const { failures: shown = [] } = there;
      if (shown.length === 0) return { kind: 'inconclusive', failures: [] };
      const otherwise = shown.filter((one) => here.failures?.includes(one) !== true);
      const { id, signature } = failure;
      // The same looks with another minimal config: another matrix may have shrunk it another way.
      const isSame = shown.includes(id) || otherwise.some((one) => failures.get(one)?.signature === signature);
      if (isSame) return { kind: 'same', failures: otherwise };
      const isHidden = otherwise.some((one) => isHiddenBy(failures.get(one), failure));
      return { kind: isHidden ? 'otherwise' : 'passed', failures: isHidden ? otherwise : [] };
    }
    case 'flaky':
    case 'skipped':
    case 'broken':
    case undefined:
      return { kind: 'inconclusive', failures: [] };
  }
};

/** Of a failure that nobody tells of, nothing is supposed. */
const isHiddenBy = (other: Failure | undefined, failure: Failure): boolean =>
  other === undefined || hides(other, failure);

/** A pin that ran anything can be imported. */
const fateOfImport = ({ id }: Failure, pin: string, other: AskedCells): Fate => {
  const failing = other.report.failures.filter(({ phase, pins }) => phase === 'import' && pins.includes(pin));
  if (failing.some((failure) => failure.id === id)) return { kind: 'same', failures: [] };
  if (failing.length > 0) return { kind: 'otherwise', failures: failing.map((failure) => failure.id) };
  const hasRun = other.ofPin(pin).some(({ verdict }) => ['pass', 'fail', 'flaky'].includes(verdict));
  return { kind: hasRun ? 'passed' : 'inconclusive', failures: [] };
};
