import * as http from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { requestOptions } from './engine-address.ts';

const versionSchema = z.object({
  Version: z.string(),
  ApiVersion: z.string(),
  Components: z.array(z.object({ Name: z.string() })).nullish(),
});

const infoSchema = z.object({
  Driver: z.string().nullish(),
  SecurityOptions: z.array(z.string()).nullish(),
  CgroupVersion: z.string().nullish(),
  MemoryLimit: z.boolean().nullish(),
  PidsLimit: z.boolean().nullish(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
  CDISpecDirs: z.array(z.string()).nullish(),
  DiscoveredDevices: z.array(z.object({ ID: z.string().nullish() })).nullish(),
  DockerRootDir: z.string().nullish(),
});

const imagesSchema = z.array(z.object({ RepoTags: z.array(z.string()).nullish() }));

/** What an engine says of itself. */
export interface EngineFacts {
  readonly version: string;
  readonly apiVersion: string;
  readonly isPodman: boolean;
  /** Answers of `/info`; what an engine leaves out is undefined or null. */
  readonly info: z.infer<typeof infoSchema>;
  /** Which builder it names as its own: BuildKit is `2`. */
  readonly builderVersion: string | undefined;
  /** Names of the images that it has. */
  readonly images: readonly string[];
}

/** Asks an engine what it is. Throws what went wrong, within the limits of `signal`. */
export const askEngine = async (host: string, signal: AbortSignal): Promise<EngineFacts> => {
  const address = { ...requestOptions(host), signal };
  const [ping, version, info, images] = await Promise.all([
    get({ ...address, path: '/_ping' }),
    getJson({ ...address, path: '/version' }, versionSchema),
    getJson({ ...address, path: '/info' }, infoSchema),
    getJson({ ...address, path: '/images/json' }, imagesSchema),
  ]);
  const builder = ping.headers['builder-version'];
  return {
    version: version.Version,
    apiVersion: version.ApiVersion,
    isPodman: (version.Components ?? []).some(({ Name }) => Name.includes('Podman')),
    info,
    builderVersion: typeof builder === 'string' ? builder : undefined,
    images: images.flatMap(({ RepoTags }) => RepoTags ?? []),
  };
};

const getJson = async <T>(options: http.RequestOptions, schema: z.ZodType<T>): Promise<T> => {
  const { body } = await get(options);
  const parsed = schema.safeParse(JSON.parse(body));
  if (parsed.success) return parsed.data;
  throw new Error(`what it says to ${options.path} is not as expected: ${body.slice(0, 200)}`);
};

interface Answer {
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

const get = async (options: http.RequestOptions): Promise<Answer> => {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  http.get(options, resolve).on('error', reject);
  const answer = await promise;
  const body = await text(answer);
  if (answer.statusCode === 200) return { headers: answer.headers, body };
  throw new Error(`status ${answer.statusCode} to ${options.path}: ${body.slice(0, 200)}`);
};
