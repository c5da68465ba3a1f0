import type { AdvisoryAssessment, AdvisoryAssessments } from "attestry/advisories";
import { offsetText } from "./bytes.js";
import { fill, h } from "./dom.js";
import type { Model, Store } from "./state.js";

const WORDS = {
  fixed: "Fixed",
  vulnerable: "Vulnerable",
  "not-provable": "Not provable",
  "not-affected": "Not affected",
} as const;

const ORDER = ["vulnerable", "not-provable", "fixed", "not-affected"] as const;

const NAMES = [
  ["reported", "REPORTED", "the signing key is bound to it"],
  ["committed", "COMMITTED", "firmware cannot go back behind it"],
  ["launch", "LAUNCH", "the guest began under it"],
  ["current", "CURRENT", "runs now"],
] as const;

const COMPONENTS = ["fmc", "bootLoader", "tee", "snp", "microcode"] as const;
const HEADS = { fmc: "FMC", bootLoader: "Boot loader", tee: "TEE", snp: "SNP", microcode: "Microcode" } as const;

function tcbTable({ verification }: Model): HTMLElement | null {
  if (verification.kind !== "holds") return null;
  const { tcb } = verification.verified;
  const columns = COMPONENTS.filter((name) => tcb.reported[name] !== undefined);
  const rows = NAMES.map(([name, label, meaning]) => {
    const cells = columns.map((column) => h("td", {}, String(tcb[name][column])));
    return h("tr", {}, h("th", { scope: "row" }, label, h("span", { class: "under" }, meaning)), ...cells);
  });
  const heads = columns.map((column) => h("th", { scope: "col" }, HEADS[column]));
  const head = h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "TCB"), ...heads));
  const table = h("table", { class: "tcbs" }, head, h("tbody", {}, ...rows));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "TCBs of the report" }, table);
}

function pointer({ decidedBy }: AdvisoryAssessment, show: (offset: number, length: number) => void) {
  const range = decidedBy?.range ?? null;
  if (range === null) return null;
  const click = () => show(range.offset, range.length);
  const label = `Show the bytes at ${offsetText(range.offset)}`;
  return h("button", { type: "button", class: "quiet", "aria-label": label, onclick: click }, offsetText(range.offset));
}

function row(advisory: AdvisoryAssessment, show: (offset: number, length: number) => void): HTMLElement {
  const { id, title, cves, status, reason } = advisory;
  return h(
    "li",
    { class: `advisory ${status}` },
    h("span", { class: "status" }, WORDS[status]),
    h("div", { class: "advisory-text" }, h("h3", {}, id), h("p", {}, title), h("p", { class: "reason" }, reason)),
    h(
      "div",
      { class: "advisory-side" },
      cves.length === 0 ? null : h("span", {}, cves.join(", ")),
      pointer(advisory, show),
    ),
  );
}

function tally({ advisories }: AdvisoryAssessments): string {
  const counts = ORDER.map((status) => {
    const count = advisories.filter((advisory) => advisory.status === status).length;
    return count === 0 ? "" : `${count} ${WORDS[status].toLowerCase()}`;
  });
  return counts.filter(Boolean).join(", ");
}

/** The tab with the TCBs and what they say of published weaknesses. */
export function advisoriesView(store: Store, openReport: () => void): HTMLElement {
  const panel = h("div", { class: "panel" });
  const show = (offset: number, length: number) => {
    openReport();
    store.point({ offset, length }, "pick");
  };
  store.onModel((model) => {
    const { advisories } = model;
    if (advisories === null) {
      const why = "Only a verified report shows anything of the platform: its signature and chain must hold first.";
      return fill(panel, h("p", { class: "lead" }, why));
    }
    const sorted = ORDER.flatMap((status) => advisories.advisories.filter((advisory) => advisory.status === status));
    const { publishedAt, digest } = advisories.dataSet;
    fill(
      panel,
      h("h2", {}, "TCBs of the platform"),
      tcbTable(model),
      h("h2", {}, `Advisories: ${tally(advisories)}`),
      h("ul", { class: "advisories" }, ...sorted.map((advisory) => row(advisory, show))),
      h(
        "p",
        { class: "note" },
        `The data set that comes with attestry, of ${publishedAt.slice(0, 10)}, digest ${digest.slice(0, 16)}…`,
      ),
    );
  });
  return panel;
}
