import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { PageName } from '../model/route.ts';
import type { SiteIndex } from '../model/site-index.ts';
import { titleOf } from '../model/title.ts';
import { CheckPage } from './pages/check-page.tsx';
import { FailurePage } from './pages/failure-page.tsx';
import { FailuresPage } from './pages/failures-page.tsx';
import { MapPage } from './pages/map-page.tsx';
import { MatrixPage } from './pages/matrix-page.tsx';
import { MethodPage } from './pages/method-page.tsx';
import { NightPage } from './pages/night-page.tsx';
import { NowherePage } from './pages/nowhere-page.tsx';
import { ReleasePage } from './pages/release-page.tsx';
import { PageFooter } from './parts/page-footer.tsx';
import { PageHeader } from './parts/page-header.tsx';
import type { PageProps } from './page-props.ts';
import { useRoute } from './use-route.ts';

export const App = ({ index }: { readonly index: SiteIndex }): JSX.Element => {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const shown = `${route.page}/${route.id}`;
  const before = useRef(shown);
  useEffect(() => {
    document.title = `${titleOf(index, { page: route.page, id: route.id })} · peft-matrix`;
    if (before.current === shown) return;
    before.current = shown;
    // Another page: whoever listens or uses the keyboard begins at its heading.
    scrollTo(0, 0);
    main.current?.querySelector('h1')?.focus({ preventScroll: true });
  }, [shown, index, route.page, route.id]);
  const Page = pages[route.page];
  const skip = (event: Event): void => {
    // The address belongs to the pages.
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to content
      </a>
      <PageHeader index={index} route={route} />
      <main id="main" tabIndex={-1} ref={main}>
        <Page key={shown} index={index} route={route} />
      </main>
      <PageFooter index={index} />
    </>
  );
};

const pages: Readonly<Record<PageName, (props: PageProps) => JSX.Element>> = {
  matrix: MatrixPage,
  map: MapPage,
  check: CheckPage,
  failures: FailuresPage,
  failure: FailurePage,
  method: MethodPage,
  release: ReleasePage,
  night: NightPage,
  nowhere: NowherePage,
};
