import { createKdsClient } from "attestry/kds";
import { h, labelled } from "./dom.js";
import { kdsItems } from "./kds-links.js";
import { problemOf } from "./problem.js";
import type { Model, Store } from "./state.js";

/** True on the page whose Content-Security-Policy lets it ask a key server. */
export function mayAsk(): boolean {
  return document.querySelector('meta[name="attestry-network"]') !== null;
}

/** The way to the other page: the browser fixes what a page may do when it is loaded, so there are two. */
export function networkSwitch(): HTMLElement {
  const isOn = mayAsk();
  const [href, title] = isOn
    ? ["./index.html", "To the page that can ask nobody"]
    : ["./online.html", "To the page that can ask a key server that you name"];
  return h("a", { class: `network ${isOn ? "on" : "off"}`, href, title }, `Network: ${isOn ? "on" : "off"}`);
}

/** What is missing, from a proxy of the key server; verified by the client before it is handed over. */
async function fetchMissing(model: Model, baseUrl: string): Promise<readonly Uint8Array[]> {
  const client = createKdsClient({ now: () => new Date(), baseUrl, timeoutMs: 30_000, retry: { attempts: 1 } });
  const has = model.evidence?.certificates ?? {};
  const missing = kdsItems(model).filter(({ request }) => has[request.role] === undefined);
  const found = await Promise.all(missing.map(({ request }) => client.get(request, {})));
  return found.filter((der) => der !== undefined);
}

/** Asks a proxy for what is missing, when told to. */
export function asker(store: Store): HTMLElement {
  const url = h("input", { type: "text", class: "code", placeholder: "https://kds.example.com", autocomplete: "off" });
  const said = h("p", { class: "note", role: "status" });
  const ask = async () => {
    const { model } = store;
    if (model === null) return;
    said.textContent = "Asking…";
    try {
      const found = await fetchMissing(model, url.value.trim());
      store.update({ more: [...store.state.more, ...found] });
      said.textContent = found.length === 0 ? "Nothing that is missing was found." : `${found.length} found.`;
    } catch (error) {
      said.textContent = problemOf(error).message;
    }
  };
  const button = h("button", { type: "button", class: "action", onclick: () => void ask() }, "Fetch what is missing");
  store.onModel(({ evidence, state }) => {
    button.disabled = evidence === null || state.redacted;
  });
  const hint = "AMD’s own server lets no page read it: name a proxy that does. It learns the chip id.";
  const field = labelled("Proxy of AMD’s key server", url, h("p", { class: "note" }, hint));
  return h("div", { class: "asker", hidden: !mayAsk() }, field, button, said);
}
