import { existsSync } from 'node:fs';
import type * as http from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Variables } from '../../containers/local/cache-folder.ts';

/** Where a container engine may answer. */
export interface EngineAddress {
  /** As `DOCKER_HOST` has it. */
  readonly host: string;
  /** Whether our own runs look there without `DOCKER_HOST`. */
  readonly isFound: boolean;
}

/** What `DOCKER_HOST` says and nothing else, or each socket that is there: Docker's before Podman's. */
export const engineAddresses = (variables: Variables): readonly EngineAddress[] => {
  const chosen = variables['DOCKER_HOST'] ?? '';
  if (chosen !== '') return [{ host: chosen, isFound: true }];
  const runtime = variables['XDG_RUNTIME_DIR'] ?? '';
  const home = variables['HOME'] ?? homedir();
  const sockets = [
    { path: '/var/run/docker.sock', isFound: true },
    { path: join(runtime, 'docker.sock'), isFound: true },
    { path: join(home, '.docker/run/docker.sock'), isFound: true },
    { path: join(home, '.docker/desktop/docker.sock'), isFound: true },
    // Not by the user's name: in a container, whoever runs us may have none.
    { path: `/run/user/${process.getuid?.()}/docker.sock`, isFound: true },
    { path: join(runtime, 'podman/podman.sock'), isFound: false },
    { path: '/run/podman/podman.sock', isFound: false },
  ];
  return sockets
    .filter(({ path }) => path.startsWith('/') && existsSync(path))
    .map(({ path, isFound }) => ({ host: `unix://${path}`, isFound }));
};

/** How Node's `http` gets there. Throws for what is not tried. */
export const requestOptions = (host: string): http.RequestOptions => {
  const url = new URL(host);
  if (url.protocol === 'unix:') return { socketPath: url.pathname };
  if (url.protocol === 'tcp:' || url.protocol === 'http:') return { host: url.hostname, port: url.port || 2375 };
  throw new Error(`${url.protocol}// is not tried here, only unix:// and tcp://`);
};
