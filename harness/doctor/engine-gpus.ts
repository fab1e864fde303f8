import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Variables } from '../../containers/local/cache-folder.ts';
import { toolkitVersion } from '../../containers/gpu/toolkit.ts';
import type { EngineFacts } from './engine-facts.ts';
import { safeToolkit, toolkitAdvisories } from './engine-toolkit.ts';

/** A part of what is said of an engine. */
export interface EngineWord {
  readonly says: string;
  /** What to do, where something is missing or unsafe. */
  readonly remedy?: string;
}

const hookName = 'nvidia-container-runtime-hook';

/** Whether containers of this engine can have GPUs, and whether what lets them is safe. None is needed. */
export const inspectEngineGpus = async (
  { info }: EngineFacts,
  variables: Variables,
  signal: AbortSignal,
  deviceFolder = '/dev',
): Promise<readonly EngineWord[]> => {
  const [toolkit, hook, devices, specifications] = await Promise.all([
    toolkitVersion(variables, signal),
    isOnPath(hookName, variables),
    namesIn(deviceFolder, /^nvidia\d+$/),
    Promise.all((info.CDISpecDirs ?? []).map((folder) => namesIn(folder, /nvidia/))),
  ]);
  const discovered = (info.DiscoveredDevices ?? []).some(({ ID }) => ID?.startsWith('nvidia.com/'));
  const ways = [
    ...(info.Runtimes?.['nvidia'] === undefined ? [] : ['runtime nvidia']),
    ...(discovered || specifications.flat().length > 0 ? ['CDI'] : []),
    ...(hook ? [`${hookName} on PATH`] : []),
  ];
  return [waysIn(ways, devices.length > 0), ...(toolkit === undefined ? [] : [toolkitWord(toolkit)])];
};

const waysIn = (ways: readonly string[], hasGpus: boolean): EngineWord => {
  if (ways.length > 0) return { says: `GPUs in containers: ${ways.join(', ')}` };
  const says = 'GPUs in containers: none (no runtime nvidia, no CDI)';
  if (!hasGpus) return { says };
  return {
    says,
    remedy: `For GPUs in containers install the NVIDIA container toolkit (${safeToolkit} or later), and restart the engine.`,
  };
};

const toolkitWord = (version: string): EngineWord => {
  const known = toolkitAdvisories(version);
  const says = `NVIDIA container toolkit ${version}`;
  if (known.length === 0) return { says };
  return {
    says: `${says} has known ways out of a container: ${known.join(', ')}`,
    remedy: `Update the NVIDIA container toolkit to ${safeToolkit} or later before containers get GPUs.`,
  };
};

const isOnPath = async (name: string, variables: Variables): Promise<boolean> => {
  const folders = (variables['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = await Promise.all(folders.map((folder) => namesIn(folder, new RegExp(`^${name}$`))));
  return found.flat().length > 0;
};

const namesIn = async (folder: string, pattern: RegExp): Promise<readonly string[]> => {
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => pattern.test(name)).map((name) => join(folder, name));
};
