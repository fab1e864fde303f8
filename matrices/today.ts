/** The day that it is in UTC, such as `2026-11-20`. The days of matrices and nights are of UTC, as those of package indexes are. */
export const today = (): string => new Date().toISOString().slice(0, 10);

/** What is wrong with a day: what comes out on it is not known yet. Undefined where nothing is. */
export const dayToCome = (day: string): string | undefined =>
  day > today() ? `${day} is still to come: expected ${today()} (today, in UTC) or a day before it` : undefined;
