import type { Observation } from '../containers/observation.ts';
import type { Catalogue } from '../matrices/catalogue.ts';
import type { Config } from '../matrices/config.ts';
import { normalise } from '../matrices/normalise.ts';
import { matchRefusal } from '../matrices/refusal.ts';
import { verdictOf, type Judging } from '../properties/judge.ts';
import type { Property } from '../properties/property.ts';
import type { Verdict } from '../properties/verdict.ts';
import type { ReadyPin } from './cell.ts';
import { subjectOf } from './subject.ts';

/** What a cell comes to when no other run is at hand: for the progress display. */
export const verdictAlone = (
  catalogue: Catalogue,
  ready: ReadyPin,
  config: Config,
  observation: Observation,
  properties: readonly Property[],
): Verdict =>
  verdictOf(subjectOf(catalogue, config, ready.hello.versions), observation, judgingOf(catalogue, ready, properties))
    .verdict;

/** How cells of a pin are judged as long as there are no references. */
export const judgingOf = (
  { axes, refusals }: Catalogue,
  { hello: { versions } }: ReadyPin,
  properties: readonly Property[],
): Judging => ({
  properties,
  normalise: (chosen) => normalise(axes, chosen),
  find: () => undefined,
  isRefusal: ({ exception, phase }, config) =>
    exception === undefined
      ? undefined
      : matchRefusal({ exception: exception.type, message: exception.message, phase, config, versions }, refusals),
});
