import { statSync } from 'node:fs';

/** What there is at a path. */
export const pathKind = (path: string): 'folder' | 'file' | 'nothing' => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 'nothing';
  return found.isDirectory() ? 'folder' : 'file';
};
