import type { JSX } from 'preact';
import type { SiteIndex } from '../../model/site-index.ts';
import { plural, shortTime } from '../../model/words.ts';

/** What all of it stands on. */
export const PageFooter = ({ index: { matrix } }: { readonly index: SiteIndex }): JSX.Element => (
  <footer class="foot">
    <p>
      From {plural(matrix.campaigns.length, 'campaign')} in {plural(matrix.environments.length, 'environment')}; the
      last one ended <time dateTime={matrix.asOf}>{shortTime(matrix.asOf)} UTC</time>.
    </p>
    <p>
      Every state was measured: tiny models, a few training steps, properties that must hold. A pass is no proof, and
      what runs on one kind of device and backend says nothing of another.
    </p>
  </footer>
);
