import type { JSX } from 'preact';
import type { SupportMatrix } from '../../../support-matrix/support-matrix-model.ts';
import { FailureLink } from './links.tsx';
import { Scroll } from './scroll.tsx';

interface EnvironmentTableProps {
  readonly environments: SupportMatrix['environments'];
  readonly on: string | undefined;
}

/** What runs were had with: a column for each package. */
export const EnvironmentTable = ({ environments, on }: EnvironmentTableProps): JSX.Element => {
  const packages = [...new Set(environments.flatMap(({ versions }) => Object.keys(versions)))];
  return (
    <Scroll label="Environments">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">device</th>
            <th scope="col">executor</th>
            {packages.map((name) => (
              <th scope="col" key={name}>
                {name}
              </th>
            ))}
            <th scope="col">import</th>
          </tr>
        </thead>
        <tbody>
          {environments.map(({ device, executor, versions, importFailure }, at) => (
            <tr key={at}>
              <td>{device}</td>
              <td>{executor}</td>
              {packages.map((name) => (
                <td key={name}>{versions[name] ?? '–'}</td>
              ))}
              <td>{importFailure === undefined ? 'works' : <FailureLink id={importFailure} on={on} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
};
