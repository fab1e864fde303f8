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

/**
 * Chooses something on the page that is shown; an empty text takes a choice back. The way back leads to what was chosen before.
 *
 * It begins from the address and not from what was drawn: a second choice may come before the first one is.
 */
export const choose = (params: Choices): void => {
  location.hash = formatRoute(withParams(params));
};

/** The same without a way back: for what changes with every key that is typed. */
export const chooseInPlace = (params: Choices): void => {
  history.replaceState(null, '', formatRoute(withParams(params)));
  dispatchEvent(new Event(replaced));
};

type Choices = Readonly<Record<string, string | undefined>>;

const withParams = (params: Choices): Route => {
  const route = parseRoute(location.hash);
  const chosen = Object.entries({ ...route.params, ...params }).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as const],
  );
  return { ...route, params: Object.fromEntries(chosen) };
};
