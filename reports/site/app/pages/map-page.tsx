import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { showEvidence } from '../../../support-matrix/evidence-words.ts';
import { chooseVariant } from '../../model/choose-variant.ts';
import { heatOf } from '../../model/heat.ts';
import { plural, sayCombined, shortTime } from '../../model/words.ts';
import type { PageProps } from '../page-props.ts';
import { EvidencePicker } from '../parts/evidence-picker.tsx';
import { Heading } from '../parts/heading.tsx';
import { MethodLink } from '../parts/links.tsx';
import { Numbers } from '../parts/numbers.tsx';
import { Select } from '../parts/picker.tsx';
import { HeatMap } from '../pictures/heat-map.tsx';
import { choose } from '../use-route.ts';

/** How much of what was run passed, on one release: of one campaign, or of all of them. */
export const MapPage = ({ index, route }: PageProps): JSX.Element => {
  const { matrix } = index;
  const { evidence } = chooseVariant(index, { on: route.params['on'] ?? '' });
  const release = matrix.releases.find((one) => one === route.params['release']) ?? matrix.releases.at(-1) ?? '';
  const at = matrix.campaigns.findIndex(({ id }) => id === route.params['campaign']);
  const campaign = at === -1 ? undefined : at;
  const heat = useMemo(
    () => heatOf(index, { evidence: evidence?.index ?? -1, release, campaign }),
    [index, evidence, release, campaign],
  );
  const where = evidence === undefined ? '' : ` on ${showEvidence(evidence.evidence)}`;
  return (
    <>
      <Heading>Heat map of PEFT {release}</Heading>
      <div class="bar">
        <EvidencePicker index={index} shown={evidence} />
        <Select
          label="Release"
          name="release"
          options={matrix.releases.toReversed().map((one) => [one, one])}
          value={release}
          onPick={(one) => choose({ release: one })}
        />
        <Select
          label="Campaign"
          name="campaign"
          options={[
            ['', 'all'],
            ...matrix.campaigns
              .toReversed()
              .map(({ id, finishedAt }): [string, string] => [id, `${id}, ${shortTime(finishedAt)}`]),
          ]}
          value={campaign === undefined ? '' : (matrix.campaigns[campaign]?.id ?? '')}
          onPick={(one) => choose({ campaign: one })}
        />
        <p role="status" class="found">
          {plural(heat.lines.length, 'method')}
          {where}
        </p>
      </div>
      {heat.lines.length === 0 ? (
        <p>Nothing was run with this choice.</p>
      ) : (
        <>
          <p class="quiet">Share of the runs that passed. A sign in place of a figure: – not offered, ? not run.</p>
          <HeatMap
            heat={heat}
            title={`Share of runs that passed on PEFT ${release}${where}; the table below has the numbers`}
          />
          <Numbers
            label="Numbers of the heat map"
            corner="method"
            columns={heat.columns.map(({ sharding, precision }) => `${sharding}, ${precision}`)}
            rows={heat.lines.map(({ method, places }) => ({
              name: <MethodLink id={method} on={evidence?.slug} />,
              cells: places.map(sayCombined),
            }))}
          />
        </>
      )}
    </>
  );
};
