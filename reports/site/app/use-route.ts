import { useEffect, useState } from 'preact/hooks';
import { formatRoute, parseRoute, type Route } from '../model/route.ts';

/** The route that the address says, and follows. */
export const useRoute = (): Route => {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = (): void => setHash(location.hash);
    addEventListener('hashchange', follow);
    addEventListener(replaced, follow);
    return () => {
      removeEventListener('hashchange', follow);
      removeEventListener(replaced, follow);
    };
  }, []);
  return parseRoute(hash);
};

const replaced = 'peft-matrix-route';

/** Goes to a route; the way back leads to the one that was shown. */
export const goTo = (route: Route): void => {
  location.hash = formatRoute(route);
};

/** Puts a route in place of the one that is shown: for what changes with every key that is typed. */
export const replaceRoute = (route: Route): void => {
  history.replaceState(null, '', formatRoute(route));
  dispatchEvent(new Event(replaced));
};

/** The same page with other choices; an empty text takes one back. */
export const withParams = (route: Route, params: Readonly<Record<string, string | undefined>>): Route => {
  const chosen = Object.entries({ ...route.params, ...params }).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as const],
  );
  return { ...route, params: Object.fromEntries(chosen) };
};
