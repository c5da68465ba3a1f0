import type { ProductLine } from "attestry";
import { fill, h } from "./dom.js";
import { fieldView } from "./field-view.js";
import { hexView } from "./hex-view.js";
import type { Model, Store } from "./state.js";
import { classOf, rowsOf, shownFields } from "./table.js";

const LEGEND = ["Guest", "Guest policy", "Host", "Chip", "TCB", "Signature", "Reserved"];

function legend(): HTMLElement {
  const entries = LEGEND.map((name) => {
    return h("li", { class: classOf(name) }, name);
  });
  return h("ul", { class: "legend", "aria-label": "Colours of the bytes" }, ...entries);
}

function json(value: object): HTMLElement {
  return h("pre", { tabindex: "0" }, JSON.stringify(value, null, 2));
}

/** A token's two parts, which nobody has verified. */
function tokenView({ header, payload }: { header: object; payload: object }): readonly HTMLElement[] {
  const why = "Decoded and not verified: that takes the issuer’s key, an audience and a nonce of yours.";
  return [h("p", { class: "lead" }, why), h("h2", {}, "Header"), json(header), h("h2", {}, "Claims"), json(payload)];
}

function lineOf({ verification }: Model): ProductLine | null {
  return verification.kind === "holds" ? verification.verified.productLine : null;
}

/** The tab with bytes and fields. */
export function reportView(store: Store): HTMLElement {
  const [hex, fields] = [hexView(store), fieldView(store)];
  const unverified = h("p", { class: "note" });
  const both = h("div", { class: "report" }, h("div", { class: "hex-side" }, hex.element, legend()), fields.element);
  const panel = h("div", { class: "panel" });
  let shown: readonly unknown[] = [];
  store.onModel((model) => {
    const { decoded, state } = model;
    const line = lineOf(model);
    if (decoded.kind === "token") return fill(panel, ...tokenView(decoded));
    if (decoded.kind !== "evidence") return fill(panel, h("p", { class: "lead" }, "No report yet."));
    const isHeld = model.verification.kind === "holds";
    unverified.textContent = isHeld
      ? "Verified: the signature covers everything before R. Hover, click, or use the arrow keys."
      : "Unverified: anyone can write such bytes. Hover, click, or use the arrow keys.";
    fill(panel, unverified, both);
    const from = [decoded, line, state.redacted];
    if (from.every((part, at) => part === shown[at])) return;
    shown = from;
    const bytes = decoded.evidence.report;
    const wrong = decoded.problem?.range ?? null;
    hex.show({ bytes, rows: rowsOf(bytes), redacted: state.redacted, wrong });
    fields.show(shownFields(bytes, decoded.report, line), state.redacted);
    store.point(wrong, "pick");
  });
  return panel;
}
