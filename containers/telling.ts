/** How slow work tells people of itself. */
export interface Telling {
  /** One short line when a slow step begins: `resolving`, `installing torch 2.13.0`, `importing`. */
  readonly onStep: (step: string) => void;
  /** Something that the user should know and that stops nothing; said once a process. */
  readonly onWarning: (message: string) => void;
}
