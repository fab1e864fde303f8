#!/usr/bin/env node
// JavaScript that older versions of Node read too, so that they can say what is missing.
import { existsSync } from 'node:fs';

const leastNode = 24;

/** A clone has the source, which Node runs as it is; a package has what was compiled of it. */
const source = new URL('../harness/cli.ts', import.meta.url);
const compiled = new URL('../dist/harness/cli.js', import.meta.url);

if (Number.parseInt(process.versions.node, 10) < leastNode) {
  process.stderr.write(
    `peft-matrix: this is Node ${process.versions.node}; Node ${leastNode} or newer is needed: https://nodejs.org/en/download\n`,
  );
  process.exitCode = 2;
} else {
  await import((existsSync(source) ? source : compiled).href);
}
