import { h, uniqueId } from "./dom.js";

/** A page of the tabs. */
export interface Tab {
  readonly title: string;
  readonly panel: HTMLElement;
}

/** Tabs that arrow keys walk through, and a way to open one from elsewhere. */
export interface Tabs {
  readonly element: HTMLElement;
  open(title: string): void;
}

const STEPS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowRight: (at, last) => (at === last ? 0 : at + 1),
  ArrowLeft: (at, last) => (at === 0 ? last : at - 1),
  Home: () => 0,
  End: (_, last) => last,
};

function select(buttons: readonly HTMLButtonElement[], panels: readonly HTMLElement[], chosen: number): void {
  buttons.forEach((button, at) => {
    button.setAttribute("aria-selected", String(at === chosen));
    button.tabIndex = at === chosen ? 0 : -1;
  });
  panels.forEach((panel, at) => {
    panel.hidden = at !== chosen;
  });
  buttons[chosen]?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** A tab list after the ARIA pattern: one stop for the Tab key, arrows within. */
export function tabs(label: string, all: readonly Tab[]): Tabs {
  const panels = all.map(({ panel }) => panel);
  const buttons = all.map(({ title, panel }) => {
    const id = uniqueId("tab");
    panel.id ||= uniqueId("panel");
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", id);
    panel.tabIndex = 0;
    return h("button", { type: "button", role: "tab", id, "aria-controls": panel.id }, title);
  });
  const open = (at: number) => select(buttons, panels, at);
  buttons.forEach((button, at) => {
    button.addEventListener("click", () => open(at));
    button.addEventListener("keydown", (event) => {
      const next = STEPS[event.key]?.(at, buttons.length - 1);
      if (next === undefined) return;
      event.preventDefault();
      open(next);
      buttons[next]?.focus();
    });
  });
  open(0);
  const list = h("div", { class: "tablist", role: "tablist", "aria-label": label }, ...buttons);
  return {
    element: h("div", { class: "tabs" }, list, ...panels),
    open: (title) => open(all.findIndex((tab) => tab.title === title)),
  };
}
