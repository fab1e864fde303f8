import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Finding } from '../../reports/machine-findings.ts';
import { countOf } from '../../reports/text/count.ts';
import { gigabytes } from './gigabytes.ts';

/** What the process itself can tell. */
export interface Runtime {
  readonly node: string;
  readonly platform: string;
  readonly architecture: string;
  readonly cores: number;
  readonly cpu: string;
  /** Of the machine, or of the container we are in, in bytes. */
  readonly memoryBytes: number;
  /** Free for us now, in bytes. */
  readonly freeBytes: number;
}

/** Node, the processor and memory. */
export const inspectRuntime = (runtime: Runtime = thisRuntime()): readonly Finding[] => [
  nodeFinding(runtime),
  coresFinding(runtime),
  memoryFinding(runtime),
];

/** Types are stripped by Node itself and `node:sqlite` is used without a flag. */
const leastNode = 24;

/** Two probes with two ranks each, half a gigabyte a process that is mostly shared, and something for the rest. */
const enoughMemory = 4e9;
const leastMemory = 1.5e9;

const nodeFinding = ({ node, platform, architecture }: Runtime): Finding => {
  const base = { id: 'node', title: 'Node', says: `${node} on ${platform} ${architecture}` };
  if (Number.parseInt(node.replace('v', ''), 10) < leastNode) {
    return { ...base, status: 'problem', remedy: 'Start it with npx or npm run, which bring Node 24 along.' };
  }
  return platform === 'linux' || platform === 'darwin'
    ? { ...base, status: 'ok' }
    : { ...base, status: 'warning', remedy: 'Only Linux and macOS are known to work; on Windows use WSL.' };
};

const coresFinding = ({ cores, cpu }: Runtime): Finding => {
  const base = { id: 'cores', title: 'Processor', says: `${countOf(cores, 'core')} (${cpu})` };
  return cores >= 2
    ? { ...base, status: 'ok' }
    : { ...base, status: 'warning', remedy: 'Sharded cells run two ranks: on one core they take about twice as long.' };
};

const memoryFinding = ({ memoryBytes, freeBytes }: Runtime): Finding => {
  const says = `${gigabytes(freeBytes)} free of ${gigabytes(memoryBytes)}`;
  const base = { id: 'memory', title: 'Memory', says };
  if (freeBytes >= enoughMemory) return { ...base, status: 'ok' };
  return {
    ...base,
    status: freeBytes >= leastMemory ? 'warning' : 'problem',
    remedy: `A default run takes up to ${gigabytes(enoughMemory)}: end other programs, or run fewer pins.`,
  };
};

const thisRuntime = (): Runtime => ({
  node: process.version,
  platform: process.platform,
  architecture: process.arch,
  cores: availableParallelism(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  memoryBytes: limitOf(process.constrainedMemory()),
  freeBytes: process.availableMemory(),
});

/** Without a limit the answer is 0, or a number beyond all memory. */
const limitOf = (constrained: number): number =>
  constrained > 0 && constrained < totalmem() ? constrained : totalmem();
