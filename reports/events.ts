import type { Config } from '../matrices/config.ts';
import type { VerdictKind } from '../properties/verdict.ts';

/** What a campaign tells while it runs. The live display, the plain lines and `--json` are three subscribers. */
export type CampaignEvent =
  | {
      readonly kind: 'campaign-started';
      readonly campaign: string;
      readonly matrix: string;
      readonly pins: readonly string[];
      readonly resumed: boolean;
    }
  /** A slow step of a pin began: `resolving`, `installing`, `importing`. */
  | { readonly kind: 'pin-step'; readonly pin: string; readonly step: string }
  | { readonly kind: 'pin-ready'; readonly pin: string; readonly versions: Readonly<Record<string, string>> }
  | { readonly kind: 'pin-broken'; readonly pin: string; readonly reason: string }
  /** The plan is frozen. `known` cells are in the ledger already. */
  | { readonly kind: 'planned'; readonly cells: number; readonly known: number }
  | { readonly kind: 'stage-started'; readonly stage: 'run' | 'shrink' | 'confirm'; readonly total?: number }
  | { readonly kind: 'cell-started'; readonly pin: string; readonly config: Config }
  /** `ms`: wall time. Verdict of the properties that need no other cell; the final one may differ. */
  | {
      readonly kind: 'cell-finished';
      readonly pin: string;
      readonly config: Config;
      readonly verdict: VerdictKind;
      readonly ms: number;
    }
  | { readonly kind: 'failure-found'; readonly signature: string; readonly message: string }
  | { readonly kind: 'failure-shrunk'; readonly id: string; readonly minimal: Config }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'interrupted' }
  | {
      readonly kind: 'campaign-finished';
      readonly campaign: string;
      readonly exitCode: number;
      readonly report: string;
    };

export type OnEvent = (event: CampaignEvent) => void;
