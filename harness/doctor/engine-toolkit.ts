/**
 * Ways out of a container that releases of the NVIDIA container toolkit left open: the last release that has it, and
 * what NVIDIA calls it. https://www.nvidia.com/en-us/security has the bulletins.
 */
const advisories = [
  { id: 'CVE-2024-0132', last: [1, 16, 1] },
  { id: 'CVE-2025-23359', last: [1, 17, 3] },
  { id: 'CVE-2025-23266', last: [1, 17, 7] },
  { id: 'CVE-2026-24260', last: [1, 19, 0] },
] as const;

/** The first release without any of them. */
export const safeToolkit = '1.19.1';

/** Ids of what is known against a release such as 1.17.7; newer ones may be known to others. */
export const toolkitAdvisories = (version: string): readonly string[] =>
  advisories.filter(({ last }) => !isNewer(version.split('.').map(Number), last)).map(({ id }) => id);

const isNewer = (version: readonly number[], than: readonly number[]): boolean => {
  const difference = than.map((part, index) => (version[index] ?? 0) - part).find((each) => each !== 0);
  return (difference ?? 0) > 0;
};
