import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pid } from 'node:process';
import { compare, valid } from '@renovatebot/pep440';
import * as z from 'zod';
import { InfrastructureError } from '../../matrices/errors.ts';
import type { Telling } from '../telling.ts';
import { cacheFolder, type Variables } from './cache-folder.ts';
import { httpGet } from './http-get.ts';
import { sharedUv } from './uv.ts';

/** One release of a package, as its index lists it. */
export interface Release {
  /** PEP 440 version. */
  readonly version: string;
  /** When its first wheel came (its first file, if it has no wheel): ISO timestamp in UTC. */
  readonly uploadedAt: string;
  /** e.g. `>=3.10.0`. */
  readonly requiresPython?: string;
  /** True when every file of it is. */
  readonly yanked: boolean;
}

/**
 * All releases of a package on the configured index (pip's or uv's setting, else the public one), oldest version
 * first; files whose version is no PEP 440 version are passed over. Kept for ten minutes in the cache.
 *
 * @throws InfrastructureError when the index cannot be reached, does not know the package, or gives no upload times.
 */
export const releasesOf = async (name: string, telling: Telling, signal: AbortSignal): Promise<readonly Release[]> => {
  const { variables } = await sharedUv(telling, signal);
  return fetchReleases(name, variables, signal);
};

/** The same, with the settings given: `UV_DEFAULT_INDEX`, `SSL_CERT_FILE`, proxies, `XDG_CACHE_HOME`. */
export const fetchReleases = async (
  name: string,
  variables: Variables,
  signal: AbortSignal,
): Promise<readonly Release[]> => {
  const index = variables['UV_DEFAULT_INDEX'] ?? variables['UV_INDEX_URL'] ?? publicIndex;
  const url = `${index.replace(/\/+$/, '')}/${normalise(name)}/`;
  const file = join(
    cacheFolder(variables),
    'index',
    `${createHash('sha256').update(url).digest('hex').slice(0, 32)}.json`,
  );
  const kept = await readKept(file);
  if (kept !== undefined) return kept;
  const releases = readPage(await getPage(url, variables, signal), name, url);
  await keep(file, releases);
  return releases;
};

/** The simple repository API; what pip and uv use when nothing is set. */
const publicIndex = 'https://pypi.org/simple';

const keptForMs = 600_000;

const normalise = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-');

const releasesSchema = z.array(
  z.object({
    version: z.string(),
    uploadedAt: z.string(),
    requiresPython: z.string().exactOptional(),
    yanked: z.boolean(),
  }),
);

/** The page of the simple JSON API (PEP 691, 700). */
const pageSchema = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      'requires-python': z.string().nullish(),
      'upload-time': z.string().nullish(),
      yanked: z.union([z.boolean(), z.string()]).optional(),
    }),
  ),
});

type File = z.infer<typeof pageSchema>['files'][number];

const remedy =
  'Set an index (UV_DEFAULT_INDEX, or pip config set global.index-url URL), or do without one: exact versions with ' +
  'committed locks, or pins: [{ interpreter: path/to/python }].';

const getPage = async (url: string, variables: Variables, signal: AbortSignal): Promise<string> => {
  if (!/^https?:/.test(url)) {
    throw new InfrastructureError(
      `The package index ${withoutLogin(url)} is not on the web, and tells no upload times. ${remedy}`,
    );
  }
  const accept = 'application/vnd.pypi.simple.v1+json';
  const { status, type, body } = await httpGet(url, { accept, variables, timeoutMs: 60_000 }, signal).catch(
    (cause: unknown) => {
      signal.throwIfAborted();
      const words = cause instanceof Error ? cause.message : String(cause);
      throw new InfrastructureError(
        `The package index cannot be reached: ${withoutLogin(url)} (${words}). Check the network and the proxy. ${remedy}`,
        { cause },
      );
    },
  );
  if (status === 404) {
    throw new InfrastructureError(`The package index knows no such package: ${withoutLogin(url)}. ${remedy}`);
  }
  if (status !== 200) {
    throw new InfrastructureError(`The package index answered ${status} to ${withoutLogin(url)}. ${remedy}`);
  }
  if (!type.includes('json')) {
    throw new InfrastructureError(
      `The package index does not speak JSON (PEP 691), so it tells no upload times: ${withoutLogin(url)}. ${remedy}`,
    );
  }
  return body;
};

const readPage = (body: string, name: string, url: string): readonly Release[] => {
  const page = pageSchema.safeParse(parseJson(body));
  if (!page.success) {
    throw new InfrastructureError(
      `The package index gave no list of files (PEP 691): ${withoutLogin(url)} begins with ` +
        `${JSON.stringify(body.slice(0, 80))}. ${remedy}`,
    );
  }
  const groups = Map.groupBy(page.data.files, ({ filename }) => versionOf(filename, name));
  return [...groups]
    .flatMap(([version = '', files]) => (valid(version) === null ? [] : [toRelease(version, files, url)]))
    .toSorted((left, right) => compare(left.version, right.version));
};

const toRelease = (version: string, files: readonly File[], url: string): Release => {
  const wheels = files.filter(({ filename }) => filename.endsWith('.whl'));
  const counted = wheels.length > 0 ? wheels : files;
  const times = counted.map((file) => file['upload-time']).filter((time) => typeof time === 'string');
  const uploadedAt = times.toSorted()[0];
  if (uploadedAt === undefined) {
    throw new InfrastructureError(`The package index tells no upload times (PEP 700): ${withoutLogin(url)}. ${remedy}`);
  }
  const range = counted[0]?.['requires-python'];
  return {
    version,
    uploadedAt,
    ...(typeof range === 'string' ? { requiresPython: range } : {}),
    yanked: files.every(({ yanked = false }) => yanked !== false),
  };
};

/** A wheel's second field; what follows the name in a source archive. Other kinds of files are not ours. */
const versionOf = (filename: string, name: string): string | undefined => {
  if (filename.endsWith('.whl')) return filename.split('-')[1];
  const stem = /^(?<stem>.+?)\.(?:tar\.gz|zip)$/.exec(filename)?.groups?.['stem'];
  const length = normalise(name).length;
  return stem !== undefined && normalise(stem.slice(0, length)) === normalise(name)
    ? stem.slice(length + 1)
    : undefined;
};

const readKept = async (file: string): Promise<readonly Release[] | undefined> => {
  try {
    if (Date.now() - (await stat(file)).mtimeMs > keptForMs) return undefined;
    return releasesSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
};

/** A cache that cannot be written costs a second request, no more. */
const keep = async (file: string, releases: readonly Release[]): Promise<void> => {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.${pid}`, JSON.stringify(releases));
    await rename(`${file}.${pid}`, file);
  } catch {
    // See above.
  }
};

const withoutLogin = (url: string): string => url.replace(/^(?<scheme>[a-z+]+:\/\/)[^/@]*@/, '$<scheme>');

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
