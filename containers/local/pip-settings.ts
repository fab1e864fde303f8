import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Variables } from './cache-folder.ts';
import { runCommand } from './run-command.ts';

/** pip's settings in uv's words. */
export interface BridgedSettings {
  /** Variables for uv; none that the user has set already. They may hold credentials: never log or keep them. */
  readonly variables: Readonly<Record<string, string>>;
  /** What could not be taken over, for people. */
  readonly warnings: readonly string[];
}

/**
 * pip's configuration as `<python> -m pip config list` prints it (it includes `PIP_*`), or `PIP_*` alone in the same
 * form when that Python has no pip.
 */
export const readPipSettings = async (python: string, variables: Variables, signal: AbortSignal): Promise<string> => {
  const result = await runCommand(python, ['-m', 'pip', 'config', 'list'], { variables, timeoutMs: 60_000 }, signal);
  return result.ok ? result.stdout : listVariables(variables);
};

/**
 * Translates pip's settings to uv's, which does not read them: index, extra indexes, find-links, certificates, proxy,
 * timeout. A setting whose `UV_*` counterpart is set is left alone.
 *
 * @param configList - Lines such as `global.index-url='https://...'`, from {@link readPipSettings}.
 */
export const bridgePipSettings = (
  configList: string,
  variables: Variables,
  exists: (path: string) => boolean = existsSync,
): BridgedSettings => {
  const settings = parseConfigList(configList);
  const warnings: string[] = [];
  const bridged: Record<string, string> = {};
  for (const { keys, targets, translate, also } of translations) {
    const value = keys.map((key) => settings.get(key)).find((found) => found !== undefined && found.trim() !== '');
    if (value === undefined || targets.some((target) => Boolean(variables[target]))) continue;
    const translated = translate(value.trim().split(/\s+/), { exists, warn: (words) => warnings.push(words) });
    if (translated === '') continue;
    for (const [name, setting] of Object.entries({ [targets[0]]: translated, ...also })) {
      if (!variables[name]) bridged[name] = setting;
    }
  }
  return { variables: bridged, warnings };
};

interface Surroundings {
  readonly exists: (path: string) => boolean;
  readonly warn: (words: string) => void;
}

interface Translation {
  /** pip's names, the first that is set counts. */
  readonly keys: readonly string[];
  /** uv's names: the first is set, unless any of them is set already. */
  readonly targets: readonly [string, ...string[]];
  readonly translate: (values: readonly string[], surroundings: Surroundings) => string;
  /** Set together with the first target. */
  readonly also?: Readonly<Record<string, string>>;
}

const first = (values: readonly string[]): string => values[0] ?? '';

/** pip passes over a folder that is not there, uv stops at it. */
const whatExists =
  (setting: string, separator: string) =>
  (values: readonly string[], { exists, warn }: Surroundings): string =>
    values
      .filter((value) => {
        const path = localPath(value);
        if (path === undefined || exists(path)) return true;
        warn(`pip's ${setting} names ${value}, which does not exist: left out`);
        return false;
      })
      .join(separator);

const isTrue = (values: readonly string[]): string => (/^(?:1|true|yes|on|y|t)$/i.test(first(values)) ? 'true' : '');

const translations: readonly Translation[] = [
  { keys: ['index-url'], targets: ['UV_DEFAULT_INDEX', 'UV_INDEX_URL'], translate: first },
  {
    keys: ['extra-index-url'],
    targets: ['UV_INDEX', 'UV_EXTRA_INDEX_URL'],
    translate: whatExists('extra-index-url', ' '),
    // pip looks at all its indexes for the best version; uv would stop at the first that knows the name.
    also: { UV_INDEX_STRATEGY: 'unsafe-best-match' },
  },
  { keys: ['find-links'], targets: ['UV_FIND_LINKS'], translate: whatExists('find-links', ',') },
  { keys: ['no-index'], targets: ['UV_NO_INDEX'], translate: isTrue },
  { keys: ['trusted-host'], targets: ['UV_INSECURE_HOST'], translate: (values) => values.join(' ') },
  { keys: ['cert'], targets: ['SSL_CERT_FILE'], translate: first },
  { keys: ['client-cert'], targets: ['SSL_CLIENT_CERT'], translate: first },
  { keys: ['proxy'], targets: ['ALL_PROXY', 'HTTPS_PROXY', 'https_proxy', 'all_proxy'], translate: first },
  { keys: ['timeout', 'default-timeout'], targets: ['UV_HTTP_TIMEOUT'], translate: first },
];

const localPath = (value: string): string | undefined => {
  if (value.startsWith('file://')) return fileURLToPath(value);
  return value.includes('://') ? undefined : value;
};

/** pip's own order: a variable counts before the settings of `install`, those before the global ones. */
const sections = ['global', 'install', ':env:'];

const parseConfigList = (text: string): ReadonlyMap<string, string> => {
  const found = text
    .split('\n')
    .map((line) => /^(?<section>:env:|[\w-]+)\.(?<key>[\w-]+)=(?<value>.*)$/.exec(line.trim())?.groups)
    .filter((groups) => groups !== undefined)
    .map(({ section = '', key = '', value = '' }) => ({ rank: sections.indexOf(section), key, value: unquote(value) }))
    .filter(({ rank }) => rank >= 0)
    .toSorted((left, right) => left.rank - right.rank);
  return new Map(found.map(({ key, value }) => [key, value]));
};

/** The text of a Python string literal as `repr` writes it. */
const unquote = (literal: string): string => {
  const text = /^(['"])(?<text>.*)\1$/.exec(literal)?.groups?.['text'] ?? literal;
  return text.replaceAll(/\\(?<escaped>.)/g, (_, escaped: string) => escapes[escaped] ?? escaped);
};

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

const listVariables = (variables: Variables): string =>
  Object.entries(variables)
    .filter(([name]) => /^PIP_[A-Z_]+$/.test(name))
    .map(([name, value = '']) => `:env:.${name.slice(4).toLowerCase().replaceAll('_', '-')}='${value}'`)
    .join('\n');
