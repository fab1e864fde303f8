import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../containers/local/cache-folder.ts';
import type { Variables } from '../../containers/local/cache-folder.ts';
import { isComplete } from '../../containers/local/environment-store.ts';
import { lockId, readLock } from '../../matrices/lock.ts';
import type { Finding } from '../../reports/machine-findings.ts';
import { messageOf } from './message-of.ts';

/** Locks of the default matrix, as they are committed. */
const defaultLocks = join(import.meta.dirname, '..', '..', 'matrices', 'locks', 'quick');

/** Which environments of the default matrix are built already. */
export const inspectEnvironments = async (
  variables: Variables,
  locks = defaultLocks,
): Promise<{ readonly finding: Finding; readonly areBuilt: boolean }> => {
  const base = { id: 'environments', title: 'Environments' };
  try {
    const ids = await lockIds(locks);
    const built = ids.filter((id) => isComplete(join(cacheFolder(variables), 'environments', id))).length;
    const says = `${built} of ${ids.length} of the default matrix are built`;
    const remedy = 'The first run builds the rest: some minutes, and the network.';
    const areBuilt = built === ids.length;
    return { finding: { ...base, status: 'ok', says, ...(areBuilt ? {} : { remedy }) }, areBuilt };
  } catch (error) {
    const remedy = 'Put the files under matrices/locks back as they were.';
    return { finding: { ...base, status: 'problem', says: messageOf(error), remedy }, areBuilt: false };
  }
};

const lockIds = async (folder: string): Promise<readonly string[]> => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const locks = await Promise.all(files.map((name) => readLock(join(folder, name))));
  return locks.flatMap((lock) => (lock === undefined ? [] : [lockId(lock)]));
};
