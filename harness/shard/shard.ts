/** One of the parts into which a campaign is divided. */
export interface Shard {
  /** 1, 2, ... */
  readonly index: number;
  /** Parts that there are. */
  readonly of: number;
}

/** As people write it: `2/8`. */
export const shardName = ({ index, of }: Shard): string => `${index}/${of}`;

/** More jobs than any CI starts for one matrix (GitHub: 256). */
export const mostShards = 10_000;

/** Reads `2/8`; undefined where that is no part of anything. */
export const parseShard = (text: string): Shard | undefined => {
  const [index, of, ...more] = text.split('/').map((part) => (/^\d{1,5}$/.test(part.trim()) ? Number(part) : NaN));
  if (index === undefined || of === undefined || more.length > 0) return undefined;
  return index >= 1 && index <= of && of <= mostShards ? { index, of } : undefined;
};
