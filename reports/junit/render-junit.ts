import { formatConfig } from '../../matrices/config.ts';
import { knownAs } from '../known-as.ts';
import type { Failure, KnownIssue, Report, ReportedPin } from '../report-model.ts';
import { oneLine } from '../text/safe-text.ts';
import { showMinimal } from '../text/show-config.ts';
import { visibleLine, visibleText } from '../text/visible-text.ts';
import { unaskedAs } from '../unasked-as.ts';
import type { CellVerdict, Evidence, Verdicts } from '../verdicts-model.ts';
import { writeXml, type XmlElement } from '../xml/write-xml.ts';

/**
 * The campaign as JUnit XML: a suite for each pin and kind of evidence, a test for each cell.
 *
 * - A new failure is a `failure`; what could not be asked is an `error`.
 * - Known failures, flaky cells, and what is unsupported or skipped are `skipped`, with the word and the reason as text:
 *   none of them is red, and none has passed. JUnit's schemas do not agree on elements for flaky tests.
 * - A failure is told at length by the first cell that shows it, and by its id in the others.
 */
export const renderJunit = (report: Report, verdicts: Verdicts): string => {
  const teller = tellOnce(report);
  const suites = report.pins.flatMap((pin) => suitesOf(pin, report, verdicts, teller));
  return writeXml({
    name: 'testsuites',
    attributes: {
      name: visibleLine(`peft-matrix ${report.campaign.id}`),
      tests: sum(suites, 'tests'),
      failures: sum(suites, 'failures'),
      errors: sum(suites, 'errors'),
    },
    content: suites,
  });
};

/** Failures by id, and what to say of one: all that there is the first time, its id after that. */
interface Teller {
  readonly find: (id: string) => Failure | undefined;
  readonly tell: (failure: Failure) => string;
}

const tellOnce = ({ failures }: Report): Teller => {
  const byId = new Map(failures.map((failure) => [failure.id, failure]));
  const told = new Set<string>();
  return {
    find: (id) => byId.get(id),
    tell: (failure) => {
      if (told.has(failure.id)) return `${failure.id}: told above`;
      told.add(failure.id);
      return describe(failure);
    },
  };
};

/** Longest detail that is told. */
const detailLimit = 4_000;

const describe = (failure: Failure): string =>
  [
    `${failure.id}  ${failure.property}/${failure.phase}  ${visibleLine(`${failure.exception}: ${failure.message}`, 1_000)}`,
    `minimal config: ${showMinimal(failure)}`,
    ...knownAs(failure).map((issue) => `known as ${showIssue(issue)}`),
    ...(failure.knownInPart === undefined
      ? []
      : [`known in part as ${showIssue(failure.knownInPart)}, but not ${failure.knownInPart.beyond.join('; ')}`]),
    ...failure.frames.slice(0, 5).map((frame) => `at ${visibleLine(frame, 200)}`),
    visibleText(failure.detail, detailLimit),
    `replay: ${failure.replay}`,
  ].join('\n');

const showIssue = ({ id, kind, title, link }: KnownIssue): string => `${id} (${kind}): ${title} ${link}`;

const suitesOf = (pin: ReportedPin, report: Report, verdicts: Verdicts, teller: Teller): readonly XmlElement[] => {
  const unasked = unaskedAs(pin);
  if (unasked !== undefined) return [unaskedSuite(pin, report, unasked)];
  const cells = verdicts.cells.filter((cell) => cell.pin === pin.id);
  const imports = report.failures.filter(({ phase, pins }) => phase === 'import' && pins.includes(pin.id));
  const groups = [...Map.groupBy(cells, ({ evidence }) => evidence)];
  return [
    ...(imports.length === 0 ? [] : [importSuite(pin, report, imports, teller)]),
    ...groups.map(([index, group]) => {
      const evidence = verdicts.evidence[index];
      const where = evidence === undefined ? pin.device : describeEvidence(evidence);
      const tests = group.map((cell) => testOf(cell, verdicts, `${pin.id} ${where}`, teller));
      return suite(pin, report, where, tests);
    }),
  ];
};

/** `cpu`, `cpu gloo 2 ranks`. */
const describeEvidence = ({ device, backend, ranks }: Evidence): string =>
  backend === 'none' ? device : `${device} ${backend} ${ranks} ranks`;

