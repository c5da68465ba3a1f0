import type { TableRow } from "virtual:tables";
import { offsetText } from "./bytes.js";
import { fill, h } from "./dom.js";
import type { Range } from "./problem.js";
import type { Store } from "./state.js";
import { classOf, groupOf, placeText } from "./table.js";

/** What the hex view shows. */
export interface HexContent {
  readonly bytes: Uint8Array;
  readonly rows: readonly TableRow[];
  readonly redacted: boolean;
  readonly wrong: Range | null;
}

/** The bytes of a report, marked as somebody points at them. */
export interface HexView {
  readonly element: HTMLElement;
  show(content: HexContent): void;
}

function isIn(range: Range | null, at: number): boolean {
  return range !== null && at >= range.offset && at < range.offset + range.length;
}

function byteText(content: HexContent, row: TableRow, at: number): string {
  if (content.redacted && row.name === "chipId") return "··";
  return (content.bytes[at] ?? 0).toString(16).padStart(2, "0");
}

function byteElement(content: HexContent, row: TableRow, at: number): HTMLElement {
  const names = ["byte", content.bytes[at] === 0 ? "nil" : "", isIn(content.wrong, at) ? "wrong" : ""];
  return h(
    "span",
    { class: names.filter(Boolean).join(" "), "data-at": at, "aria-hidden": "true" },
    byteText(content, row, at),
  );
}

function fieldElement(content: HexContent, row: TableRow): HTMLElement {
  const places = Array.from({ length: row.size }, (_, index) => row.offset + index);
  const group = classOf(groupOf(row));
  return h(
    "span",
    {
      role: "option",
      id: `hex-${row.offset}`,
      class: `run ${group}`,
      "aria-selected": "false",
      "data-offset": row.offset,
    },
    h("span", { class: "unseen" }, `${row.label}, ${placeText(row)}`),
    ...places.map((at) => byteElement(content, row, at)),
  );
}

/** The offsets at the left, for one of the two widths. */
function gutter(length: number, perRow: number): HTMLElement {
  const count = Math.ceil(length / perRow);
  const lines = Array.from({ length: count }, (_, line) => h("span", {}, offsetText(line * perRow)));
  return h("div", { class: `gutter by-${perRow}`, "aria-hidden": "true" }, ...lines);
}

function marked(bytes: readonly HTMLElement[], name: string, range: Range | null): void {
  bytes.forEach((element, at) => void element.classList.toggle(name, isIn(range, at)));
}

const STEPS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowRight: (at, last) => Math.min(at + 1, last),
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowLeft: (at) => Math.max(at - 1, 0),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/** The row that an event on the bytes is about. */
function rowAt(rows: readonly TableRow[], target: EventTarget | null): TableRow | undefined {
  const run = target instanceof Element ? target.closest("[data-offset]") : null;
  const offset = Number(run?.getAttribute("data-offset") ?? Number.NaN);
  return rows.find((row) => row.offset === offset);
}

function rangeOf(row: TableRow | undefined): Range | null {
  return row === undefined ? null : { offset: row.offset, length: row.size };
}

function withKeys(list: HTMLElement, rows: () => readonly TableRow[], store: Store): void {
  let current = -1;
  list.addEventListener("keydown", (event) => {
    const all = rows();
    const next = STEPS[event.key]?.(current, all.length - 1);
    if (next === undefined) return;
    event.preventDefault();
    store.point(rangeOf(all[next]), "pick");
  });
  store.onPoint((range, how) => {
    if (how !== "pick") return;
    current = rows().findIndex(({ offset, size }) => range !== null && isIn({ offset, length: size }, range.offset));
    const row = rows()[current];
    for (const option of list.querySelectorAll('[aria-selected="true"]')) option.setAttribute("aria-selected", "false");
    if (row === undefined) return list.removeAttribute("aria-activedescendant");
    list.setAttribute("aria-activedescendant", `hex-${row.offset}`);
    list.querySelector(`#hex-${row.offset}`)?.setAttribute("aria-selected", "true");
  });
}

/** Scrolls the pane alone, so that the page stays where it is. */
function reveal(pane: HTMLElement, element: HTMLElement | undefined): void {
  if (element === undefined) return;
  const [around, box] = [pane.getBoundingClientRect(), element.getBoundingClientRect()];
  if (box.top < around.top || box.bottom > around.bottom) pane.scrollTop += box.top - around.top - around.height / 3;
}

/** The bytes: hover looks, click and arrow keys pick, and every field is one stop for a screen reader. */
export function hexView(store: Store): HexView {
  const list = h("div", { class: "hex", role: "listbox", tabindex: "0", "aria-label": "Bytes of the report" });
  const pane = h("div", { class: "hex-pane" });
  let content: HexContent | null = null;
  let bytes: readonly HTMLElement[] = [];
  const rows = () => content?.rows ?? [];
  list.addEventListener("pointerover", (event) => store.point(rangeOf(rowAt(rows(), event.target)), "look"));
  list.addEventListener("pointerleave", () => store.point(null, "look"));
  list.addEventListener("click", (event) => store.point(rangeOf(rowAt(rows(), event.target)), "pick"));
  withKeys(list, rows, store);
  store.onPoint((range, how) => {
    marked(bytes, how === "pick" ? "picked" : "looked", range);
    if (how === "pick" && range !== null) reveal(pane, bytes[range.offset]);
  });
  return {
    element: pane,
    show(next) {
      content = next;
      fill(list, ...next.rows.map((row) => fieldElement(next, row)));
      bytes = [...list.querySelectorAll<HTMLElement>(".byte")];
      fill(pane, gutter(next.bytes.length, 16), gutter(next.bytes.length, 8), list);
      reveal(pane, next.wrong === null ? undefined : bytes[next.wrong.offset]);
    },
  };
}
