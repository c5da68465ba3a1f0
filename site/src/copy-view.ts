import { copyButton, snippet } from "./copying.js";
import { fill, h, uniqueId } from "./dom.js";
import { linkTo, sharedOf } from "./share.js";
import { commandLine, policyFile, typescript } from "./snippets.js";
import type { Model, Store } from "./state.js";

interface Tick {
  readonly element: HTMLElement;
  readonly box: HTMLInputElement;
}

function tick(label: string, warning: string | null): Tick {
  const id = uniqueId("tick");
  const box = h("input", { type: "checkbox", id });
  const more = warning === null ? null : h("span", { class: "under" }, warning);
  return { box, element: h("div", { class: "tick" }, box, h("label", { for: id }, label, more)) };
}

const CHIP = "A report carries the chip id, and its VCEK too: whoever has the link knows which machine it was.";
const HIDDEN = "Not while the chip id is hidden: a report without it cannot be verified.";

/** Sharing is off until somebody ticks something. */
function sharing(store: Store): HTMLElement {
  const policy = tick("The policy", null);
  const evidence = tick("The evidence", CHIP);
  const link = h("input", { type: "text", readonly: true, class: "code", "aria-label": "Link" });
  const out = h(
    "div",
    { class: "share-link", hidden: true },
    link,
    copyButton("the link", () => link.value),
  );
  const hidden = h("p", { class: "warning", hidden: true }, HIDDEN);
  const make = async () => {
    const { model } = store;
    const wants = { evidence: evidence.box.checked, policy: policy.box.checked };
    out.hidden = true;
    if (model === null || (!wants.evidence && !wants.policy)) return;
    link.value = await linkTo(sharedOf(model, wants));
    out.hidden = false;
  };
  for (const { box } of [policy, evidence]) box.addEventListener("change", () => void make());
  store.onModel(({ state }) => {
    evidence.box.disabled = state.redacted;
    if (state.redacted) evidence.box.checked = false;
    hidden.hidden = !state.redacted;
    void make();
  });
  const why =
    "Everything goes into the part of the link behind #, which browsers do not send. Nothing is in it until you tick it.";
  const ticks = h("fieldset", {}, h("legend", {}, "What the link carries"), policy.element, evidence.element, hidden);
  return h("section", { class: "share" }, h("h2", {}, "Share by link"), h("p", { class: "note" }, why), ticks, out);
}

function snippets(model: Model): readonly HTMLElement[] {
  return [
    snippet("As TypeScript", typescript(model)),
    snippet("As a command", commandLine(model)),
    snippet("The policy", policyFile(model)),
  ];
}

/** The tab with what can be taken away. */
export function copyView(store: Store): HTMLElement {
  const texts = h("div", { class: "snippets" });
  store.onModel((model) => fill(texts, ...snippets(model)));
  return h("div", { class: "panel" }, sharing(store), texts);
}
