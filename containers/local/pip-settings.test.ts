import { describe, expect, test } from 'vitest';
import { bridgePipSettings, readPipSettings } from './pip-settings.ts';

const everything = (): boolean => true;

const list = `
:env:.find-links='/wheels'
global.cert='/certs/all.crt'
global.extra-index-url='https://one.example/simple https://two.example/simple'
global.find-links='/elsewhere'
global.index-url='https://user:word@index.example/simple'
global.timeout='120'
install.index-url="https://install.example/simple"
list.format='columns'
`;

describe('bridgePipSettings', () => {
  test('says in uv words what pip is set to, a variable before a section before the global setting', () => {
    expect(bridgePipSettings(list, {}, everything)).toStrictEqual({
      variables: {
        UV_DEFAULT_INDEX: 'https://install.example/simple',
        UV_INDEX: 'https://one.example/simple https://two.example/simple',
        UV_INDEX_STRATEGY: 'unsafe-best-match',
        UV_FIND_LINKS: '/wheels',
        SSL_CERT_FILE: '/certs/all.crt',
        UV_HTTP_TIMEOUT: '120',
      },
      warnings: [],
    });
  });

  test('leaves alone what is set for uv', () => {
    const variables = {
      UV_INDEX_URL: 'https://mine.example',
      UV_FIND_LINKS: '/mine',
      UV_INDEX_STRATEGY: 'first-index',
    };
    expect(Object.keys(bridgePipSettings(list, variables, everything).variables)).toStrictEqual([
      'UV_INDEX',
      'SSL_CERT_FILE',
      'UV_HTTP_TIMEOUT',
    ]);
  });

  test('reads several values over several lines, as pip writes them', () => {
    const { variables } = bridgePipSettings(
      String.raw`global.find-links='\n/a\n/b\nhttps://c.example/d'`,
      {},
      everything,
    );
    expect(variables).toStrictEqual({ UV_FIND_LINKS: '/a,/b,https://c.example/d' });
  });

  test('leaves out a folder that does not exist, which would stop uv, and says so', () => {
    const text = "global.find-links='/there /gone'\nglobal.extra-index-url='file:///gone/simple'";
    expect(bridgePipSettings(text, {}, (path) => path === '/there')).toStrictEqual({
      variables: { UV_FIND_LINKS: '/there' },
      warnings: [
        "pip's extra-index-url names file:///gone/simple, which does not exist: left out",
        "pip's find-links names /gone, which does not exist: left out",
      ],
    });
  });

  test('takes a switch only when it is on', () => {
    expect(bridgePipSettings("global.no-index='true'", {}).variables).toStrictEqual({ UV_NO_INDEX: 'true' });
    expect(bridgePipSettings("global.no-index='false'", {}).variables).toStrictEqual({});
  });

  test('makes nothing of nothing, and of lines that it does not know', () => {
    expect(bridgePipSettings('', {}).variables).toStrictEqual({});
    expect(bridgePipSettings('ERROR: broken\nglobal.colour=1', {}).variables).toStrictEqual({});
  });
});

describe('readPipSettings', () => {
  test('falls back on the variables of pip when there is no pip to ask', async () => {
    const variables = { PIP_EXTRA_INDEX_URL: 'https://one.example/simple', HOME: '/' };
    const text = await readPipSettings('/nowhere/python', variables, new AbortController().signal);
    expect(bridgePipSettings(text, {}).variables).toMatchObject({ UV_INDEX: 'https://one.example/simple' });
  });
});
