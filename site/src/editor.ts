import { fill, h } from "./dom.js";
import { entryAt, type Place, walkJson } from "./json-walk.js";
import { suggestions } from "./suggest.js";

/** A text field for policies, with suggestions from the schema below it. */
export interface Editor {
  readonly element: HTMLElement;
  value(): string;
  set(text: string): void;
  /** Selects what stands at a JSON Pointer, and goes there. */
  select(pointer: string): void;
}

const MOST_SHOWN = 24;

function insert(area: HTMLTextAreaElement, { from, to, expects }: Place, word: string): void {
  const isFollowed = /^\s*:/.test(area.value.slice(to));
  const text = expects === "key" && !isFollowed ? `${word}: ` : word;
  area.setRangeText(text, from, to, "end");
  if (text.endsWith("{}") || text.endsWith("[]")) area.setSelectionRange(area.selectionEnd - 1, area.selectionEnd - 1);
  area.focus();
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function bar(area: HTMLTextAreaElement): { element: HTMLElement; show(): Promise<void>; first(): HTMLElement | null } {
  const element = h("div", { class: "suggestions", role: "toolbar", "aria-label": "What may stand here" });
  const hint = h("span", { class: "hint" }, "Ctrl+Space: what may stand here");
  fill(element, hint);
  const chips = () => [...element.querySelectorAll("button")];
  element.addEventListener("keydown", (event) => {
    const at = chips().findIndex((chip) => chip.matches(":focus"));
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") area.focus();
    if (step === undefined || at < 0) return;
    event.preventDefault();
    chips()[(at + step + chips().length) % chips().length]?.focus();
  });
  const show = async () => {
    const { SCHEMA } = await import("virtual:schema");
    const { place } = walkJson(area.value, area.selectionStart);
    const words = place === null ? [] : suggestions(SCHEMA, place).slice(0, MOST_SHOWN);
    const buttons = words.map((word) => {
      const click = () => place !== null && insert(area, place, word);
      return h("button", { type: "button", tabindex: "-1", onclick: click }, word.replaceAll('"', ""));
    });
    fill(element, ...(buttons.length === 0 ? [hint] : buttons));
  };
  return { element, show, first: () => chips()[0] ?? null };
}

/** The editor; `onChange` is told of what was typed. */
export function editor(label: string, onChange: (text: string) => void): Editor {
  const area = h("textarea", {
    class: "code",
    "aria-label": label,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    placeholder: '{ "version": 1, "id": "…", "snp": { … } }',
  });
  const below = bar(area);
  area.addEventListener("input", () => {
    onChange(area.value);
    void below.show();
  });
  area.addEventListener("click", () => void below.show());
  area.addEventListener("keyup", (event) => {
    if (event.key.startsWith("Arrow")) void below.show();
  });
  area.addEventListener("keydown", (event) => {
    if (!event.ctrlKey || event.code !== "Space") return;
    event.preventDefault();
    void below.show().then(() => below.first()?.focus());
  });
  return {
    element: h("div", { class: "editor" }, area, below.element),
    value: () => area.value,
    set: (text) => {
      area.value = text;
    },
    select(pointer) {
      const entry = entryAt(area.value, pointer);
      area.focus();
      if (entry === null) return;
      area.setSelectionRange(entry.from, entry.to);
      const line = area.value.slice(0, entry.from).split("\n").length - 1;
      area.scrollTop = Math.max(0, line * Number.parseFloat(getComputedStyle(area).lineHeight) - 60);
    },
  };
}
