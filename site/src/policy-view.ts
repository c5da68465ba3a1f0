import { policyFromReport } from "attestry/policy";
import { toHex } from "./bytes.js";
import { checksView, explained, policyProblem, type Ways } from "./checks-view.js";
import { fill, h } from "./dom.js";
import { editor } from "./editor.js";
import { importPanel } from "./import-view.js";
import { walkJson } from "./json-walk.js";
import type { Model, Store } from "./state.js";

const MINIMAL = {
  version: 1,
  id: "my policy",
  snp: { measurement: "any", reportData: { scheme: "nonce" }, minimumTcb: "any" },
};

function written(policy: object): string {
  return JSON.stringify(policy, null, 2);
}

interface Starter {
  readonly text: string;
  readonly comments: readonly (readonly [pointer: string, text: string])[];
}

/** A policy of what this report shows; the chip is left out where the reader hides it. */
function starter(model: Model): Starter | null {
  if (model.verification.kind !== "holds") return null;
  const { policy, comments } = policyFromReport(model.verification.verified);
  const entries = Object.entries(comments);
  if (!model.state.redacted || !("snp" in policy)) return { text: written(policy), comments: entries };
  const { chipId: _, ...snp } = policy.snp;
  const hidden = ["/snp/chipId", "The chip id is hidden, and so it is not pinned."] as const;
  const others = entries.filter(([pointer]) => pointer !== "/snp/chipId");
  return { text: written({ ...policy, snp }), comments: [...others, hidden] };
}

/** A key that stands twice hides one of its values; JSON.parse says nothing of it. */
function repeatedKeys(text: string): HTMLElement | null {
  const { repeated } = walkJson(text);
  if (repeated.length === 0) return null;
  return h(
    "p",
    { class: "warning", role: "status" },
    `A key stands twice, only the last counts: ${repeated.join(", ")}`,
  );
}

/** What is hidden elsewhere stands in the policy's own text, which is the reader's to change. */
function namesChip({ state, evidence }: Model): HTMLElement | null {
  const chipId = evidence === null ? null : toHex(evidence.report.subarray(0x1a0, 0x1e0)).replace(/(?:00)+$/, "");
  if (!state.redacted || !chipId || !state.policy.toLowerCase().includes(chipId)) return null;
  return h("p", { class: "warning", role: "status" }, "This policy names the chip id that you hide elsewhere.");
}

function results(model: Model, ways: Ways): readonly (HTMLElement | null)[] {
  const { policy, appraisal, state } = model;
  if (policy.kind === "none") {
    const why = "No policy: nobody has said what to accept. Begin with what this report shows, or write one.";
    return [h("p", { class: "lead" }, why)];
  }
  if (policy.kind === "invalid") return [policyProblem(policy.problem, policy.pointer, ways)];
  const judged = appraisal === null ? [] : checksView(appraisal, ways, state.redacted);
  const why = "This policy is sound. It judges verified evidence alone: signature and chain must hold first.";
  const waiting = appraisal === null ? h("p", { class: "lead" }, why) : null;
  return [repeatedKeys(state.policy), namesChip(model), waiting, ...judged, explained(policy.policy)];
}

function commentList(comments: Starter["comments"], ways: Ways): readonly HTMLElement[] {
  const rows = comments.map(([pointer, text]) => {
    const link = h("button", { type: "button", class: "quiet", onclick: () => ways.toPolicy(pointer) }, pointer);
    return h("li", {}, link, " ", text);
  });
  return [h("p", {}, "What was seen, not what is good. Read these before you trust it:"), h("ul", {}, ...rows)];
}

interface Toolbar {
  readonly element: HTMLElement;
  readonly fromReport: HTMLButtonElement;
}

interface Actions {
  fromReport(): void;
  put(text: string): void;
  toggleImport(): void;
}

function toolbar({ fromReport, put, toggleImport }: Actions): Toolbar {
  const button = (text: string, onclick: () => void) => h("button", { type: "button", class: "action", onclick }, text);
  const from = button("Policy from this report", fromReport);
  const element = h(
    "div",
    { class: "toolbar" },
    from,
    button("Smallest", () => put(written(MINIMAL))),
    button("Import…", toggleImport),
    button("Clear", () => put("")),
  );
  return { element, fromReport: from };
}

/** The tab with the policy: the editor, and the verdict as it is typed. */
export function policyView(store: Store, openReport: () => void): HTMLElement {
  const area = editor("Policy", (policy) => store.update({ policy }));
  const comments = h("div", { class: "comments", hidden: true });
  const verdict = h("div", { class: "verdict" });
  const ways: Ways = {
    toBytes(offset, length) {
      openReport();
      store.point({ offset, length }, "pick");
    },
    toPolicy: (pointer) => area.select(pointer),
  };
  const put = (text: string) => {
    comments.hidden = true;
    area.set(text);
    store.update({ policy: text });
  };
  const importer = importPanel(put);
  const fromReport = () => {
    const made = store.model === null ? null : starter(store.model);
    if (made === null) return;
    put(made.text);
    fill(comments, ...commentList(made.comments, ways));
    comments.hidden = false;
  };
  const bar = toolbar({ fromReport, put, toggleImport: () => importer.toggle() });
  store.onModel((model) => {
    bar.fromReport.disabled = model.verification.kind !== "holds";
    if (area.value() !== model.state.policy) area.set(model.state.policy);
    fill(verdict, ...results(model, ways));
  });
  const left = h("div", { class: "policy-side" }, bar.element, importer.element, area.element, comments);
  return h("div", { class: "panel policy" }, left, verdict);
}
