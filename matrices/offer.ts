import type { Adapter, AdapterOption } from './adapter.ts';
import type { Versions } from './pin.ts';
import { isAtLeast, matchesVersions } from './versions.ts';

/** What installed versions offer of an adapter: all that its entry says of versions, decided. */
export interface Offer {
  /** Its variants are those of the installed versions. */
  readonly adapter: Adapter;
  /** True when the installed PEFT is one of the releases that the data promise it for. */
  readonly isOffered: boolean;
  /** Options that the release does not have. */
  readonly missing: readonly AdapterOption[];
  /** Options of which the release does not have every value. */
  readonly incomplete: readonly IncompleteOption[];
}

interface IncompleteOption {
  readonly name: string;
  /** When there are the values that the release does not have; keys are values as text. */
  readonly missing: ReadonlyMap<string, Lifetime>;
}

/** The first PEFT release that has something, and the first that no longer has it. */
export interface Lifetime {
  readonly since?: string;
  readonly until?: string;
}

/** Looks at versions once, so that no config has to: comparing them is slow. */
export const offerOf = (adapter: Adapter, versions: Versions): Offer => ({
  adapter: withOwnVariants(adapter, versions),
  isOffered: isOffered(adapter, versions),
  missing: adapter.options.filter((option) => !isOffered(option, versions)),
  incomplete: adapter.options
    .map(({ name, releases = {} }) => ({
      name,
      missing: new Map(Object.entries(releases).filter(([, release]) => !isOffered(release, versions))),
    }))
    .filter(({ missing }) => missing.size > 0),
});

/** The adapter with those variants only that are for the installed versions. */
export const withOwnVariants = (adapter: Adapter, versions: Versions): Adapter => ({
  ...adapter,
  variants: (adapter.variants ?? []).filter((variant) => matchesVersions(variant.versions ?? {}, versions)),
});

const isOffered = ({ since, until }: Lifetime, { peft }: Versions): boolean =>
  peft === undefined ||
  ((since === undefined || isAtLeast(peft, since)) && (until === undefined || !isAtLeast(peft, until)));
