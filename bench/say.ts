/** Progress goes to stderr: stdout is for the results. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`);
