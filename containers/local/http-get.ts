import { readFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import { buffer, text } from 'node:stream/consumers';
import { getCACertificates } from 'node:tls';
import type { Variables } from './cache-folder.ts';

/** An answer of any status. */
export interface HttpAnswer {
  readonly status: number;
  /** The content type. */
  readonly type: string;
  readonly body: string;
}

export interface HttpOptions {
  readonly accept: string;
  /** `SSL_CERT_FILE` and the proxies (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`) are taken from here. */
  readonly variables: Variables;
  readonly timeoutMs: number;
}

/** The content of a file. */
export interface HttpFile {
  readonly status: number;
  readonly content: Buffer;
}

/**
 * Gets a page, following redirects. Node's own `fetch` knows neither `SSL_CERT_FILE` nor, without a flag, a proxy.
 *
 * @throws whatever keeps it from getting an answer; the signal's reason when it aborts.
 */
export const httpGet = async (url: string, options: HttpOptions, signal: AbortSignal): Promise<HttpAnswer> => {
  const answer = await follow(url, options, signal);
  return { status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '', body: await text(answer) };
};

/** Gets a file, in the same way. */
export const httpGetFile = async (url: string, options: HttpOptions, signal: AbortSignal): Promise<HttpFile> => {
  const answer = await follow(url, options, signal);
  return { status: answer.statusCode ?? 0, content: await buffer(answer) };
};

const follow = async (
  url: string,
  options: HttpOptions,
  signal: AbortSignal,
  redirects = 5,
): Promise<http.IncomingMessage> => {
  const answer = await request(url, options, AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]));
  const { statusCode: status = 0, headers } = answer;
  const { location } = headers;
  if (status >= 300 && status < 400 && location !== undefined && redirects > 0) {
    answer.resume();
    return follow(new URL(location, url).href, options, signal, redirects - 1);
  }
  return answer;
};

const request = async (url: string, options: HttpOptions, signal: AbortSignal): Promise<http.IncomingMessage> => {
  const { accept, variables } = options;
  const proxyEnv: NodeJS.ProcessEnv = { ...variables, ...proxies(variables) };
  const common = { headers: { accept, 'user-agent': 'peft-matrix' }, signal };
  const isHttps = url.startsWith('https:');
  const ca = isHttps ? await authorities(variables) : undefined;
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const sent = isHttps
    ? https.get(url, { ...common, ...ca, agent: new https.Agent({ proxyEnv, ...ca }) }, resolve)
    : http.get(url, { ...common, agent: new http.Agent({ proxyEnv }) }, resolve);
  sent.on('error', reject);
  return promise;
};

/** pip and uv take one proxy for everything. */
const proxies = ({ ALL_PROXY, HTTPS_PROXY, HTTP_PROXY }: Variables): Variables =>
  ALL_PROXY === undefined ? {} : { HTTPS_PROXY: HTTPS_PROXY ?? ALL_PROXY, HTTP_PROXY: HTTP_PROXY ?? ALL_PROXY };

const authorities = async (variables: Variables): Promise<{ readonly ca?: string[] }> => {
  const file = variables['SSL_CERT_FILE'];
  return file === undefined || file === '' ? {} : { ca: [...getCACertificates(), await readFile(file, 'utf8')] };
};
