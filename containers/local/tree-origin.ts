import { pathToFileURL } from 'node:url';
import type { SourceTree } from '../../matrices/pin.ts';

/** Where an installation says what it was made from (PEP 610). The probe marks versions by it. */
export const originFile = 'direct_url.json';

/**
 * What an installation of a source tree was made from: a commit; else sources with this digest; else a folder whose content is
 * looked at each time.
 */
export const originOf = ({ path, commit }: SourceTree, sha256?: string): unknown => ({
  url: pathToFileURL(path).href,
  ...(commit === undefined
    ? sha256 === undefined
      ? { dir_info: { editable: true } }
      : { archive_info: { hashes: { sha256 } } }
    : { vcs_info: { vcs: 'git', commit_id: commit } }),
});
