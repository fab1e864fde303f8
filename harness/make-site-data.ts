import type { Catalogue } from '../matrices/catalogue.ts';
import { normalise } from '../matrices/normalise.ts';
import { resolveAdapter } from '../matrices/resolve-adapter.ts';
import type { FoundBisect } from '../reports/bisect-model.ts';
import type { Failure } from '../reports/report-model.ts';
import type { FailureDetails, SiteData, SiteNight } from '../reports/site/site-model.ts';
import type { SupportMatrix } from '../reports/support-matrix/support-matrix-model.ts';
import type { StoredCampaign } from './newest-verdicts.ts';

/** What the site is made from. */
export interface SiteInput {
  readonly matrix: SupportMatrix;
  /** Those that the matrix was made of, oldest first. */
  readonly campaigns: readonly StoredCampaign[];
  /** Oldest first. */
  readonly nights: readonly SiteNight[];
  /** By failure. */
  readonly bisects: ReadonlyMap<string, FoundBisect>;
  readonly catalogue: Catalogue;
}

/** Everything that the site shows. It depends on nothing but its arguments. */
export const makeSiteData = (input: SiteInput): SiteData => ({
  version: 1,
  matrix: input.matrix,
  failures: failureDetails(input),
  nights: input.nights,
  recipes: recipesOf(input),
});

/** Of the failures of the matrix, as the newest campaign that shows them tells. */
const failureDetails = ({ matrix, campaigns, bisects }: SiteInput): SiteData['failures'] => {
  const newest = new Map(campaigns.flatMap(({ report }) => report.failures.map((failure) => [failure.id, failure])));
  return Object.fromEntries(
    Object.keys(matrix.failures).flatMap((id) => {
      const failure = newest.get(id);
      return failure === undefined ? [] : [[id, detailsOf(failure, bisects.get(id))]];
    }),
  );
};

const detailsOf = (failure: Failure, bisect: FoundBisect | undefined): FailureDetails => {
  const { detail, frames, config, fails, replay, confirmed, stages, losses } = failure;
  return {
    detail,
    frames,
    config,
    fails,
    replay,
    confirmed,
    ...(stages !== undefined && { stages }),
    ...(losses !== undefined && { losses }),
    ...(bisect !== undefined && { bisected: bisectedOf(bisect) }),
  };
};

const bisectedOf = ({
  since,
  fixedIn,
  culprits,
  unanswered,
}: FoundBisect): NonNullable<FailureDetails['bisected']> => ({
  ...(since !== undefined && { since }),
  ...(fixedIn !== undefined && { fixedIn }),
  culprits: culprits.map(({ kind, package: name, before, after, confirmed }) => ({
    kind,
    package: name,
    before,
    after,
    confirmed,
  })),
  ...(unanswered !== undefined && { unanswered }),
});

/** What PEFT was given for each method and config that passed, on the newest release on which it did. */
const recipesOf = ({ matrix, catalogue }: SiteInput): SiteData['recipes'] => {
  const recipes = new Map<string, SiteData['recipes'][number]>();
  for (const row of matrix.rows) {
    for (const release of matrix.releases) {
      const cell = row.cells[release];
      const versions = matrix.environments[cell?.environments.at(-1) ?? -1]?.versions;
      for (const config of versions === undefined ? [] : (cell?.passed ?? [])) {
        const adapterConfig = argumentsOf(catalogue, matrix, row, config, versions ?? {});
        // Sharding and precision are none of an adapter's arguments.
        if (adapterConfig !== undefined)
          recipes.set(`${row.method} ${config}`, { method: row.method, config, adapterConfig });
      }
    }
  }
  return [...recipes.values()];
};

const argumentsOf = (
  { adapters, axes, models }: Catalogue,
  { configs }: SupportMatrix,
  { method, sharding, precision }: SupportMatrix['rows'][number],
  at: number,
  versions: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> | undefined => {
  const config = normalise(axes, { ...configs[at], adapter: method, sharding, precision });
  const adapter = adapters.find(({ name }) => name === config['adapter']);
  const model = models.find(({ name }) => name === config['model']);
  if (adapter === undefined || model === undefined) return undefined;
  return resolveAdapter(adapter, model, config, versions)?.arguments;
};
