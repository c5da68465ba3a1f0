import { offsetText } from "./bytes.js";
import { fill, h } from "./dom.js";
import type { Range } from "./problem.js";
import type { Store } from "./state.js";
import { GROUPS, type ShownBit, type ShownField } from "./table.js";

/** The fields of a report, as a list that is linked with its bytes. */
export interface FieldView {
  readonly element: HTMLElement;
  show(fields: readonly ShownField[], redacted: boolean): void;
}

function rangeOf({ row }: ShownField): Range {
  return { offset: row.offset, length: row.size };
}

function bitRow({ place, label, meaning, value, state }: ShownBit): HTMLElement {
  return h(
    "li",
    { class: `bit ${state}` },
    h("span", { class: "bit-place" }, place),
    h("span", { class: "bit-label" }, label),
    h("span", { class: "bit-value" }, value),
    h("span", { class: "bit-meaning" }, meaning),
  );
}

function bitList({ bits, row }: ShownField): HTMLElement | null {
  if (bits.length === 0) return null;
  return h("ul", { class: "bits", "aria-label": `Bits of ${row.label}` }, ...bits.map(bitRow));
}

function fieldRow(field: ShownField, redacted: boolean): HTMLElement {
  const { row, value, note, isZero } = field;
  const shown = redacted && row.name === "chipId" ? "redacted" : value;
  const button = h(
    "button",
    { type: "button", class: "field", "data-offset": row.offset, "aria-pressed": "false", tabindex: "-1" },
    h("span", { class: "field-offset" }, offsetText(row.offset)),
    h("span", { class: "field-label" }, row.label),
    h("span", { class: `field-value${isZero ? " nil" : ""}` }, shown),
    note === null ? null : h("span", { class: "field-note" }, note),
    h("span", { class: "field-meaning" }, row.meaning),
  );
  return h("li", {}, button, bitList(field));
}

function groupSection(title: string, fields: readonly ShownField[], redacted: boolean): HTMLElement | null {
  if (fields.length === 0) return null;
  const rows = fields.map((field) => fieldRow(field, redacted));
  return h("section", { class: "group" }, h("h2", {}, title), h("ul", { class: "fields" }, ...rows));
}

const STEPS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

function buttonsOf(element: HTMLElement): HTMLButtonElement[] {
  return [...element.querySelectorAll<HTMLButtonElement>(".field")];
}

/** The button that an event is about. */
function buttonAt(target: EventTarget | null): HTMLButtonElement | null {
  return target instanceof Element ? target.closest<HTMLButtonElement>(".field") : null;
}

/** One stop for the Tab key; arrows walk from field to field. */
function withKeys(element: HTMLElement): void {
  element.addEventListener("keydown", (event) => {
    const buttons = buttonsOf(element);
    const button = buttonAt(event.target);
    const next = button === null ? undefined : STEPS[event.key]?.(buttons.indexOf(button), buttons.length - 1);
    if (next === undefined) return;
    event.preventDefault();
    buttons[next]?.focus();
  });
}

function contains(range: Range | null, field: ShownField): boolean {
  const { offset, size } = field.row;
  return range !== null && range.offset < offset + size && offset < range.offset + range.length;
}

/** The fields: hover looks, focus and click pick. */
export function fieldView(store: Store): FieldView {
  const element = h("div", { class: "field-pane" });
  let shown: readonly ShownField[] = [];
  const fieldOf = (target: EventTarget | null): ShownField | undefined => {
    const offset = buttonAt(target)?.dataset["offset"];
    return shown.find(({ row }) => String(row.offset) === offset);
  };
  const point = (how: "look" | "pick") => (event: Event) => {
    const field = fieldOf(event.target);
    store.point(field === undefined ? null : rangeOf(field), how);
  };
  element.addEventListener("pointerover", point("look"));
  element.addEventListener("pointerleave", () => store.point(null, "look"));
  element.addEventListener("focusin", (event) => {
    if (fieldOf(event.target) !== undefined) point("pick")(event);
  });
  withKeys(element);
  store.onPoint((range, how) => mark({ element, shown, range, how }));
  return {
    element,
    show(fields, redacted) {
      const sections = GROUPS.map((group) => {
        return groupSection(
          group,
          fields.filter((field) => field.group === group),
          redacted,
        );
      });
      shown = fields;
      fill(element, ...sections);
      const [first] = buttonsOf(element);
      if (first !== undefined) first.tabIndex = 0;
    },
  };
}

interface Marking {
  readonly element: HTMLElement;
  readonly shown: readonly ShownField[];
  readonly range: Range | null;
  readonly how: "look" | "pick";
}

function mark({ element, shown, range, how }: Marking): void {
  for (const button of buttonsOf(element)) {
    const field = shown.find(({ row }) => String(row.offset) === button.dataset["offset"]);
    const isMeant = field !== undefined && contains(range, field);
    button.classList.toggle(how === "pick" ? "picked" : "looked", isMeant);
    if (how === "look") continue;
    button.setAttribute("aria-pressed", String(isMeant));
    if (!isMeant) continue;
    for (const other of buttonsOf(element)) other.tabIndex = other === button ? 0 : -1;
    reveal(element, button);
  }
}

/** Scrolls the list alone, so that the page stays where it is. */
function reveal(pane: HTMLElement, button: HTMLElement): void {
  if (pane.scrollHeight <= pane.clientHeight) {
    // Without a pane of its own the list scrolls with the page, which follows the reader alone.
    if (pane.parentElement?.contains(document.activeElement)) button.scrollIntoView({ block: "nearest" });
    return;
  }
  const [around, box] = [pane.getBoundingClientRect(), button.getBoundingClientRect()];
  // What is out of sight comes to the upper third, where it is seen also where the pane itself hangs out of the window.
  if (box.top < around.top || box.bottom > around.bottom) pane.scrollTop += box.top - around.top - around.height / 3;
}
