import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { makeFolder } from '../../containers/local/make-folder.ts';
import { bisectSchema, formatBisectJson, type Bisect, type FoundBisect } from '../../reports/bisect-model.ts';
import { orExplain, writeAtomically } from '../write-atomically.ts';
import { parseJson } from '../../matrices/parse-json.ts';
import { shortDigest } from '../cell-key.ts';
import { combineBisects } from './combine-bisects.ts';

/**
 * Bisects in the results: `bisects/<failure>.<question>.json`, for each question what was found when it was last asked, and
 * `<failure>.begun.json` of one that is not at its end.
 */
export class BisectStore {
  readonly #folder: string;

  constructor(resultsPath: string) {
    this.#folder = join(resultsPath, 'bisects');
  }

  /**
   * Keeps what was found; the next bisect of the failure begins from what is known then.
   *
   * @param question - What was asked; the answer to another question stays beside it.
   */
  async publish(bisect: Bisect, question: unknown): Promise<void> {
    const { id } = bisect.failure;
    await this.#write(`${id}.${shortDigest(question)}.json`, formatBisectJson(bisect));
    await rm(this.#begun(id), { force: true });
  }

  /** By failure, what all bisects of it have found. */
  async found(): Promise<ReadonlyMap<string, FoundBisect>> {
    const byFailure = Map.groupBy(await this.#all(), ({ failure }) => failure.id);
    return new Map([...byFailure].map(([id, bisects]) => [id, combineBisects(bisects)]));
  }

  /** Every bisect that can be read; files of other versions are passed over. */
  async #all(): Promise<readonly Bisect[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const texts = await Promise.all(
      names
        .filter((name) => /^[0-9a-f]+\.[0-9a-f]+\.json$/.test(name))
        .map((name) => readText(join(this.#folder, name))),
    );
    return texts.flatMap((text) => {
      const parsed = bisectSchema.safeParse(parseJson(text));
      return parsed.success ? [parsed.data] : [];
    });
  }

  /**
   * What was known when a search was first begun. One that was interrupted has more answers in the ledger when it goes on;
   * taken as known they would lead it another way, and where history is not monotone to another answer.
   *
   * @param search - Names the search among those of the failure.
   */
  async knownAtStart(failure: string, search: string, known: readonly string[]): Promise<readonly string[]> {
    const begun = beginnings.safeParse(parseJson(await readText(this.#begun(failure))));
    const kept = begun.success ? begun.data : {};
    const before = kept[search];
    if (before !== undefined) return before;
    await this.#write(`${failure}.begun.json`, `${JSON.stringify({ ...kept, [search]: known }, null, 2)}\n`);
    return known;
  }

  #begun(failure: string): string {
    return join(this.#folder, `${failure}.begun.json`);
  }

  #write(name: string, text: string): Promise<void> {
    return orExplain(this.#folder, async () => {
      await makeFolder(this.#folder);
      await writeAtomically(join(this.#folder, name), text);
    });
  }
}

const beginnings = z.record(z.string(), z.array(z.string()));

const readText = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
