import type { Evidence } from '../verdicts-model.ts';

/** What people call it: `CPU, one process`, `CUDA, NCCL, 2 ranks`. */
export const showEvidence = ({ device, backend, ranks }: Evidence): string =>
  backend === 'none'
    ? `${device.toUpperCase()}, one process`
    : `${device.toUpperCase()}, ${backendNames[backend]}, ${ranks} ranks`;

/** Fit for the name of a file: `cpu`, `cuda-nccl-2`. */
export const evidenceSlug = ({ device, backend, ranks }: Evidence): string =>
  backend === 'none' ? device : `${device}-${backend}-${ranks}`;

const backendNames = { gloo: 'gloo', nccl: 'NCCL' } as const;
