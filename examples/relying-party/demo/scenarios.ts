import type { Hardware, Misdeed, Reply } from "./commands.js";
import type { Stage } from "./stage.js";

/** One scene: what is played, and how it must end. */
export interface Scenario {
  readonly title: string;
  /** The code of the refusal, and the one check of the policy that fails; null where the secret is delivered. */
  readonly refusal: { readonly code: string; readonly check: string | null } | null;
  play(stage: Stage): Promise<Reply>;
}

const BARE = { machine: "sound", type: "application/vnd.amd.sev-snp.attestation-report" } as const;

/** How a scene differs from a sound guest's. */
interface Scene extends Partial<Hardware> {
  readonly policy?: string;
  readonly slot?: string;
  readonly misdeed?: Misdeed;
}

/** Asks one copy for a challenge, answers it at the other. */
async function backgroundCheck({ tell, copies: [a, b] }: Stage, scene: Scene): Promise<Reply> {
  const { policy = "web", slot = "present", ...hardware } = scene;
  await tell({ do: "ask", slot, service: a, policy });
  return tell({ do: "release", slot, service: b, ...BARE, ...hardware });
}

/** The diagram: challenge, evidence, appraisal, secret. */
export const DELIVERY: Scenario = {
  title: "a sound guest, challenged by copy A, sends its evidence to copy B",
  refusal: null,
  play: (stage) => backgroundCheck(stage, { slot: "delivery" }),
};

/** Other ways to the same secret. */
export const OTHER_WAYS: readonly Scenario[] = [
  {
    title: "passport: copy A appraises, copy B takes A's result for it",
    refusal: null,
    async play({ tell, copies: [a, b] }) {
      await tell({ do: "ask", slot: "passport", service: b, policy: "web" });
      return tell({ do: "passport", slot: "passport", service: a, other: b, ...BARE });
    },
  },
  {
    title: "AWS: a report signed by the provider's VLEK, which stands in the host's table",
    refusal: null,
    play: (stage) =>
      backgroundCheck(stage, { policy: "cloud", machine: "cloud", type: "application/vnd.attestry.extended-report" }),
  },
  {
    title: "Nitride: the same in the form of its evidence dump",
    refusal: null,
    play: (stage) =>
      backgroundCheck(stage, { policy: "cloud", machine: "cloud", type: "application/vnd.attestry.nitride+json" }),
  },
  {
    title: "Trustee: auth and resource at copy A, attest at copy B; the secret comes as a JWE",
    refusal: null,
    play: ({ tell, copies }) =>
      tell({ do: "rcar", services: copies, machine: "sound", resource: "default/key/database" }),
  },
];

/** Waits until the challenge that was asked for first has ended. */
function untilStale(stage: Stage, endsAt: number): Promise<Reply> {
  const wait = Math.max(0, endsAt - Date.now()) + 50;
  return new Promise<void>((resolve) => setTimeout(resolve, wait)).then(() =>
    stage.tell({ do: "release", slot: "stale", service: stage.copies[1], ...BARE }),
  );
}

/** Asks for the challenge that is going to be stale. @returns when it ends, by this machine's clock */
export async function askForStale({ tell, copies: [a] }: Stage, ttlMs: number): Promise<number> {
  await tell({ do: "ask", slot: "stale", service: a, policy: "web" });
  return Date.now() + ttlMs;
}

/** Every way to fail. `staleAt` is the answer of `askForStale`. The guest of the delivery has used its challenge. */
export function refusals(staleAt: number): readonly Scenario[] {
  return [
    {
      title: "the challenge of the delivery once more, with the same evidence",
      refusal: { code: "ERR_CHALLENGE_SPENT", check: null },
      play: ({ tell, copies: [a] }) => tell({ do: "repeat", slot: "delivery", service: a }),
    },
    {
      title: "a key in the request that is not the one in REPORT_DATA",
      refusal: { code: "ERR_POLICY_REJECTED", check: "snp.reportData" },
      play: (stage) => backgroundCheck(stage, { misdeed: "another key" }),
    },
    {
      title: "a guest that its host may debug",
      refusal: { code: "ERR_POLICY_REJECTED", check: "snp.guestPolicy.debug" },
      play: (stage) => backgroundCheck(stage, { machine: "debug" }),
    },
    {
      title: "firmware below the floor",
      refusal: { code: "ERR_POLICY_REJECTED", check: "snp.minimumTcb.reported" },
      play: (stage) => backgroundCheck(stage, { machine: "old firmware" }),
    },
    {
      title: "a chip whose ASK its root has revoked",
      refusal: { code: "ERR_UNTRUSTED_CERTIFICATE_REVOKED", check: null },
      play: (stage) => backgroundCheck(stage, { machine: "revoked" }),
    },
    {
      title: "a report with one byte changed on its way",
      refusal: { code: "ERR_UNTRUSTED_REPORT_SIGNATURE", check: null },
      play: (stage) => backgroundCheck(stage, { misdeed: "one byte changed" }),
    },
    {
      title: "a result token of another issuer, well made and for the right challenge",
      refusal: { code: "ERR_RESULT_UNKNOWN_KEY", check: null },
      async play({ tell, copies: [a, b] }) {
        await tell({ do: "ask", slot: "counterfeit", service: a, policy: "web" });
        return tell({ do: "counterfeit", slot: "counterfeit", service: b, ...BARE });
      },
    },
    {
      title: "a challenge that is past its time",
      refusal: { code: "ERR_CHALLENGE_EXPIRED", check: null },
      play: (stage) => untilStale(stage, staleAt),
    },
    {
      title: "a policy that changed between challenge and release",
      refusal: { code: "ERR_REQUEST_POLICY_CHANGED", check: null },
      async play(stage) {
        await stage.tell({ do: "ask", slot: "changed", service: stage.copies[0], policy: "web" });
        await stage.rewrite("web", (document) => {
          document["validity"] = { notBefore: "2026-01-01T00:00:00Z" };
        });
        return stage.tell({ do: "release", slot: "changed", service: stage.copies[1], ...BARE });
      },
    },
  ];
}

/** What is wrong with how a scene ended; null where it ended as it must. */
export function complaintOf({ refusal }: Scenario, reply: Reply, secret: string): string | null {
  if (refusal === null) return reply.secret === secret ? null : `not delivered: ${reply.code} ${reply.reason}`;
  if (reply.secret !== null) return "a secret was delivered";
  if (reply.code !== refusal.code) return `expected ${refusal.code}, found ${reply.code}: ${reply.reason}`;
  if (refusal.check === null) return null;
  const [failure = "", ...more] = reply.failures;
  if (failure.startsWith(`${refusal.check} `) && more.length === 0) return null;
  return `expected ${refusal.check} alone to fail, found ${reply.failures.join("; ")}`;
}
