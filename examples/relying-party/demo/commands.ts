import type { EvidenceType } from "../service/evidence-types.js";
import type { MachineName } from "./machines.js";

/** What a dishonest guest does to its own evidence. */
export type Misdeed = "another key" | "one byte changed";

/** Which machine a guest runs on, and how it wraps its evidence. */
export interface Hardware {
  readonly machine: MachineName;
  readonly type: EvidenceType;
}

/** What the director tells a guest to do. `slot` names the challenge that a guest keeps for later. */
export type Command =
  /** Ask for a challenge. */
  | { readonly do: "ask"; readonly slot: string; readonly service: string; readonly policy: string }
  /** Background check: send evidence, and open what comes. */
  | ({ readonly do: "release"; readonly slot: string; readonly service: string; readonly misdeed?: Misdeed } & Hardware)
  /** Send the last request of the slot once more, as it was. */
  | { readonly do: "repeat"; readonly slot: string; readonly service: string }
  /** Passport: have the evidence appraised at one copy, show the result to another. */
  | ({ readonly do: "passport"; readonly slot: string; readonly service: string; readonly other: string } & Hardware)
  /** The same with a result that the guest signed itself. */
  | ({ readonly do: "counterfeit"; readonly slot: string; readonly service: string } & Hardware)
  /** Trustee's protocol from auth to resource. */
  | {
      readonly do: "rcar";
      readonly services: readonly [string, string];
      readonly machine: MachineName;
      readonly resource: string;
    };

/** What the guest answers: an outcome with the secret's bytes as base64url. */
export interface Reply {
  readonly status: number;
  readonly secret: string | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly action: string | null;
  /** What a policy found wrong, a line for each check that failed. */
  readonly failures: readonly string[];
}
