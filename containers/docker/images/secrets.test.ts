import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { formatLock } from '../../../matrices/lock.ts';
import { searchAnyInterpreter } from '../../local/interpreters.ts';
import { connectEngine, type Engine } from '../engine.ts';
import { ownLabel } from '../labels.ts';
import { discardImage, smallLock } from './fixtures/images.ts';

const { signal } = new AbortController();

/** The build fails where this is not used at all: index and folder have what the lock asks for, and only they. */
const secret = `5ecret${randomBytes(12).toString('hex')}`;
/** Lies in the packages, and so must be found in the image. */
const marker = `marker-${randomBytes(12).toString('hex')}`;

const makeWheel = async (folder: string, name: string, build: string): Promise<void> => {
  const { interpreter } = await searchAnyInterpreter(process.env, signal);
  const program = join(import.meta.dirname, 'fixtures', 'make_wheel.py');
  await execa(interpreter?.path ?? 'python3', [program, folder, name, build, marker]);
};

/** An index that answers those who know the secret; its address, with the secret. */
const serve = async (folder: string, name: string): Promise<string> => {
  const file = `${name}-1.0-py3-none-any.whl`;
  const wheel = await readFile(join(folder, file));
  const login = `Basic ${Buffer.from(`someone:${secret}`).toString('base64')}`;
  const server = createServer(({ url = '', headers }, response) => {
    if (headers.authorization !== login) response.writeHead(401).end();
    else if (url.endsWith(`/${file}`)) response.end(wheel);
    else if (url.endsWith(`/${name}/`)) response.setHeader('content-type', 'text/html').end(`<a href="${file}">_</a>`);
    else response.writeHead(404).end();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', () => resolve());
  await promise;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return `http://someone:${secret}@127.0.0.1:${address.port}/simple`;
};

const systemCertificates = '/etc/ssl/certs/ca-certificates.crt';

/** Settings that hold the secret wherever settings can: index, certificates, folder of wheels and names in it. */
const settings = async (): Promise<Readonly<Record<string, string>>> => {
  const folder = await mkdtemp(join(tmpdir(), `${secret}-`));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const [wheels, served, certificates] = ['wheels', 'served', 'certificates.pem'].map((name) => join(folder, name));
  if (wheels === undefined || served === undefined || certificates === undefined) throw new Error('no folders');
  await Promise.all([mkdir(wheels), mkdir(served)]);
  await Promise.all([makeWheel(wheels, 'planted', `1${secret}`), makeWheel(served, 'served', '')]);
  const own = process.env['SSL_CERT_FILE'] ?? systemCertificates;
  await (existsSync(own) ? copyFile(own, certificates) : writeFile(certificates, ''));
  await appendFile(certificates, `\n# ${secret}\n`);
  return {
    UV_INDEX: await serve(served, 'served'),
    UV_INDEX_STRATEGY: 'unsafe-best-match',
    UV_FIND_LINKS: wheels,
    UV_CACHE_DIR: join(folder, 'cache'),
    ...(existsSync(own) ? { SSL_CERT_FILE: certificates } : {}),
  };
};

/** Which of some words are in a stream, also across its pieces. */
const wordsIn = async (stream: NodeJS.ReadableStream, words: readonly string[]): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  const longest = Math.max(...words.map(({ length }) => length));
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    const bytes = Buffer.concat([rest, z.instanceof(Uint8Array).parse(chunk)]);
    for (const word of words) if (bytes.includes(word)) found.add(word);
    rest = bytes.subarray(-longest);
  }
  return found;
};

/** Everything that the engine says of images that are ours or have no name. */
const descriptions = async (engine: Engine): Promise<string> => {
  const all = await engine.listImages({ all: true });
  const suspects = all.filter(({ Labels, RepoTags }) => Labels?.[ownLabel] !== undefined || !RepoTags?.length);
  const told = suspects.map(async ({ Id }) => {
    const image = engine.getImage(Id);
    // One that another test removes meanwhile is none of ours.
    return JSON.stringify(await Promise.all([image.inspect(), image.history()]).catch(() => []));
  });
  return (await Promise.all(told)).join('\n');
};

describe('an image', { tags: ['docker'] }, () => {
  test('holds nothing of the settings that it was built with', async () => {
    const engine = await connectEngine();
    const lock = formatLock(smallLock({ planted: '1.0', served: '1.0', peft: '0.20.0' }));
    const program = join(import.meta.dirname, 'fixtures', 'ensure-image.ts');
    const { stdout } = await execa(process.execPath, [program, lock], { env: await settings() });
    const tag = /^ready (?<tag>\S+)$/m.exec(stdout)?.groups?.['tag'] ?? '';
    onTestFinished(() => discardImage(engine, tag));
    const archive = await engine.getImage(tag).get();
    // Every layer, its configuration and its history; the marker shows that we would have seen it.
    await expect(wordsIn(archive, [secret, marker])).resolves.toStrictEqual(new Set([marker]));
    const told = await descriptions(engine);
    expect(told).toContain(tag);
    expect(told).not.toContain(secret);
    expect(stdout).not.toContain(secret);
  });
});
