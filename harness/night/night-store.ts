import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { makeFolder } from '../../containers/local/make-folder.ts';
import { InputError } from '../../matrices/errors.ts';
import { lockSchema } from '../../matrices/lock.ts';
import type { Lock } from '../../matrices/pin.ts';
import { formatNight, parseNight, type Night } from '../../reports/night/night-model.ts';
import { formatReportJson, parseReportJson } from '../../reports/report-json.ts';
import { formatVerdicts } from '../../reports/verdicts-model.ts';
import type { StoredCampaign } from '../newest-verdicts.ts';
import { verdictsIn } from '../read-verdicts.ts';
import { orExplain, writeAtomically } from '../write-atomically.ts';

/** A night that may be believed: its record, what stands after it, and the locks of all pins that it knows. */
export interface GoodNight {
  readonly night: Night;
  readonly standing: StoredCampaign;
  readonly locks: Readonly<Record<string, Lock>>;
}

/**
 * The nights of one matrix in one executor: `nights/<matrix>/<executor>/<day>/` of the results. `night.json` is written
 * last: a folder without it is no night. `report.json` and `verdicts.json` beside it are what stands after the night, in
 * the form of a campaign, so that two nights are compared by naming their folders.
 */
export class NightStore {
  readonly #folder: string;

  constructor(resultsPath: string, matrix: string, executor: string) {
    this.#folder = join(resultsPath, 'nights', matrix, executor);
  }

  folder(day: string): string {
    return join(this.#folder, day);
  }

  /**
   * The last good night before a day; undefined where there is none.
   *
   * @throws {InputError} When it cannot be read: to begin anew would tell everything once more.
   */
  async lastGoodBefore(day: string): Promise<GoodNight | undefined> {
    const days = (await daysIn(this.#folder)).filter((other) => other < day);
    for (const other of days.toReversed()) {
      const night = await this.#night(other);
      if (night !== undefined && isGood(night)) return this.#good(other, night);
    }
    return undefined;
  }

  /** Keeps a night. A suspect one leaves nothing behind but its record; one that was stopped does not replace a good one. */
  async publish(night: Night, kept: Omit<GoodNight, 'night'> | undefined): Promise<void> {
    const folder = this.folder(night.day);
    const earlier = night.interrupted === true ? await this.#night(night.day) : undefined;
    if (earlier !== undefined && isGood(earlier)) return;
    const files = {
      ...(kept === undefined
        ? {}
        : {
            'report.json': formatReportJson(kept.standing.report),
            'verdicts.json': formatVerdicts(kept.standing.verdicts),
            'locks.json': `${JSON.stringify(kept.locks, undefined, 2)}\n`,
          }),
      'night.json': formatNight(night),
    };
    await orExplain(folder, async () => {
      await makeFolder(folder);
      for (const [name, text] of Object.entries(files)) await writeAtomically(join(folder, name), text);
    });
  }

  async #night(day: string): Promise<Night | undefined> {
    const file = join(this.folder(day), 'night.json');
    const text = await readFile(file, 'utf8').catch(() => {});
    return text === undefined ? undefined : nightIn(text, file);
  }

  async #good(day: string, night: Night): Promise<GoodNight> {
    const [report, verdicts, locks] = await Promise.all(
      ['report.json', 'verdicts.json', 'locks.json'].map((name) => readKept(join(this.folder(day), name))),
    );
    try {
      return {
        night,
        standing: {
          report: parseReportJson(report ?? ''),
          verdicts: verdictsIn(verdicts ?? '', 'the verdicts of the night'),
        },
        locks: z.record(z.string(), lockSchema).parse(JSON.parse(locks ?? '')),
      };
    } catch (cause) {
      throw unreadable(this.folder(day), cause);
    }
  }
}

/** A night that was stopped, or in which too much was broken, is nothing to compare with. */
const isGood = ({ suspect, interrupted }: Night): boolean => suspect === undefined && interrupted !== true;

/**
 * All nights of the results folder, those of each matrix and executor in the order of days; what cannot be read is passed
 * over.
 */
export const allNights = async (resultsPath: string): Promise<readonly Night[]> => {
  const names = await readdir(join(resultsPath, 'nights'), { recursive: true }).catch(() => []);
  const files = names.filter((name) => /(?:^|[\\/])\d{4}-\d{2}-\d{2}[\\/]night\.json$/.test(name)).toSorted();
  const texts = await Promise.all(files.map((name) => readKept(join(resultsPath, 'nights', name))));
  return texts.flatMap((text) => {
    try {
      return [parseNight(text)];
    } catch {
      return [];
    }
  });
};

/** The night in a text; `file` is for the message. Throws `InputError` when it cannot be read. */
const nightIn = (text: string, file: string): Night => {
  try {
    return parseNight(text);
  } catch (cause) {
    throw unreadable(file, cause);
  }
};

const unreadable = (path: string, cause: unknown): InputError =>
  new InputError(
    `${path} cannot be read: it was written by another version, or damaged. Remove it, and the night before it counts.`,
    { cause },
  );

const readKept = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

const daysIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => /^\d{4}-\d{2}-\d{2}$/.test(name)).toSorted();
