import * as z from 'zod';
import { lockSchema } from '../matrices/lock.ts';
import type { Lock } from '../matrices/pin.ts';
import { parseJson } from '../matrices/parse-json.ts';
import type { PreparedPin } from './prepare-pins.ts';
import type { ResultsFolder } from './results-folder.ts';

/** The lock of each pin of a campaign that has one. */
export type PinLocks = Readonly<Record<string, Lock>>;

/** Beside a campaign's report: the same matrix may have other locks on another day. */
export const locksFile = 'locks.json';

export const locksOf = (prepared: readonly PreparedPin[]): PinLocks =>
  Object.fromEntries(
    prepared.flatMap((each) =>
      each.kind === 'resolved' && each.pin.source.kind !== 'interpreter'
        ? [[each.pin.id, each.pin.source.lock] as const]
        : [],
    ),
  );

/** The text of {@link locksFile}. */
export const formatLocks = (locks: PinLocks): string => `${JSON.stringify(locks, undefined, 2)}\n`;

/** The locks that a campaign stood on; none of one that an earlier version has written. */
export const readLocks = async (results: ResultsFolder, campaign: string): Promise<PinLocks> => {
  const text = await results.read(campaign, locksFile);
  if (text === undefined) return {};
  const parsed = locksSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : {};
};

const locksSchema = z.record(z.string(), lockSchema);
