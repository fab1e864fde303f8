import { PeftMatrixError } from '../matrices/errors.ts';
import { say } from './say.ts';

/** Runs a script of the bench to its exit code, 0 or 1 for true or false. What a user can mend is said in its own words. */
export const runScript = async (main: () => Promise<number | boolean>): Promise<void> => {
  try {
    const came = await main();
    process.exitCode = typeof came === 'number' ? came : came ? 0 : 1;
  } catch (error) {
    if (!(error instanceof PeftMatrixError)) throw error;
    say(error.message);
    process.exitCode = error.exitCode;
  }
};
