import type { JSX } from 'preact';
import { formatRoute } from '../../model/route.ts';

interface NamedLinkProps {
  readonly id: string;
  /** Slug of the kind of evidence that is looked at. */
  readonly on: string | undefined;
}

const paramsOf = (on: string | undefined): Readonly<Record<string, string>> => (on === undefined ? {} : { on });

/** `inGrid`: it is reached with the arrow keys of the grid that it is in. */
export const MethodLink = ({ id, on, inGrid }: NamedLinkProps & { readonly inGrid?: boolean }): JSX.Element => (
  <a tabIndex={inGrid === true ? -1 : undefined} href={formatRoute({ page: 'method', id, params: paramsOf(on) })}>
    {id}
  </a>
);

export const ReleaseLink = ({ id, on }: NamedLinkProps): JSX.Element => (
  <a href={formatRoute({ page: 'release', id, params: paramsOf(on) })}>{id}</a>
);

export const FailureLink = ({ id, on }: NamedLinkProps): JSX.Element => (
  <a class="code" href={formatRoute({ page: 'failure', id, params: paramsOf(on) })}>
    {id}
  </a>
);
