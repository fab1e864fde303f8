import { createHash } from 'node:crypto';
import { lockId } from '../matrices/lock.ts';
import type { Matrix } from '../matrices/matrix.ts';
import { canonicalJson } from './cell-key.ts';
import type { PreparedPin } from './prepare-pins.ts';

/**
 * Names a campaign: the matrix's name and a hash of what it says and of the locks it stands on.
 *
 * The same matrix on the same locks is the same campaign: run again, it goes on, or shows again what it found.
 */
export const campaignId = (matrix: Matrix, executor: string, prepared: readonly PreparedPin[]): string => {
  const pins = prepared.map((pin) =>
    pin.kind === 'broken' ? [pin.id, pin.device, pin.asked] : [pin.pin.id, pin.pin.device, sourceOf(pin)],
  );
  const { axes, stages, strength, seed, budget } = matrix;
  const staged = stages === undefined ? {} : { stages };
  const text = canonicalJson({ axes, ...staged, strength, seed, budget, executor, pins });
  return `${matrix.name}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
};

const sourceOf = ({ pin: { source } }: Extract<PreparedPin, { kind: 'resolved' }>): string => {
  switch (source.kind) {
    case 'lock':
      return lockId(source.lock);
    case 'interpreter':
      return source.path;
    case 'tree':
      return `${lockId(source.lock)} ${source.package} ${source.commit ?? source.path}`;
  }
};
