import type { Appraisal } from "attestry";
import {
  ADVISORIES,
  type AdvisoryAssessments,
  type AdvisoryData,
  assessAdvisories,
  defineAdvisories,
} from "attestry/advisories";
import type { Evidence } from "attestry/evidence";
import { completed, type Part, partsBeside } from "./certificates.js";
import { type Decoded, decode } from "./decode.js";
import {
  type Binding,
  type BindingInput,
  bind,
  judge,
  readPolicy,
  type TypedPolicy,
  type Verification,
  verify,
} from "./judge.js";
import type { Range } from "./problem.js";

/** Everything that the reader chose. */
export interface State {
  /** Text that was pasted or typed, or the bytes of a file. */
  readonly input: string | Uint8Array;
  /** Certificates and CRLs from elsewhere. */
  readonly more: readonly (string | Uint8Array)[];
  /** The other piece of evidence, to compare with. */
  readonly other: string | Uint8Array;
  /** The time to judge by; null is now. */
  readonly at: Date | null;
  /** Roots of a forged sample; null is AMD's keys. */
  readonly anchors: readonly Uint8Array[] | null;
  /** The title of the sample that is shown; null for the reader's own evidence. */
  readonly sample: string | null;
  readonly binding: BindingInput;
  readonly policy: string;
  readonly redacted: boolean;
}

/** Everything that follows from it. */
export interface Model {
  readonly state: State;
  readonly now: Date;
  readonly decoded: Decoded;
  /** Certificates from elsewhere included; null where no report decodes. */
  readonly evidence: Evidence | null;
  readonly verification: Verification;
  readonly binding: Binding;
  readonly policy: TypedPolicy;
  readonly appraisal: Appraisal | null;
  readonly advisories: AdvisoryAssessments | null;
  readonly other: { readonly decoded: Decoded; readonly verification: Verification };
}

/** The page's state, and what listens to it. */
export interface Store {
  readonly state: State;
  /** The model as it was last computed; null before the first time. */
  readonly model: Model | null;
  update(change: Partial<State>): void;
  onModel(listener: (model: Model) => void): void;
  /** Told when work begins, and when everything that follows from it is shown. */
  onBusy(listener: (isBusy: boolean) => void): void;
  /** Points at bytes of the report, from wherever somebody did. */
  point(range: Range | null, how: "look" | "pick"): void;
  onPoint(listener: (range: Range | null, how: "look" | "pick") => void): void;
}

const START: State = {
  input: "",
  more: [],
  other: "",
  at: null,
  anchors: null,
  sample: null,
  binding: { scheme: "nonce", parts: {} },
  policy: "",
  redacted: false,
};

/** Makes a value again only where something that it is made of has changed. */
function remembered<Value>(): (from: readonly unknown[], make: () => Promise<Value>) => Promise<Value> {
  let known: { readonly from: readonly unknown[]; readonly value: Promise<Value> } | null = null;
  return (from, make) => {
    if (known === null || from.some((part, at) => part !== known?.from[at])) known = { from, value: make() };
    return known.value;
  };
}

const NOTHING: Verification = { kind: "none" };

async function moreParts(report: Uint8Array, more: State["more"]): Promise<readonly Part[]> {
  const read = more.map((from) => {
    const bytes = typeof from === "string" ? new TextEncoder().encode(from) : from;
    // What is no certificate adds nothing; the pane beside it says so.
    return partsBeside(report, bytes).catch((): readonly Part[] => []);
  });
  return (await Promise.all(read)).flat();
}

async function evidenceOf(decoded: Decoded, more: State["more"]): Promise<Evidence | null> {
  if (decoded.kind !== "evidence" || decoded.report === null) return null;
  const { report, certificates } = decoded.evidence;
  return { report, certificates: completed(certificates, await moreParts(report, more)) };
}

/** One piece of evidence, decoded and verified; the steps whose inputs stayed the same are not made again. */
function pipeline() {
  const steps = { decoded: remembered<Decoded>(), evidence: remembered<Evidence | null>() };
  const verification = remembered<Verification>();
  return async (state: Pick<State, "input" | "more" | "anchors">, now: Date) => {
    const decoded = await steps.decoded([state.input], () => decode(state.input));
    const evidence = await steps.evidence([decoded, state.more], () => evidenceOf(decoded, state.more));
    const verified = await verification([evidence, now, state.anchors], () => {
      return evidence === null ? Promise.resolve(NOTHING) : verify(evidence, { now, anchors: state.anchors });
    });
    return { decoded, evidence, verification: verified };
  };
}

function assess({ verification, now }: Pick<Model, "verification" | "now">, data: AdvisoryData) {
  return verification.kind === "holds" ? assessAdvisories(verification.verified, data, now) : null;
}

/** From state to model. */
function computer(): (state: State) => Promise<Model> {
  const [main, beside] = [pipeline(), pipeline()];
  const clock = remembered<Date>();
  const data = remembered<AdvisoryData>();
  const policies = remembered<TypedPolicy>();
  return async (state) => {
    const now = await clock([state.input, state.at, state.more, state.other], () =>
      Promise.resolve(state.at ?? new Date()),
    );
    const advisories = await data([], () => defineAdvisories(ADVISORIES));
    const { decoded, evidence, verification } = await main(state, now);
    const binding: Binding = evidence === null ? { kind: "none" } : await bind(evidence.report, state.binding);
    const policy = await policies([state.policy], () => readPolicy(state.policy));
    const appraisal =
      verification.kind === "holds" && policy.kind === "policy"
        ? judge(verification.verified, policy.policy, { now, binding, advisories })
        : null;
    const other = await beside({ ...state, input: state.other, more: state.more }, now);
    const assessed = assess({ verification, now }, advisories);
    return { state, now, decoded, evidence, verification, binding, policy, appraisal, advisories: assessed, other };
  };
}

/** A state that is computed anew after each change; only the answer to the latest change is shown. */
export function createStore(): Store {
  const models: ((model: Model) => void)[] = [];
  const waiting: ((isBusy: boolean) => void)[] = [];
  const pointers: ((range: Range | null, how: "look" | "pick") => void)[] = [];
  const compute = computer();
  let state = START;
  let model: Model | null = null;
  let latest = 0;
  const run = async (turn: number) => {
    const next = await compute(state);
    if (turn !== latest) return;
    model = next;
    for (const listener of models) listener(next);
    for (const listener of waiting) listener(false);
  };
  return {
    get state() {
      return state;
    },
    get model() {
      return model;
    },
    update(change) {
      state = { ...state, ...change };
      latest += 1;
      for (const listener of waiting) listener(true);
      void run(latest);
    },
    onModel: (listener) => void models.push(listener),
    onBusy: (listener) => void waiting.push(listener),
    point: (range, how) => pointers.forEach((listener) => void listener(range, how)),
    onPoint: (listener) => void pointers.push(listener),
  };
}
