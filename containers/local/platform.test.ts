import { expect, test } from 'vitest';
import { hostPlatform, resolverTarget } from './platform.ts';

test('names the platforms that locks are made for', () => {
  expect(hostPlatform('linux', 'x64')).toBe('linux-x86_64');
  expect(hostPlatform('darwin', 'arm64')).toBe('macos-aarch64');
});

test('refuses a platform that it has no name for, and says what to do', () => {
  expect(() => resolverTarget('win32-x64')).toThrow(/Known are linux-x86_64.*interpreter: path\/to\/python/);
  expect(() => hostPlatform('freebsd', 'x64')).toThrow('freebsd-x86_64');
});
