import { expect, test } from 'vitest';
import { changeOf, diffOf, nightOf, standingOf } from '../../reports/fixtures/nights.ts';
import { dueIn } from './due-in.ts';

const known = { id: 'k', kind: 'bug', title: 'somebody knows it', link: 'https://example.org/1' } as const;

test('what broke is explained before what was found, and what is named only where it broke', () => {
  const broke = standingOf({ id: 'broke' });
  const brokeNamed = standingOf({ id: 'broke-named', known });
  const found = standingOf({ id: 'found' });
  const foundNamed = standingOf({ id: 'found-named', known });
  const offered = standingOf({ id: 'offered' });
  const became = standingOf({ id: 'became' });
  const { bisect: _, ...left } = standingOf({ id: 'left' }, { unbisected: 'the time of the night was spent' });
  const explained = standingOf({ id: 'explained' });
  const night = nightOf({
    failures: [explained, left, offered, became, foundNamed, found, brokeNamed, broke],
    diff: diffOf([
      changeOf('regressed', broke.failure),
      changeOf('changed', brokeNamed.failure),
      changeOf('new', offered.failure),
      changeOf('changed', became.failure, { becomes: ['broke'] }),
      changeOf('not-asked', found.failure, { missing: 'a' }),
      changeOf('not-asked', foundNamed.failure, { missing: 'a' }),
    ]),
  });
  expect(dueIn(night).map(({ failure }) => failure.id)).toEqual(['broke', 'broke-named', 'found', 'left']);
});

test('on a first night everything was found', () => {
  const failures = [standingOf({ id: 'named', known }), standingOf({ id: 'unnamed' })];
  expect(dueIn(nightOf({ failures })).map(({ failure }) => failure.id)).toEqual(['unnamed']);
});
