import type { Appraisal, Check } from "attestry";
import { explainPolicy, type Policy } from "attestry/policy";
import { offsetText } from "./bytes.js";
import { h } from "./dom.js";
import type { Problem } from "./problem.js";

/** Where a reader can go from a check. */
export interface Ways {
  toBytes(offset: number, length: number): void;
  toPolicy(pointer: string): void;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function sourceLink({ source }: Check, ways: Ways): HTMLElement {
  if (source.kind !== "report") return h("span", { class: "where" }, `${source.kind}: ${source.field}`);
  const { offset, length } = source;
  const label = `Show ${offsetText(offset)}, ${length} B in the report`;
  const props = { type: "button", class: "quiet", "aria-label": label, onclick: () => ways.toBytes(offset, length) };
  return h("button", props, `${offsetText(offset)}, ${length} B`);
}

function policyLink({ pointer, implied }: Check, ways: Ways): HTMLElement {
  if (implied) return h("span", { class: "where" }, "by default");
  const label = `Show ${pointer} in the policy`;
  return h(
    "button",
    { type: "button", class: "quiet", "aria-label": label, onclick: () => ways.toPolicy(pointer) },
    pointer,
  );
}

const WORDS: Readonly<Record<Check["outcome"], string>> = {
  pass: "pass",
  fail: "fail",
  waived: "waived",
  "not-applicable": "n/a",
};

function checkRow(check: Check, ways: Ways, redacted: boolean): HTMLElement {
  const { outcome, severity, id, reason, expected, actual, claim } = check;
  const tone = outcome === "fail" && severity === "warning" ? "waived" : outcome;
  const hides = redacted && claim === "chipId";
  const values =
    outcome === "fail" && !hides
      ? h(
          "dl",
          { class: "values" },
          h("dt", {}, "expected"),
          h("dd", {}, text(expected)),
          h("dt", {}, "found"),
          h("dd", {}, text(actual)),
        )
      : null;
  return h(
    "li",
    { class: `check ${tone}` },
    h("span", { class: "outcome" }, WORDS[outcome]),
    h("div", {}, h("p", {}, hides ? "About the chip id, which is redacted." : reason), values),
    h("div", { class: "check-links" }, h("code", {}, id), sourceLink(check, ways), policyLink(check, ways)),
  );
}

function list(checks: readonly Check[], ways: Ways, redacted: boolean): HTMLElement {
  return h("ul", { class: "checks" }, ...checks.map((check) => checkRow(check, ways, redacted)));
}

/** Every check of an appraisal, those that refuse first. */
export function checksView(appraisal: Appraisal, ways: Ways, redacted: boolean): readonly HTMLElement[] {
  const { failures, checks, unexamined, verdict } = appraisal;
  const others = checks.filter((check) => !failures.some((failure) => failure === check));
  const excused = others.filter(({ outcome }) => outcome === "waived" || outcome === "fail");
  const rest = others.filter((check) => !excused.includes(check));
  const title = verdict === "accept" ? "Accepted" : `Refused: ${failures.length} of ${checks.length} checks failed`;
  return [
    h("h2", { class: `verdict-line ${verdict}` }, title),
    list([...failures, ...excused], ways, redacted),
    h("details", {}, h("summary", {}, `${rest.length} checks that refuse nothing`), list(rest, ways, redacted)),
    h(
      "details",
      {},
      h("summary", {}, `${unexamined.length} claims that nobody looked at`),
      h("p", { class: "note" }, unexamined.join(", ")),
    ),
  ];
}

/** What a policy says, in sentences. */
export function explained(policy: Policy): HTMLElement {
  const { demands, open, warnings } = explainPolicy(policy);
  const said = demands.map(({ text: words, depth }) => h("li", { class: `depth-${Math.min(depth, 3)}` }, words));
  const left = [...open, ...warnings].map(({ text: words }) => h("li", {}, words));
  return h(
    "details",
    {},
    h("summary", {}, "This policy in sentences"),
    h("h3", {}, "It demands"),
    h("ul", { class: "sentences" }, ...said),
    left.length === 0 ? null : h("h3", {}, "It leaves open"),
    left.length === 0 ? null : h("ul", { class: "sentences" }, ...left),
  );
}

/** What is wrong with a policy, and the way to it. */
export function policyProblem(problem: Problem, pointer: string | null, ways: Ways): HTMLElement {
  const link =
    pointer === null || pointer === ""
      ? null
      : h("button", { type: "button", class: "quiet", onclick: () => ways.toPolicy(pointer) }, pointer);
  return h("div", { class: "problem", role: "status" }, h("code", {}, problem.code), h("p", {}, problem.message), link);
}
