import { createHash } from 'node:crypto';
import { canonicalConfig } from '../matrices/config.ts';
import type { Violation } from './find-failures.ts';

/** Eight hex digits over signature and config, as a rule the minimal one: the same failure has the same id on every machine. */
export const failureId = ({ signatureId, config }: Pick<Violation, 'signatureId' | 'config'>): string =>
  createHash('sha256')
    .update(`${signatureId} ${canonicalConfig(config)}`)
    .digest('hex')
    .slice(0, 8);
