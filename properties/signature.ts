import { createHash } from 'node:crypto';
import { normaliseMessage } from './normalise-message.ts';
import type { Judgement } from './property.ts';
import type { Signature } from './verdict.ts';

/** The identity of the failure that a violated property saw. */
export const signatureOf = (
  propertyId: string,
  violation: Extract<Judgement, { readonly kind: 'violated' }>,
): Signature => ({
  property: propertyId,
  phase: violation.phase,
  exception: violation.exception ?? 'Violation',
  message: normaliseMessage(violation.message),
  frames: violation.frames ?? [],
});

/** Twelve hexadecimal digits, the same on every machine. */
export const signatureId = ({ property, phase, exception, message, frames }: Signature): string =>
  createHash('sha256')
    .update(JSON.stringify([property, phase, exception, message, frames]))
    .digest('hex')
    .slice(0, 12);
