import { h, uniqueId } from "./dom.js";
import { mayAsk, networkSwitch } from "./network.js";
import type { Store } from "./state.js";

const THEMES = ["auto", "light", "dark"] as const;
const KEPT = "attestry-theme";

function keptTheme(): string {
  try {
    return localStorage.getItem(KEPT) ?? "auto";
  } catch {
    // A browser that keeps nothing shows the system's theme.
    return "auto";
  }
}

function keep(theme: string): void {
  try {
    localStorage.setItem(KEPT, theme);
  } catch {
    // The choice then holds until the page is left.
  }
}

function themeChoice(): HTMLElement {
  const select = h("select", { "aria-label": "Theme" }, ...THEMES.map((theme) => h("option", { value: theme }, theme)));
  const show = (theme: string) => {
    document.documentElement.dataset["theme"] = theme;
  };
  select.value = keptTheme();
  show(select.value);
  select.addEventListener("change", () => {
    show(select.value);
    keep(select.value);
  });
  return select;
}

function redaction(store: Store): HTMLElement {
  const id = uniqueId("redact");
  const box = h("input", { type: "checkbox", id });
  box.addEventListener("change", () => store.update({ redacted: box.checked }));
  return h("span", { class: "redaction" }, box, h("label", { for: id }, "Hide the chip id"));
}

/** The head of the page. */
export function headerView(store: Store): HTMLElement {
  const name = h("a", { class: "name", href: "./" }, "attestry");
  const network = mayAsk() ? "It asks the key server that you name, when you say so." : "Nothing leaves it.";
  const about = h("p", { class: "about" }, `SEV-SNP evidence, read and checked in this page. ${network}`);
  return h(
    "header",
    { class: "top" },
    name,
    about,
    h("div", { class: "choices" }, networkSwitch(), redaction(store), themeChoice()),
  );
}
