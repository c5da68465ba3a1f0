import type { ImportNote } from "attestry/policy/import";
import { fill, h, labelled } from "./dom.js";
import { problemOf } from "./problem.js";

const LANGUAGES = [
  ["go-sev-guest", "go-sev-guest (textproto or JSON)"],
  ["snpguest", "snpguest (command line)"],
  ["trustee", "Trustee reference values"],
  ["tinfoil", "tinfoil"],
  ["constellation", "Constellation"],
  ["contrast", "Contrast manifest"],
  ["oak", "Oak reference values"],
  ["ccf", "CCF governance"],
  ["nitride", "Nitride"],
] as const;

type Language = (typeof LANGUAGES)[number][0];

/** The readers are as large as the rest of the page together, and few people need them: they come when asked for. */
async function convert(language: Language, text: string) {
  const from = await import("attestry/policy/import");
  const readers = {
    "go-sev-guest": from.fromGoSevGuest,
    snpguest: from.fromSnpguestFlags,
    trustee: from.fromTrustee,
    tinfoil: from.fromTinfoil,
    constellation: from.fromConstellation,
    contrast: from.fromContrastManifest,
    oak: from.fromOakReferenceValues,
    ccf: from.fromCcfGovernance,
    nitride: from.fromNitride,
  } as const;
  return await readers[language](text);
}

const KINDS: Readonly<Record<ImportNote["kind"], string>> = {
  tightened: "stricter",
  loosened: "looser",
  "not-carried": "left out",
  meant: "by other means",
};

function noteRow({ kind, where, text }: ImportNote): HTMLElement {
  const place = where === "" ? null : h("code", {}, where);
  return h("li", { class: `import-note ${kind}` }, h("strong", {}, KINDS[kind]), " ", place, " ", text);
}

function isLanguage(value: string): value is Language {
  return LANGUAGES.some(([name]) => name === value);
}

/** Policies of other systems, as policies of this one. */
export interface ImportPanel {
  readonly element: HTMLElement;
  toggle(): void;
}

/** The panel; `put` gets the policy that was made. */
export function importPanel(put: (policy: string) => void): ImportPanel {
  const system = h("select", {}, ...LANGUAGES.map(([value, label]) => h("option", { value }, label)));
  const source = h("textarea", { class: "code short", spellcheck: "false" });
  const answer = h("div", { class: "import-answer", role: "status" });
  const run = async () => {
    const language = system.value;
    if (!isLanguage(language)) return;
    try {
      const { policy, notes } = await convert(language, source.value);
      put(JSON.stringify(policy, null, 2));
      const said = notes.length === 0 ? "It says the same." : "It does not say quite the same:";
      fill(answer, h("p", {}, said), h("ul", {}, ...notes.map(noteRow)));
    } catch (error) {
      const { code, message } = problemOf(error);
      fill(answer, h("div", { class: "problem" }, h("code", {}, code), h("p", {}, message)));
    }
  };
  const button = h("button", { type: "button", class: "action", onclick: () => void run() }, "Make a policy of it");
  const element = h(
    "div",
    { class: "import", hidden: true },
    labelled("Policy of", system),
    labelled("Its text", source),
    button,
    answer,
  );
  return {
    element,
    toggle() {
      element.hidden = !element.hidden;
      if (!element.hidden) system.focus();
    },
  };
}
