import { join } from 'node:path';
import type { Rolldown } from 'vite';
import { InfrastructureError } from '../../matrices/errors.ts';
import type { BuiltApp } from './page.ts';

/** Where the page's own program lies: TypeScript for browsers, with a tsconfig of its own. */
export const appFolder = join(import.meta.dirname, 'app');

/**
 * Builds the app with Vite, in memory. Only a clone has what that needs; a package brings the page along.
 *
 * @throws {InfrastructureError} When the packages for development are not installed.
 */
export const buildApp = async (): Promise<BuiltApp> => {
  const { build } = await import('vite').catch((cause: unknown) => {
    throw new InfrastructureError(
      'The site cannot be built, for Vite is not installed. Run `npm ci`, without --omit=dev.',
      {
        cause,
      },
    );
  });
  const built = await build({
    configFile: false,
    root: appFolder,
    logLevel: 'error',
    mode: 'production',
    build: {
      write: false,
      target: 'es2024',
      // What knows light-dark().
      cssTarget: ['chrome125', 'firefox125', 'safari18'],
      lib: { entry: 'main.tsx', formats: ['iife'], name: 'site', cssFileName: 'site' },
      minify: true,
    },
    // Whatever NODE_ENV says: what is for development holds the paths of this machine.
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const [result] = Array.isArray(built) ? built : [built];
  if (result === undefined || !('output' in result)) throw new Error('Vite watched in place of building');
  return { script: scriptOf(result.output), style: styleOf(result.output) };
};

type Output = Rolldown.RolldownOutput['output'];

/** `</script` and `<!--` within strings of the program would end the element that it stands in. */
const scriptOf = (output: Output): string => {
  const chunks = output.filter((part) => part.type === 'chunk');
  const script = chunks.map(({ code }) => code).join('\n');
  if (/<\/script|<!--/iu.test(script)) throw new Error('the app contains what would end its own element');
  return script.trim();
};

const styleOf = (output: Output): string => {
  const sheets = output.filter((part) => part.type === 'asset' && part.fileName.endsWith('.css'));
  return sheets
    .map((sheet) => ('source' in sheet ? String(sheet.source) : ''))
    .join('\n')
    .trim();
};
