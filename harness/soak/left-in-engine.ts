import { connectEngine } from '../../containers/docker/engine.ts';
import { fateOf, ownLabel, processLabel } from '../../containers/docker/labels.ts';

/** What campaigns that are over left in the container engine: nothing, once the next one has begun. */
export const leftInEngine = async (): Promise<readonly string[]> => {
  const engine = await connectEngine();
  const filters = { label: [ownLabel] };
  const containers = await engine.listContainers({ all: true, filters });
  const { Volumes: volumes } = await engine.listVolumes({ filters: JSON.stringify({ label: [ownLabel] }) });
  const networks = await engine.listNetworks({ filters: { label: [ownLabel] } });
  return [
    ...containers
      .filter(({ Labels }) => fateOf(Labels[processLabel]) !== 'alive')
      .map(({ Id, State }) => `container ${Id.slice(0, 12)} (${State})`),
    ...volumes.map(({ Name }) => `volume ${Name}`),
    ...networks.map(({ Name }) => `network ${Name}`),
  ];
};
