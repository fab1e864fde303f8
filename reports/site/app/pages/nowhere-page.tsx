import type { JSX } from 'preact';
import type { PageProps } from '../page-props.ts';
import { Heading } from '../parts/heading.tsx';

/** An address that is none of ours: nothing else is shown in its name. */
export const NowherePage = ({ route }: PageProps): JSX.Element => (
  <>
    <Heading>No such page</Heading>
    <p class="not-here">
      The address asks for <code>{route.id}</code>, which is no page of this site. Here is{' '}
      <a href="#/matrix">the matrix</a>.
    </p>
  </>
);
