import type { ReportedPin } from './report-model.ts';
import { oneLine } from './text/safe-text.ts';

/** Versions of the pins, told once where they are the same. */
export interface PinVersions {
  /** `python 3.11.7, torch 2.13.0`: what every pin that opened has; empty when there is nothing in common. */
  readonly common: string;
  /** Per pin what only some have and its id does not say; empty for a pin that did not open. */
  readonly own: readonly string[];
}

export const splitVersions = (pins: readonly ReportedPin[]): PinVersions => {
  const opened = pins.filter((pin) => Object.keys(pin.versions).length > 0);
  const isCommon = (name: string, version: string): boolean =>
    opened.length > 1 && opened.every((pin) => pin.versions[name] === version);
  return {
    common: show(Object.entries(opened[0]?.versions ?? {}).filter(([name, version]) => isCommon(name, version))),
    own: pins.map(({ id, versions }) =>
      show(
        Object.entries(versions).filter(
          ([name, version]) => !isCommon(name, version) && !id.includes(`${name}-${version}`),
        ),
      ),
    ),
  };
};

const show = (versions: readonly (readonly [string, string])[]): string =>
  oneLine(versions.map(([name, version]) => `${name} ${version}`).join(', '), 400);
