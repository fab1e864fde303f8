import { textWidth } from '../text/text-width.ts';
import { visibleLine } from '../text/visible-text.ts';
import { writeXml, type XmlElement } from '../xml/write-xml.ts';
import { combineCells, rowsByMethod, type Combined } from './combine-states.ts';
import { evidenceSlug, showEvidence } from './evidence-words.ts';
import type { SupportMatrix, SupportState } from './support-matrix-model.ts';

/** A badge: what shields.io calls an endpoint, and we draw ourselves. */
interface Badge {
  readonly label: string;
  readonly message: string;
  readonly color: 'brightgreen' | 'yellow' | 'red' | 'lightgrey';
}

/**
 * Badges of the newest release, by the names of their files: `cpu/lora.json` is an endpoint for shields.io, `cpu/lora.svg`
 * a picture. Each kind of evidence has a folder of its own, with a badge for every method that it tells of, and one of
 * them all; every badge names the evidence.
 */
export const renderBadges = (matrix: SupportMatrix): Readonly<Record<string, string>> =>
  Object.fromEntries(
    matrix.evidence.flatMap((evidence, index) => {
      const folder = evidenceSlug(evidence);
      const where = showEvidence(evidence);
      return badgesOf(matrix, index, where).flatMap(([name, badge]) => [
        [`${folder}/${fileName(name)}.json`, endpointOf(badge)] as const,
        [`${folder}/${fileName(name)}.svg`, drawBadge(badge)] as const,
      ]);
    }),
  );

const badgesOf = (matrix: SupportMatrix, evidence: number, where: string): readonly (readonly [string, Badge])[] => {
  const release = matrix.releases.at(-1) ?? '';
  const states = [...rowsByMethod(matrix, evidence)].map(
    ([method, rows]) => [method, combineCells(rows.map(({ cells }) => cells[release]))] as const,
  );
  return [
    [
      'all',
      overall(
        states.map(([, state]) => state),
        release,
        where,
      ),
    ],
    ...states.map(([method, combined]): [string, Badge] => [
      method,
      {
        label: visibleLine(`PEFT ${method} (${where})`, 120),
        message: visibleLine(`${wordsOf(combined)} in ${release}`, 120),
        color: colours[combined.state],
      },
    ]),
  ];
};

const overall = (states: readonly Combined[], release: string, where: string): Badge => {
  const count = (state: SupportState): number => states.filter((one) => one.state === state).length;
  const ran = count('works') + count('partly') + count('fails');
  const parts = (['works', 'partly', 'fails'] as const).flatMap((state) =>
    count(state) === 0 ? [] : [`${count(state)} ${overallWords[state]}`],
  );
  const worst = (['fails', 'partly', 'works'] as const).find((state) => count(state) > 0) ?? 'unknown';
  return {
    label: visibleLine(`PEFT methods (${where})`, 120),
    message: visibleLine(ran === 0 ? `nothing was run on ${release}` : `${parts.join(', ')} in ${release}`, 120),
    color: worst === 'fails' && count('works') > 0 ? colours.partly : colours[worst],
  };
};

const overallWords = { works: 'work', partly: 'in part', fails: 'fail' } as const;

const colours: Readonly<Record<SupportState, Badge['color']>> = {
  works: 'brightgreen',
  partly: 'yellow',
  fails: 'red',
  'not-offered': 'lightgrey',
  unknown: 'lightgrey',
};

const wordsOf = ({ state, pass, fail, flaky }: Combined): string => {
  const total = pass + fail + flaky;
  switch (state) {
    case 'works':
      return `works, ${total} of ${total} runs`;
    case 'partly':
      return `works in part, ${pass} of ${total} runs`;
    case 'fails':
      return `fails, 0 of ${total} runs`;
    case 'not-offered':
      return 'not offered';
    case 'unknown':
      return 'unknown';
  }
};

/** Names of methods come from data; those of files must not lead anywhere else. */
const fileName = (name: string): string => name.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 100);

const endpointOf = ({ label, message, color }: Badge): string =>
  `${JSON.stringify({ schemaVersion: 1, label, message, color }, undefined, 2)}\n`;

const fills: Readonly<Record<Badge['color'], string>> = {
  brightgreen: '#2f7d32',
  yellow: '#8a6100',
  red: '#b3261e',
  lightgrey: '#5f6368',
};

/** Twenty pixels high; widths are estimated for a sans-serif of 11 pixels, and the text is fitted to them. */
const drawBadge = ({ label, message, color }: Badge): string => {
  const [left, right] = [widthOf(label), widthOf(message)];
  const name = `${label}: ${message}`;
  return writeXml(
    {
      name: 'svg',
      attributes: {
        xmlns: 'http://www.w3.org/2000/svg',
        width: left + right,
        height: 20,
        role: 'img',
        'aria-label': name,
      },
      content: [
        { name: 'title', content: name },
        { name: 'rect', attributes: { width: left, height: 20, fill: '#3c4043' } },
        { name: 'rect', attributes: { x: left, width: right, height: 20, fill: fills[color] } },
        {
          name: 'g',
          attributes: { fill: '#fff', 'font-family': 'Verdana,DejaVu Sans,sans-serif', 'font-size': 11 },
          content: [words(label, 6, left), words(message, left + 6, right)],
        },
      ],
    },
    { declaration: false },
  );
};

const words = (text: string, x: number, width: number): XmlElement => ({
  name: 'text',
  attributes: { x, y: 14, textLength: width - 12, lengthAdjust: 'spacingAndGlyphs' },
  content: text,
});

const widthOf = (text: string): number => Math.max(1, textWidth(text)) * 7 + 12;
