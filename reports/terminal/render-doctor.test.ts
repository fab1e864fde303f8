import { expect, test } from 'vitest';
import type { Finding } from '../machine-findings.ts';
import { renderDoctor } from './render-doctor.ts';

const findings: readonly Finding[] = [
  { id: 'node', title: 'Node', status: 'ok', says: 'v24.21.0 on linux x64' },
  { id: 'python', title: 'Python', status: 'warning', says: '3.13.0  /a\n3.12.1  /b', remedy: 'Install Python 3.11.' },
  { id: 'index', title: 'Package index', status: 'problem', says: '\u001B[31mno answer', remedy: 'Check the network.' },
];

test('findings stand one below the other, with what to do', () => {
  expect(renderDoctor(findings, { colour: false, width: 60 })).toMatchInlineSnapshot(`
    "ok       Node          v24.21.0 on linux x64
    warning  Python        3.13.0  /a
                           3.12.1  /b
                           Install Python 3.11.
    PROBLEM  Package index no answer
                           Check the network.

    A default run is not possible yet: see what is marked as a problem.
    "
  `);
});

test('without a problem a default run is possible', () => {
  expect(renderDoctor(findings.slice(0, 2), { colour: false, width: 60 })).toContain('A default run is possible');
});
