import { existsSync } from 'node:fs';
import * as http from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import type { Variables } from '../../containers/local/cache-folder.ts';
import { runCommand } from '../../containers/local/run-command.ts';
import type { Finding } from '../../reports/machine-findings.ts';
import { messageOf } from './message-of.ts';

const defaultSocket = '/var/run/docker.sock';

/** Whether a Docker engine answers. None is needed by default. */
export const inspectDocker = async (variables: Variables, signal: AbortSignal): Promise<Finding> => {
  const base = { id: 'docker', title: 'Docker' };
  const { ok, stdout } = await runCommand('docker', ['--version'], { variables, timeoutMs: 20_000 }, signal);
  const client = ok ? stdout.trim() : 'no docker command';
  const host = variables['DOCKER_HOST'] ?? '';
  if (host === '' && !existsSync(defaultSocket)) {
    return { ...base, status: 'ok', says: `${client}, no engine running (none is needed)` };
  }
  try {
    const engine = await askEngine(addressOf(host), AbortSignal.any([signal, AbortSignal.timeout(5000)]));
    return { ...base, status: 'ok', says: `${client}; engine ${engine.Version} (API ${engine.ApiVersion}) answers` };
  } catch (error) {
    signal.throwIfAborted();
    const remedy = `Only needed for running in containers. Start the engine, join its group, or set DOCKER_HOST (now ${host === '' ? defaultSocket : host}).`;
    return { ...base, status: 'warning', says: `${client}; the engine does not answer: ${messageOf(error)}`, remedy };
  }
};

const versionSchema = z.object({ Version: z.string(), ApiVersion: z.string() });

const askEngine = async (address: http.RequestOptions, signal: AbortSignal): Promise<z.infer<typeof versionSchema>> => {
  await get({ ...address, path: '/_ping', signal });
  return versionSchema.parse(JSON.parse(await get({ ...address, path: '/version', signal })));
};

const get = async (options: http.RequestOptions): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  http.get(options, resolve).on('error', reject);
  const answer = await promise;
  const body = await text(answer);
  if (answer.statusCode === 200) return body;
  throw new Error(`status ${answer.statusCode} to ${options.path}: ${body.slice(0, 200)}`);
};

const addressOf = (host: string): http.RequestOptions => {
  if (host === '') return { socketPath: defaultSocket };
  const url = new URL(host);
  if (url.protocol === 'unix:') return { socketPath: url.pathname };
  if (url.protocol === 'tcp:' || url.protocol === 'http:') return { host: url.hostname, port: url.port || 2375 };
  throw new Error(`${url.protocol}// is not tried here, only unix:// and tcp://`);
};
