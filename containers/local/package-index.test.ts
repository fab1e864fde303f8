import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, onTestFinished } from 'vitest';
import { InfrastructureError } from '../../matrices/errors.ts';
import { fetchReleases } from './package-index.ts';

const { signal } = new AbortController();

const json = 'application/vnd.pypi.simple.v1+json';

/** A package index on the loopback interface, and a cache of its own. */
const serve = async (answer: RequestListener): Promise<Record<string, string>> => {
  const server = createServer(answer);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', () => resolve());
  await promise;
  const cache = await mkdtemp(join(tmpdir(), 'index-'));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await rm(cache, { recursive: true });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return { UV_DEFAULT_INDEX: `http://someone:secret@127.0.0.1:${address.port}/simple/`, XDG_CACHE_HOME: cache };
};

const answerWith =
  (status: number, body: string, type = json): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': type }).end(body);

const file = (filename: string, time: string, more: object = {}): object => ({
  filename,
  'upload-time': time,
  'requires-python': '>=3.8',
  yanked: false,
  ...more,
});

describe('fetchReleases', () => {
  test('groups files to releases, oldest version first, each as old as its first wheel', async () => {
    const files = [
      file('Some_Package-0.10.0-py3-none-any.whl', '2024-02-01T00:00:00Z'),
      file('some-package-0.10.0.tar.gz', '2024-01-31T00:00:00Z'),
      file('some_package-0.9.0-cp311-cp311-linux_x86_64.whl', '2023-01-02T00:00:00Z', { yanked: 'broken' }),
      file('some_package-0.9.0-cp310-cp310-linux_x86_64.whl', '2023-01-01T00:00:00Z', { yanked: true }),
      file('some.package-0.1.zip', '2020-01-01T00:00:00Z', { 'requires-python': null }),
      file('some_package-0.1.exe', '2020-01-01T00:00:00Z'),
      file('some_package-old-py3-none-any.whl', '2020-01-01T00:00:00Z'),
    ];
    const variables = await serve(answerWith(200, JSON.stringify({ files })));
    await expect(fetchReleases('Some.Package', variables, signal)).resolves.toStrictEqual([
      { version: '0.1', uploadedAt: '2020-01-01T00:00:00Z', yanked: false },
      { version: '0.9.0', uploadedAt: '2023-01-01T00:00:00Z', requiresPython: '>=3.8', yanked: true },
      { version: '0.10.0', uploadedAt: '2024-02-01T00:00:00Z', requiresPython: '>=3.8', yanked: false },
    ]);
  });

  test('asks for JSON at the normalised name, with the login of the URL, and once', async () => {
    const asked: unknown[] = [];
    const variables = await serve((request, response) => {
      asked.push([request.url, request.headers.accept, request.headers.authorization]);
      answerWith(200, JSON.stringify({ files: [] }))(request, response);
    });
    await fetchReleases('Some.Package', variables, signal);
    await fetchReleases('some-package', variables, signal);
    const login = Buffer.from('someone:secret').toString('base64');
    expect(asked).toStrictEqual([['/simple/some-package/', json, `Basic ${login}`]]);
  });

  test('follows a redirect', async () => {
    const variables = await serve((request, response) => {
      if (request.url === '/there') answerWith(200, '{"files": []}')(request, response);
      else response.writeHead(301, { location: '/there' }).end();
    });
    await expect(fetchReleases('six', variables, signal)).resolves.toStrictEqual([]);
  });

  test.each([
    ['an error', answerWith(500, 'oops'), 'answered 500'],
    ['a package that it does not know', answerWith(404, ''), 'knows no such package'],
    ['HTML', answerWith(200, '<html></html>', 'text/html'), 'does not speak JSON'],
    ['garbage', answerWith(200, '{"files": ['), String.raw`begins with "{\"files\": ["`],
    ['no upload times', answerWith(200, '{"files": [{"filename": "six-1.0.tar.gz"}]}'), 'tells no upload times'],
    ['a torn connection', ((request) => void request.socket.destroy()) satisfies RequestListener, 'cannot be reached'],
  ])('of an index that answers with %s says so, and what to do, but no login', async (_, answer, words) => {
    const variables = await serve(answer);
    const error = await fetchReleases('six', variables, signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InfrastructureError);
    expect(String(error)).toContain(words);
    expect(String(error)).toContain('Set an index');
    expect(String(error)).not.toContain('secret');
  });

  test('of a folder says that it is none on the web', async () => {
    const variables = { UV_DEFAULT_INDEX: 'file:///some/simple', XDG_CACHE_HOME: '/nowhere' };
    await expect(fetchReleases('six', variables, signal)).rejects.toThrow('not on the web');
  });

  test('ends with the reason of its signal', async () => {
    const stop = new AbortController();
    const variables = await serve(() => stop.abort(new Error('enough')));
    await expect(fetchReleases('six', variables, stop.signal)).rejects.toThrow('enough');
  });
});
