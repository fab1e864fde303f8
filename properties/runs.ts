import { holds } from './judgements.ts';
import type { Property } from './property.ts';
import { stopped } from './stopped.ts';

export const runs: Property = {
  id: 'runs',
  version: 2,
  claim: 'Every phase that the config asks for completes.',
  applies: () => true,
  judge: (_subject, { stop, usageStops = [] }) => {
    const stops = stop === undefined ? usageStops : [stop, ...usageStops];
    return stops.length === 0 ? holds : stops.map(stopped);
  },
};
