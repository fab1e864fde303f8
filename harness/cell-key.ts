import { createHash } from 'node:crypto';
import type { CellRequest } from '../containers/cell-request.ts';
import { probeSemantics } from '../containers/protocol.ts';
import type { Versions } from '../matrices/pin.ts';

/** What makes two observations observations of the same thing. Everything else about a run is provenance. */
export interface CellIdentity {
  /** The config and what our data said its values mean, as the probe gets it. */
  readonly request: CellRequest;
  readonly versions: Versions;
  /** Kind of executor: `local`, ... */
  readonly executor: string;
  /** Kind of host, e.g. `linux-x64`. */
  readonly host: string;
}

/**
 * The ledger's key of a cell: 32 hex digits, the same on every machine of the same kind.
 *
 * How long a phase may take has no part in it: more patience must not void what has been seen.
 */
export const cellKey = ({ request, ...identity }: CellIdentity): string => {
  const { phaseDeadlineMs: _deadline, graceMs: _grace, ...asked } = request;
  return createHash('sha256')
    .update(canonicalJson({ ...identity, request: asked, semantics: probeSemantics }))
    .digest('hex')
    .slice(0, 32);
};

/** Twelve hex digits that name a value: equal values have the same. */
export const shortDigest = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 12);

/** JSON with the keys of every object sorted, so that equal values give equal text. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
