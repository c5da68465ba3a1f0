import { h } from "./dom.js";

/** A button that copies a text, and says that it did. */
export function copyButton(what: string, text: () => string): HTMLButtonElement {
  const button = h("button", { type: "button", class: "quiet", "aria-label": `Copy ${what}` }, "Copy");
  const say = (word: string) => {
    button.textContent = word;
    setTimeout(() => {
      button.textContent = "Copy";
    }, 1500);
  };
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(text()).then(
      () => say("Copied"),
      () => say("Select and copy by hand"),
    );
  });
  return button;
}

/** A text to copy, in full. */
export function snippet(title: string, text: string): HTMLElement {
  const head = h(
    "div",
    { class: "snippet-head" },
    h("h2", {}, title),
    copyButton(title, () => text),
  );
  return h("section", { class: "snippet" }, head, h("pre", { tabindex: "0", "aria-label": title }, text));
}
