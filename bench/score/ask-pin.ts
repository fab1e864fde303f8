import { withSurvey } from '../../harness/campaign.ts';
import type { CampaignOptions } from '../../harness/planned-campaign.ts';
import { minimalForm } from '../../matrices/normalise.ts';
import type { Versions } from '../../matrices/pin.ts';
import { compareSimplicity } from '../../properties/order.ts';
import { shrinkSighting } from './shrink-sighting.ts';
import { sightingsIn } from './sightings.ts';
import type { Recognised, Sign } from './signs.ts';
import { mustShow, type Shrunk } from './tally.ts';

/** What one pin showed in one area. */
export interface Answer {
  /** Nothing when the environment cannot be built or opened. */
  readonly versions?: Versions;
  readonly sightings: readonly Shrunk[];
  /** Runs of the plan, and of all that was run now. */
  readonly planned: number;
  readonly ran: number;
  readonly isComplete: boolean;
}

/**
 * Runs an area on a pin and looks for the bugs of the corpus in what came of it.
 *
 * @param isWanted - Whether a smallest config is still wanted of that sign: it takes some fifty cells.
 */
export const askPin = (
  options: CampaignOptions,
  recognised: readonly Recognised[],
  isWanted: (sign: Sign) => boolean,
): Promise<Answer> =>
  withSurvey(options, async (survey) => {
    const { axes } = options.catalogue;
    const sightings: Shrunk[] = [];
    for (const sighting of sightingsIn(survey, recognised, compareSimplicity(axes))) {
      const isShrunk = isWanted(sighting.sign) && mustShow(sighting.sign, sighting.versions) && !survey.stop.aborted;
      sightings.push(
        isShrunk ? { ...sighting, minimal: minimalForm(axes, await shrinkSighting(sighting, survey)) } : sighting,
      );
    }
    const [state] = survey.states;
    const versions =
      state?.kind === 'ready'
        ? state.ready.hello.versions
        : state?.kind === 'import-failed'
          ? state.failure.versions
          : undefined;
    return {
      ...(versions === undefined ? {} : { versions }),
      sightings,
      planned: survey.plan.runs.length,
      ran: survey.ran(),
      isComplete: survey.isComplete,
    };
  });
