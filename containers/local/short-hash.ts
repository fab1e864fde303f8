import { createHash } from 'node:crypto';

/** Twelve hex digits that name a value in a store: values with the same JSON have the same. */
export const shortHash = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
