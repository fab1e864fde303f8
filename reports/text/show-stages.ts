import type { Failure } from '../report-model.ts';
import { oneLine } from './safe-text.ts';

/** `adapter alone: pass, sharding alone: fail (runs)`; empty for a failure of one of them alone. */
export const showStages = ({ stages }: Failure): string =>
  stages === undefined
    ? ''
    : Object.entries(stages)
        .map(([half, { verdict, violates }]) => {
          const properties = violates.length === 0 ? '' : ` (${oneLine(violates.join(', '))})`;
          return `${half} alone: ${verdict}${properties}`;
        })
        .join(', ');
