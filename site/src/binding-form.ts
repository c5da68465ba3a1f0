import type { BindingSchemeName } from "attestry";
import { toHex } from "./bytes.js";
import { fill, h, labelled } from "./dom.js";
import { SCHEMES, type SchemePart } from "./judge.js";
import type { Store } from "./state.js";

const TITLES: Readonly<Record<BindingSchemeName, string>> = {
  nonce: "nonce: the nonce, then zeros",
  "attestry-v1": "attestry-v1: hash of nonce, key, context",
  exact: "exact: the 64 bytes",
  trustee: "trustee: hash of nonce and TEE key",
  svsm: "svsm: hash of nonce and manifest",
  atls: "atls: hash of key and nonce",
  azure: "azure: hash of the runtime data",
  "tinfoil-v2": "tinfoil-v2: TLS and HPKE keys",
};

function isScheme(value: string): value is BindingSchemeName {
  return Object.hasOwn(TITLES, value);
}

function partField({ name, label, as, optional }: SchemePart, store: Store): HTMLElement {
  const props = { class: "code", spellcheck: "false", autocomplete: "off", "data-part": name };
  const field = as === "text" ? h("textarea", { ...props, rows: 3 }) : h("input", { ...props, type: "text" });
  field.value = store.state.binding.parts[name] ?? "";
  field.addEventListener("input", () => {
    const { scheme, parts } = store.state.binding;
    store.update({ binding: { scheme, parts: { ...parts, [name]: field.value } } });
  });
  return labelled(`${label}${as === "hex" ? ", hex" : ""}${optional ? " (optional)" : ""}`, field);
}

/** What the container says of the parts; good enough to compare with where a policy says so, and never a nonce. */
function claimed(claims: unknown, { name, as }: SchemePart): string | null {
  const value: unknown = typeof claims === "object" && claims !== null ? Reflect.get(claims, name) : undefined;
  if (!(value instanceof Uint8Array) || name === "nonce") return null;
  return as === "text" ? new TextDecoder().decode(value) : toHex(value);
}

/** Takes the parts that the container brought along; the nonce stays the reader's own. */
function fromContainer(store: Store, show: () => void): HTMLButtonElement {
  const missing = () => {
    const { decoded, state } = store.model ?? {};
    if (decoded?.kind !== "evidence" || state === undefined) return {};
    const found = SCHEMES[state.binding.scheme].map((part) => [part.name, claimed(decoded.claims, part)] as const);
    return Object.fromEntries(found.filter((entry): entry is readonly [string, string] => entry[1] !== null));
  };
  const click = () => {
    const { scheme, parts } = store.state.binding;
    store.update({ binding: { scheme, parts: { ...parts, ...missing() } } });
    show();
  };
  const button = h(
    "button",
    { type: "button", class: "action", hidden: true, onclick: click },
    "Take from the container",
  );
  store.onModel(() => {
    button.hidden = Object.keys(missing()).length === 0;
  });
  return button;
}

/** Asks what REPORT_DATA should be. */
export function bindingForm(store: Store): HTMLElement {
  const options = Object.entries(TITLES).map(([value, title]) => h("option", { value }, title));
  const scheme = h("select", { id: "scheme" }, ...options);
  const fields = h("div", { class: "binding-fields" });
  let shown = store.state.binding;
  const show = () => {
    shown = store.state.binding;
    scheme.value = shown.scheme;
    fill(fields, ...SCHEMES[shown.scheme].map((part) => partField(part, store)));
  };
  scheme.addEventListener("change", () => {
    if (!isScheme(scheme.value)) return;
    store.update({ binding: { scheme: scheme.value, parts: { nonce: store.state.binding.parts["nonce"] ?? "" } } });
    show();
  });
  store.onModel(({ state }) => {
    if (state.binding !== shown && !fields.contains(document.activeElement)) show();
  });
  const take = fromContainer(store, show);
  show();
  const note = "Only what you chose yourself, for this one exchange, shows that a report is fresh.";
  return h(
    "section",
    { class: "binding", "aria-label": "What you expect in REPORT_DATA" },
    h("h2", {}, "What you expect in REPORT_DATA"),
    labelled("How it was made", scheme),
    fields,
    take,
    h("p", { class: "note" }, note),
  );
}
