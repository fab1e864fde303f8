import type { CampaignEvent } from '../events.ts';

/** What a reporter writes to: `process.stderr`, `process.stdout`, or a stream of a test. */
export interface Output {
  write(text: string): unknown;
  /** Size of the terminal now; absent when it is none. */
  readonly columns?: number;
  readonly rows?: number;
}

/** A subscriber to a campaign. */
export interface Reporter {
  on(event: CampaignEvent): void;
  /** Removes what is not meant to stay on the screen and stops the clock. May be called twice. */
  close(): void;
}

export interface ReporterOptions {
  readonly mode: 'live' | 'plain' | 'quiet' | 'json';
  /** A line for every cell. */
  readonly verbose: boolean;
  /** Progress goes here. */
  readonly stderr: Output;
  /** Events go here, in the mode `json`. */
  readonly stdout: Output;
  readonly colour: boolean;
  /** A clock in milliseconds. */
  readonly now: () => number;
}
