import type { Route } from '../model/route.ts';
import type { SiteIndex } from '../model/site-index.ts';

/** What every page is given. */
export interface PageProps {
  readonly index: SiteIndex;
  readonly route: Route;
}
