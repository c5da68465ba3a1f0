import { sentence } from "./problem.js";
import type { Model } from "./state.js";

/** How a light stands; `open` is a question that nobody has answered yet. */
export type Tone = "good" | "bad" | "caution" | "open";

/** One of the three answers. */
export interface Light {
  readonly question: string;
  readonly tone: Tone;
  /** The answer in a word or two. */
  readonly word: string;
  readonly text: string;
  /** The code of an error, where there is one. */
  readonly code: string | null;
}

type Answer = Omit<Light, "question">;

function answer(tone: Tone, word: string, text: string): Answer {
  return { tone, word, text, code: null };
}

function incomplete(message: string): Answer {
  const what = "Paste the certificate under “More certificates”; the Chain tab has the link to it.";
  return { ...answer("caution", "Cannot tell", `${message} ${what}`), code: "ERR_COLLATERAL_MISSING" };
}

function holds({ verification, state }: Model): Answer {
  if (verification.kind !== "holds") return answer("open", "Not checked", "");
  const { signingKey, productLine } = verification.verified;
  const whose = state.anchors === null ? "AMD’s published keys" : "the sample’s own forged root, which is not AMD’s";
  const what = `A ${productLine} ${signingKey} signed this report, and its chain ends at ${whose}.`;
  if (verification.crl === null) return answer("good", "Holds", `${what} The CRL revokes no CA of it.`);
  const { code, message } = verification.crl;
  return { ...answer("caution", "Holds, revocation unknown", `${what} ${message}`), code };
}

function signature(model: Model): Answer {
  const { decoded, verification } = model;
  if (decoded.kind !== "evidence") return answer("open", "Nothing to check", "Paste a report.");
  if (decoded.problem !== null) {
    return { ...answer("bad", "No report", decoded.problem.message), code: decoded.problem.code };
  }
  if (verification.kind === "incomplete") return incomplete(verification.problem.message);
  if (verification.kind === "broken") {
    return { ...answer("bad", "Does not hold", verification.problem.message), code: verification.problem.code };
  }
  return holds(model);
}

const ANYBODY = "A pasted report proves nothing about freshness: whoever has seen it can paste it again.";

function fresh({ binding, verification, state }: Model): Answer {
  const { scheme } = state.binding;
  if (binding.kind === "none") return answer("open", "Nobody can tell", `${ANYBODY} Enter the nonce that you chose.`);
  if (binding.kind === "invalid") return answer("caution", "Not compared", binding.problem.message);
  if (!binding.matches) return answer("bad", "Not bound", `REPORT_DATA is not what “${scheme}” makes of your words.`);
  if (verification.kind !== "holds") {
    return answer("caution", "Unproven", "REPORT_DATA is what you expect, and no signature vouches for it.");
  }
  const bound = `REPORT_DATA is what “${scheme}” makes of your words.`;
  if (scheme === "azure" || scheme === "tinfoil-v2") {
    return answer("caution", "Bound, not fresh", `${bound} There is no nonce in it.`);
  }
  return answer("good", "Bound", `${bound} Fresh only if you chose the nonce for this one exchange.`);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

const UNJUDGED: Readonly<Record<Model["verification"]["kind"], string>> = {
  none: "there is no report",
  incomplete: "a certificate is missing",
  broken: "signature and chain do not hold",
  holds: "there is no policy",
};

function appraised({ policy, appraisal, verification }: Model): Answer {
  if (policy.kind === "none") return answer("open", "No policy", "Nobody has said what to accept. Write or make one.");
  if (policy.kind === "invalid") return answer("caution", "No valid policy", sentence(policy.problem.message));
  if (appraisal === null) {
    return answer("open", "Not judged", `A policy judges verified evidence alone, and ${UNJUDGED[verification.kind]}.`);
  }
  const { failures, checks, warnings, waived } = appraisal;
  if (failures.length > 0) {
    return answer("bad", "Refused", `${counted(failures.length, "check")} of ${checks.length} failed. Open Policy.`);
  }
  const excused = warnings.length + waived.length;
  const rest = excused === 0 ? "" : ` ${counted(excused, "failure")} excused.`;
  return answer("good", "Accepted", `All ${checks.length} checks of “${appraisal.policyId}” hold.${rest}`);
}

/** The three answers, each for itself: none stands for another. */
export function lightsOf(model: Model): readonly Light[] {
  return [
    { question: "Signature and chain", ...signature(model) },
    { question: "Fresh and bound", ...fresh(model) },
    { question: "Policy", ...appraised(model) },
  ];
}

const ENDINGS: Readonly<Record<Tone, string>> = {
  good: "bound to the nonce",
  bad: "not bound to the nonce",
  caution: "freshness unproven",
  open: "freshness unknown",
};

function decidedHeadline(model: Model, lights: readonly Light[]): string {
  const [chain, bound, policy] = lights;
  if (chain === undefined || bound === undefined || policy === undefined) return "";
  const first = model.state.anchors === null ? "Genuine" : "Forged sample, sound in itself";
  const last = { good: "accepted", bad: "refused", caution: "not judged", open: "not judged" }[policy.tone];
  if (policy.tone === "bad") return `Refused by the policy`;
  const revocation = chain.tone === "caution" ? ", revocation unknown" : "";
  return `${first}${revocation}; ${ENDINGS[bound.tone]}; ${last}`;
}

/** The verdict in one line, which never says more than the three lights do. */
export function headlineOf(model: Model): { readonly text: string; readonly tone: Tone } {
  const { decoded, verification } = model;
  const lights = lightsOf(model);
  const worst = lights.find(({ tone }) => tone === "bad")?.tone ?? "open";
  const whole = lights.every(({ tone }) => tone === "good") ? "good" : worst;
  if (decoded.kind === "unknown") return { text: "Not recognised", tone: "bad" };
  if (decoded.kind === "token") return { text: "A token, not verified", tone: "open" };
  if (decoded.kind === "certificates") return { text: "Certificates without a report", tone: "open" };
  if (decoded.kind === "empty") return { text: "Paste evidence, or open a sample", tone: "open" };
  if (decoded.problem !== null) return { text: "Malformed: this is no report", tone: "bad" };
  if (verification.kind === "broken") return { text: "Not genuine: do not trust this", tone: "bad" };
  if (verification.kind === "incomplete") return { text: "Readable, not verified yet", tone: "caution" };
  return { text: decidedHeadline(model, lights), tone: whole };
}
