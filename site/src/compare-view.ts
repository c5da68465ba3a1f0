import { diffReports } from "attestry/policy";
import { fill, h, labelled } from "./dom.js";
import type { Model, Store } from "./state.js";
import { shownFields } from "./table.js";

/** A difference between the two reports. */
interface Difference {
  readonly label: string;
  readonly a: string;
  readonly b: string;
  /** Where it stands in the report; null for what stands elsewhere. */
  readonly offset: number | null;
  readonly isSecret: boolean;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** By claims, where both reports are verified. */
function byClaims({ verification, other }: Model): readonly Difference[] | null {
  if (verification.kind !== "holds" || other.verification.kind !== "holds") return null;
  return diffReports(verification.verified, other.verification.verified).map(({ claim, label, a, b }) => {
    return { label, a: text(a), b: text(b), offset: null, isSecret: claim === "chipId" || claim === "leafSha256" };
  });
}

/** By the fields of the layout, where one of them is not. */
function byFields({ decoded, other }: Model): readonly Difference[] | null {
  if (decoded.kind !== "evidence" || other.decoded.kind !== "evidence") return null;
  const left = shownFields(decoded.evidence.report, decoded.report, null);
  const right = shownFields(other.decoded.evidence.report, other.decoded.report, null);
  return left.flatMap((field) => {
    const { row, value } = field;
    const twin = right.find((candidate) => candidate.row.offset === row.offset && candidate.row.size === row.size);
    if (twin?.value === value) return [];
    const found = { label: row.label, a: value, b: twin?.value ?? "no such field", offset: row.offset };
    return [{ ...found, isSecret: row.name === "chipId" }];
  });
}

function differenceRow({ label, a, b, isSecret }: Difference, redacted: boolean): HTMLElement {
  const shown = (value: string) => (isSecret && redacted ? "redacted" : value);
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, label),
    h("td", { class: "value" }, shown(a)),
    h("td", { class: "value" }, shown(b)),
  );
}

function table(differences: readonly Difference[], redacted: boolean): HTMLElement {
  const heads = ["Field", "This report", "The other"].map((head) => h("th", { scope: "col" }, head));
  const rows = differences.map((difference) => differenceRow(difference, redacted));
  return h("table", { class: "differences" }, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows));
}

function answer(model: Model): readonly HTMLElement[] {
  const { other, decoded, state } = model;
  if (other.decoded.kind === "empty") return [h("p", { class: "lead" }, "Paste another report to see what differs.")];
  if (other.decoded.kind === "unknown") return [h("p", { class: "lead" }, other.decoded.problem.message)];
  if (decoded.kind !== "evidence") return [h("p", { class: "lead" }, "There is no first report to compare with.")];
  const claims = byClaims(model);
  const differences = claims ?? byFields(model);
  if (differences === null) return [h("p", { class: "lead" }, "This is no report.")];
  const how = claims === null ? "Unverified, field by field" : "Both verified, claim by claim";
  if (differences.length === 0) return [h("p", { class: "lead" }, `${how}: they say the same.`)];
  const count = `${differences.length} difference${differences.length === 1 ? "" : "s"}`;
  return [
    h("h2", {}, count),
    h("p", { class: "note" }, `${how}. What is the same is left out.`),
    table(differences, state.redacted),
  ];
}

/** The tab that compares two reports. */
export function compareView(store: Store): HTMLElement {
  const area = h("textarea", { class: "code short", spellcheck: "false", autocomplete: "off" });
  area.addEventListener("input", () => store.update({ other: area.value }));
  const keep = h(
    "button",
    {
      type: "button",
      class: "action",
      onclick: () => {
        const { input } = store.state;
        if (typeof input === "string") area.value = input;
        store.update({ other: input });
      },
    },
    "Keep this report as the other",
  );
  const result = h("div", { class: "comparison" });
  store.onModel((model) => {
    area.classList.toggle("veiled", model.state.redacted);
    fill(result, ...answer(model));
  });
  return h(
    "div",
    { class: "panel" },
    labelled("The other report, in any container", area),
    h("div", { class: "toolbar" }, keep),
    result,
  );
}
