import type { Variables } from '../local/cache-folder.ts';
import { runCommand } from '../local/run-command.ts';

/** The tools that tell the version, the one that both old and new releases have first. */
const tools = ['nvidia-container-cli', 'nvidia-ctk'];

const answerLimitMs = 5_000;

/** Version of the NVIDIA container toolkit of this host, such as 1.19.1; undefined where it cannot be told. */
export const toolkitVersion = async (variables: Variables, signal: AbortSignal): Promise<string | undefined> => {
  for (const tool of tools) {
    const options = { variables, timeoutMs: answerLimitMs };
    const { ok, stdout } = await runCommand(tool, ['--version'], options, signal);
    const version = ok ? parseToolkitVersion(stdout) : undefined;
    if (version !== undefined) return version;
  }
  return undefined;
};

/** `cli-version: 1.17.8`, `NVIDIA Container Toolkit CLI version 1.17.8`. */
const parseToolkitVersion = (text: string): string | undefined => /version:?\s+v?(\d+\.\d+\.\d+)/i.exec(text)?.[1];
