import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../matrices/errors.ts';
import { isOurPage } from '../reports/site/page.ts';
import { isOurMatrix } from '../reports/support-matrix/support-matrix-model.ts';

/**
 * A site replaces the one that is there. A page or data of somebody else are not ours to replace.
 *
 * @param option - The one that named the folder.
 * @throws {InputError} When the folder has such a page or such data.
 */
export const refuseForeignSite = async (folder: string, option: string): Promise<void> => {
  for (const [name, isOurs] of [
    ['index.html', isOurPage],
    ['matrix.json', isOurMatrix],
  ] as const) {
    const path = join(folder, name);
    // What cannot be read, cannot be written either, and is refused there with its reason.
    const text = await readFile(path, 'utf8').catch(() => {});
    if (text !== undefined && !isOurs(text)) {
      throw new InputError(
        `${option} ${folder}: ${path} is there and was not written by peft-matrix. Name another folder, or move it away`,
      );
    }
  }
};