const suite = (pin: ReportedPin, report: Report, where: string, tests: readonly XmlElement[]): XmlElement => {
  const count = (name: string): number =>
    tests.filter(({ content }) => typeof content !== 'string' && content?.some((child) => child.name === name)).length;
  return {
    name: 'testsuite',
    attributes: {
      name: visibleLine(`${pin.id} (${where})`),
      tests: tests.length,
      failures: count('failure'),
      errors: count('error'),
      skipped: count('skipped'),
      timestamp: report.campaign.startedAt.slice(0, 19),
    },
    content: [{ name: 'properties', content: propertiesOf(pin, report, where) }, ...tests],
  };
};

const propertiesOf = (pin: ReportedPin, { campaign }: Report, where: string): readonly XmlElement[] =>
  Object.entries({
    campaign: campaign.id,
    matrix: campaign.matrix,
    executor: campaign.executor,
    evidence: where,
    ...(pin.lock === undefined ? {} : { lock: pin.lock }),
    ...pin.versions,
  }).map(([name, value]) => ({
    name: 'property',
    attributes: { name: visibleLine(name, 80), value: visibleLine(value, 400) },
  }));

const unaskedSuite = (pin: ReportedPin, report: Report, verdict: 'broken' | 'skipped'): XmlElement => {
  const because = pin[verdict] ?? '';
  return suite(pin, report, pin.device, [
    {
      name: 'testcase',
      attributes: { classname: visibleLine(pin.id), name: 'can be asked' },
      content: [verdict === 'broken' ? problem('error', 'Broken', because, because) : skipped('skipped', because)],
    },
  ]);
};

const importSuite = (pin: ReportedPin, report: Report, failures: readonly Failure[], teller: Teller): XmlElement =>
  suite(pin, report, pin.device, [
    {
      name: 'testcase',
      attributes: { classname: visibleLine(pin.id), name: 'can be imported' },
      content: failures.slice(0, 1).map((failure) => failureElement(failure, teller)),
    },
  ]);

const testOf = (cell: CellVerdict, verdicts: Verdicts, classname: string, teller: Teller): XmlElement => ({
  name: 'testcase',
  attributes: { classname: visibleLine(classname), name: visibleLine(nameOf(cell), 1_000) },
  content: outcomeOf(cell, verdicts, teller),
});

const nameOf = ({ config }: CellVerdict): string => {
  const text = oneLine(formatConfig(config));
  return text === '' ? '(every axis at its default)' : text;
};

const outcomeOf = (
  { verdict, failures = [], reason }: CellVerdict,
  { reasons }: Verdicts,
  teller: Teller,
): readonly XmlElement[] => {
  const because = reasons[reason ?? -1]?.because ?? '';
  switch (verdict) {
    case 'pass':
      return [];
    case 'fail':
      return failingElements(
        failures.flatMap((id) => teller.find(id) ?? []),
        teller,
      );
    case 'broken':
      return [problem('error', 'Broken', because, because)];
    case 'flaky':
    case 'unsupported':
    case 'skipped':
      return [skipped(verdict, because)];
  }
};

/** A cell that shows something new is red, whatever else that it shows is known. A test is skipped once. */
const failingElements = (failures: readonly Failure[], teller: Teller): readonly XmlElement[] => {
  const red = failures.filter(({ known }) => known === undefined);
  const told = red.length > 0 ? red : failures.slice(0, 1);
  if (told.length === 0) return [problem('failure', 'Failure', 'it was not looked into', '')];
  return told.map((failure) => failureElement(failure, teller));
};

const failureElement = (failure: Failure, { tell }: Teller): XmlElement => {
  const { id, exception, message, known } = failure;
  if (known !== undefined) return skipped('known', tell(failure));
  return problem('failure', exception, `${id} ${exception}: ${message}`, tell(failure));
};

const problem = (name: 'failure' | 'error', type: string, message: string, text: string): XmlElement => ({
  name,
  attributes: { type: visibleLine(type, 80), message: visibleLine(message) },
  content: visibleText(text, 2 * detailLimit),
});

const skipped = (word: string, because: string): XmlElement => ({
  name: 'skipped',
  content: visibleText(`${word}: ${because}`, 2 * detailLimit),
});

const sum = (suites: readonly XmlElement[], name: string): number =>
  suites.reduce((total, { attributes }) => total + Number(attributes?.[name] ?? 0), 0);
