import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointFilesSchema, type CellRequest, type CheckpointFiles } from '../containers/cell-request.ts';
import { makeFolder } from '../containers/local/make-folder.ts';
import { orExplain, writeAtomically } from './write-atomically.ts';

/** What a checkpoint is known by: the cell that wrote it, and what its trained model computed in that run. */
type CheckpointName = Pick<NonNullable<CellRequest['checkpoint']>, 'writer' | 'outputs'>;

/** Where checkpoints are kept that other releases read. One that is not found is written again. */
export interface Checkpoints {
  find(name: CheckpointName): Promise<CheckpointFiles | undefined>;
  keep(name: CheckpointName, files: CheckpointFiles): Promise<void>;
}

/** For as long as the process lives. */
export const checkpointsInMemory = (): Checkpoints => {
  const kept = new Map<string, CheckpointFiles>();
  return {
    find: (name) => Promise.resolve(kept.get(fileName(name))),
    keep: (name, files) => {
      kept.set(fileName(name), files);
      return Promise.resolve();
    },
  };
};

/**
 * One file each in a folder, which may be emptied at any time.
 *
 * @throws {InfrastructureError} From `keep`, when the folder cannot be written.
 */
export const checkpointsIn = (folder: string): Checkpoints => ({
  find: async (name) => {
    try {
      return checkpointFilesSchema.parse(JSON.parse(await readFile(join(folder, fileName(name)), 'utf8')));
    } catch {
      return undefined;
    }
  },
  keep: (name, files) =>
    orExplain(folder, async () => {
      await makeFolder(folder);
      await writeAtomically(join(folder, fileName(name)), JSON.stringify(files));
    }),
});

const fileName = ({ writer, outputs }: CheckpointName): string => `${writer}-${outputs}.json`;
