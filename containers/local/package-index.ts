import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pid } from 'node:process';
import { compare, valid } from '@renovatebot/pep440';
import * as z from 'zod';
import { InfrastructureError } from '../../matrices/errors.ts';
import { parseJson } from '../../matrices/parse-json.ts';
import type { Telling } from '../telling.ts';
import { cacheFolder, type Variables } from './cache-folder.ts';
import { httpGet, httpGetFile } from './http-get.ts';
import { sharedUv } from './uv.ts';

/** One release of a package, as its index lists it. */
export interface Release {
  /** PEP 440 version. */
  readonly version: string;
  /**
   * When its wheels were there (its files, if it has no wheel): ISO timestamp in UTC. Files that came hours after the first
   * one are additions.
   */
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

/** The source archive of a release: a `.tar.gz`. */
export interface SourceArchive {
  /** PEP 440 version. */
  readonly version: string;
  readonly url: string;
  /** Hex digits, where the index says it. */
  readonly sha256?: string;
  /** ISO timestamp in UTC. */
  readonly uploadedAt: string;
}

/**
 * All source archives of a package on the configured index, oldest version first.
 *
 * @throws InfrastructureError as {@link releasesOf} does.
 */
export const sourceArchivesOf = async (
  name: string,
  telling: Telling,
  signal: AbortSignal,
): Promise<readonly SourceArchive[]> => {
  const { variables } = await sharedUv(telling, signal);
  const url = pageUrl(name, variables);
  const { files } = parsePage(await getPage(url, variables, signal), url);
  return files
    .flatMap((file) => {
      const version = file.filename.endsWith('.tar.gz') ? versionOf(file.filename, name) : undefined;
      const uploadedAt = file['upload-time'];
      if (version === undefined || valid(version) === null) return [];
      if (file.url === undefined || typeof uploadedAt !== 'string') return [];
      const sha256 = file.hashes?.['sha256'];
      return [{ version, url: new URL(file.url, url).href, ...(sha256 === undefined ? {} : { sha256 }), uploadedAt }];
    })
    .toSorted((left, right) => compare(left.version, right.version));
};

/**
 * Downloads a source archive and sees that it is the one that the index names.
 *
 * @throws InfrastructureError when it cannot be had, or is another.
 */
export const downloadArchive = async (
  archive: SourceArchive,
  telling: Telling,
  signal: AbortSignal,
): Promise<Buffer> => {
  const { variables } = await sharedUv(telling, signal);
  const options = { accept: '*/*', variables, timeoutMs: 300_000 };
  const { status, content } = await httpGetFile(archive.url, options, signal).catch((cause: unknown) => {
    signal.throwIfAborted();
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new InfrastructureError(`${withoutLogin(archive.url)} cannot be downloaded (${words}).`, { cause });
  });
  if (status !== 200) {
    throw new InfrastructureError(`${withoutLogin(archive.url)} cannot be downloaded: the index answered ${status}.`);
  }
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (archive.sha256 === undefined || archive.sha256 === sha256) return content;
  throw new InfrastructureError(
    `${withoutLogin(archive.url)} is not what the index says: its SHA-256 is ${sha256}, not ${archive.sha256}.`,
  );
};

/** All releases, with the settings given: `UV_DEFAULT_INDEX`, `SSL_CERT_FILE`, proxies, `XDG_CACHE_HOME`. */
export const fetchReleases = async (
  name: string,
  variables: Variables,
  signal: AbortSignal,
): Promise<readonly Release[]> => {
  const url = pageUrl(name, variables);
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

const pageUrl = (name: string, variables: Variables): string => {
  const index = variables['UV_DEFAULT_INDEX'] ?? variables['UV_INDEX_URL'] ?? publicIndex;
  return `${index.replace(/\/+$/, '')}/${normalise(name)}/`;
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
      url: z.string().optional(),
      hashes: z.record(z.string(), z.string()).nullish(),
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

const parsePage = (body: string, url: string): z.infer<typeof pageSchema> => {
  const page = pageSchema.safeParse(parseJson(body));
  if (page.success) return page.data;
  throw new InfrastructureError(
    `The package index gave no list of files (PEP 691): ${withoutLogin(url)} begins with ` +
      `${JSON.stringify(body.slice(0, 80))}. ${remedy}`,
  );
};

const readPage = (body: string, name: string, url: string): readonly Release[] => {
  const groups = Map.groupBy(parsePage(body, url).files, ({ filename }) => versionOf(filename, name));
  return [...groups]
    .flatMap(([version = '', files]) => (valid(version) === null ? [] : [toRelease(version, files, url)]))
    .toSorted((left, right) => compare(left.version, right.version));
};

const toRelease = (version: string, files: readonly File[], url: string): Release => {
  const wheels = files.filter(({ filename }) => filename.endsWith('.whl'));
  const counted = wheels.length > 0 ? wheels : files;
  const times = counted.map((file) => file['upload-time']).filter((time) => typeof time === 'string');
  const uploadedAt = whenComplete(times);
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

/**
 * The last of the uploads that belong together. A package with a wheel for each platform is uploaded file by file: as of the
 * first one, most platforms have nothing to install.
 */
const whenComplete = (times: readonly string[]): string | undefined => {
  const [first, ...others] = times.toSorted((left, right) => Date.parse(left) - Date.parse(right));
  if (first === undefined) return undefined;
  return others.findLast((time) => Date.parse(time) - Date.parse(first) < togetherMs) ?? first;
};

const togetherMs = 3 * 3_600_000;

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
