import { createHash } from 'node:crypto';
import { canonicalConfig } from '../matrices/config.ts';
import type { Cause } from './find-failures.ts';

/** Eight hex digits over signature and minimal config: the same failure has the same id on every machine. */
export const failureId = ({ minimal }: Pick<Cause, 'minimal'>): string =>
  createHash('sha256')
    .update(`${minimal.signatureId} ${canonicalConfig(minimal.config)}`)
    .digest('hex')
    .slice(0, 8);
