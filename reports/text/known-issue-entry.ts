import { dump } from 'js-yaml';
import type { Expectation } from '../../matrices/expectation.ts';
import type { Bisect } from '../bisect-model.ts';
import { oneLine } from './safe-text.ts';

/**
 * An entry of `known-issues.yaml` that names the failure of a bisect on the releases on which it shows, and nothing else:
 * the words of its message, its minimal config, and the range that was found.
 */
export const formatKnownIssue = (bisect: Bisect): string =>
  `# Say what it is: kind (bug, by-design or limitation), title, and the link to the issue that tells of it.\n${dump(
    [knownIssueOf(bisect)],
    { flowLevel: 2, lineWidth: -1 },
  )}`;

const knownIssueOf = ({ failure, since, fixedIn }: Bisect): Expectation => {
  const { id, property, phase, exception, message, minimal } = failure;
  const axes = Object.entries(minimal);
  // A release that could not be asked may show it: the entry speaks of it too.
  const bounds = [
    ...(since === undefined ? [] : [`>=${since.skipped?.[0] ?? since.version}`]),
    ...(fixedIn === undefined ? [] : [`<${fixedIn.version}`]),
  ];
  // Where both ends are known they are of the package whose releases were asked.
  const bounded = (since ?? fixedIn)?.package;
  return {
    id: `${property}-${id}`,
    kind: 'bug',
    title: oneLine(message, 120),
    link: 'https://github.com/huggingface/peft/issues',
    property,
    phase,
    exceptions: [exception],
    words: [message],
    ...(axes.length > 0 && { config: Object.fromEntries(axes.map(([axis, value]) => [axis, [value]])) }),
    ...(bounded !== undefined && { versions: { [bounded]: bounds.join(',') } }),
  };
};
