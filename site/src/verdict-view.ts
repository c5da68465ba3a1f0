import { fill, h, svg } from "./dom.js";
import { headlineOf, type Light, lightsOf, type Tone } from "./lights.js";
import type { Model, Store } from "./state.js";

/** A shape for each answer, so that nobody needs the colours. */
const SHAPES: Readonly<Record<Tone, string>> = {
  good: "M4 10.5l4 4 8-9",
  bad: "M5 5l10 10M15 5L5 15",
  caution: "M10 4v7M10 15v.5",
  open: "M7 7.5a3 3 0 1 1 4.2 2.7c-.8.4-1.2 1-1.2 2M10 15v.5",
};

function lamp(tone: Tone): HTMLElement {
  const path = svg("path", { d: SHAPES[tone] });
  return h("span", { class: "lamp" }, svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, path));
}

function card({ question, tone, word, text, code }: Light): HTMLElement {
  return h(
    "li",
    { class: `light ${tone}`, "data-tone": tone },
    lamp(tone),
    h(
      "div",
      {},
      h("h2", {}, question),
      h("p", { class: "word" }, word),
      h("p", { class: "why" }, text),
      code === null ? null : h("code", {}, code),
    ),
  );
}

function forgedLabel({ state }: Model): HTMLElement | null {
  return state.sample === null ? null : h("p", { class: "forged" }, "Forged sample: no AMD key had a part in it");
}

const STANDING =
  "Three questions, three answers; none stands for another. A pasted report proves nothing about freshness: whoever has it can paste it again.";

const INTRO =
  "Every byte explained, signature and chain checked against AMD’s keys, the rest held against your policy. There is no server behind this page: what you paste stays here.";

/** The verdict: what the eye finds first. */
export function verdictView(store: Store): HTMLElement {
  const headline = h("h1", { class: "headline" });
  const label = h("div", { class: "label" });
  const lights = h("ul", { class: "lights" });
  const intro = h("p", { class: "intro" }, INTRO);
  const at = h("span", { class: "judged-at" });
  const said = h("p", { class: "standing" }, STANDING, " ", at);
  const element = h("section", { class: "answers", id: "verdict", "aria-label": "Verdict" });
  const live = h("div", { "aria-live": "polite" }, label, headline);
  element.append(live, intro, lights, said);
  store.onModel((model) => {
    const { text, tone } = headlineOf(model);
    if (headline.textContent !== text) headline.textContent = text;
    headline.dataset["tone"] = tone;
    fill(label, forgedLabel(model));
    fill(lights, ...lightsOf(model).map(card));
    at.textContent = `Judged at ${model.now.toISOString().replace(/\.\d+Z$/, "Z")}.`;
    const isShown = model.decoded.kind === "evidence";
    const isEmpty = model.decoded.kind === "empty";
    element.classList.toggle("empty", isEmpty);
    lights.hidden = !isShown && !isEmpty;
    said.hidden = !isShown;
    intro.hidden = !isEmpty;
  });
  return element;
}
