import { createHash } from 'node:crypto';
import { formatConfig } from '../../matrices/config.ts';
import type { CampaignDiff, ChangeKind, FailureChange } from '../diff/diff-model.ts';
import { visibleLine } from '../text/visible-text.ts';
import { writeXml, type XmlElement } from '../xml/write-xml.ts';

/** The newest entries that a feed keeps. */
const feedLength = 100;

/** What a feed tells of; the rest of a diff is no news. */
const news: Readonly<Partial<Record<ChangeKind, string>>> = {
  regressed: 'Regressed',
  new: 'New failure',
  changed: 'Fails in another way',
  fixed: 'Fixed',
  gone: 'No longer offered',
};

/**
 * An Atom feed of what broke and what was mended from campaign to campaign, newest first. Entries are plain text. The same
 * diffs give the same feed, and an entry keeps its id, so that readers show it once.
 *
 * @param diffs - Oldest first.
 * @param asOf - When it was last looked, ISO: the feed's own time where there is no news.
 */
export const renderFeed = (diffs: readonly CampaignDiff[], asOf: string): string => {
  const entries = diffs
    .toReversed()
    .flatMap((diff) => diff.changes.flatMap((change) => entryOf(diff, change)))
    .slice(0, feedLength);
  return writeXml({
    name: 'feed',
    attributes: { xmlns: 'http://www.w3.org/2005/Atom' },
    content: [
      text('title', 'peft-matrix: what broke and what was mended'),
      text('id', uuid('peft-matrix feed')),
      text('updated', asOf),
      { name: 'author', content: [text('name', 'peft-matrix')] },
      ...entries,
    ],
  });
};

const entryOf = (diff: CampaignDiff, change: FailureChange): readonly XmlElement[] => {
  const word = news[change.change];
  if (word === undefined) return [];
  const known = change.known === undefined ? '' : ` (known as ${change.known})`;
  return [
    {
      name: 'entry',
      content: [
        text('title', visibleLine(`${word}: ${change.exception}: ${change.message}${known}`, 200)),
        text(
          'id',
          uuid(
            `${diff.a.id} ${diff.b.id} ${diff.b.finishedAt} ${change.change} ${change.failure} ${change.pins.join(' ')}`,
          ),
        ),
        text('updated', diff.b.finishedAt),
        { name: 'category', attributes: { term: change.change } },
        { name: 'content', attributes: { type: 'text' }, content: contentOf(diff, change) },
      ],
    },
  ];
};

const contentOf = (diff: CampaignDiff, change: FailureChange): string =>
  [
    `${change.failure}  ${visibleLine(`${change.property}/${change.phase}`, 120)}`,
    visibleLine(`${change.exception}: ${change.message}`, 1_000),
    `minimal config: ${visibleLine(formatConfig(change.minimal), 1_000)}`,
    `pins: ${visibleLine(change.pins.join(', '), 400)}`,
    ...(change.was === undefined ? [] : [`was: ${change.was.join(', ')}`]),
    ...(change.becomes === undefined ? [] : [`now: ${change.becomes.join(', ')}`]),
    `from ${visibleLine(diff.a.id)} to ${visibleLine(diff.b.id)}, ${visibleLine(diff.b.executor, 40)}`,
  ].join('\n');

const text = (name: string, content: string): XmlElement => ({ name, content });

/** A UUID (version 8, RFC 9562) made of a text: the same text has the same one. */
const uuid = (of: string): string => {
  const hex = createHash('sha256').update(of).digest('hex');
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
