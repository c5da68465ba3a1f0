import type { Sample } from "virtual:samples";
import { bindingForm } from "./binding-form.js";
import { sizeText, toBase64 } from "./bytes.js";
import type { Decoded } from "./decode.js";
import { fill, h, labelled } from "./dom.js";
import { sortFiles } from "./files.js";
import { loadSamples, stateOf } from "./samples.js";
import type { Model, Store } from "./state.js";

/** What the reader's own evidence is judged by. */
const OWN = { at: null, anchors: null, sample: null } as const;

function described(decoded: Decoded): string {
  switch (decoded.kind) {
    case "empty":
      return "Raw, hex, base64, PEM, JSON, CBOR, protobuf: anything that carries a report.";
    case "evidence":
      return `Read as ${decoded.layers.join(" › ")}, ${sizeText(decoded.size)}.`;
    case "certificates":
      return `Read as ${decoded.parts.length} certificates. Paste a report, and these under “More certificates”.`;
    case "token":
      return "Read as a signed token (JWT, EAR).";
    case "unknown":
      return decoded.problem.message;
  }
}

function shownInput(input: string | Uint8Array): string {
  return typeof input === "string" ? input : toBase64(input);
}

function sampleButton(sample: Sample, store: Store): HTMLElement {
  const load = async () => store.update(await stateOf(sample));
  const props = {
    type: "button",
    class: "chip",
    "data-sample": sample.id,
    title: sample.lesson,
    onclick: () => void load(),
  };
  return h("button", props, sample.title);
}

/** The samples, the sound ones first; each says that it is forged. */
function sampleList(store: Store): HTMLElement {
  const lesson = h("p", { class: "note" }, "No AMD key made these: they were forged for this page, roots included.");
  const [sound, broken] = [h("div", { class: "chips" }), h("div", { class: "chips" })];
  void loadSamples().then((samples) => {
    fill(sound, ...samples.filter((sample) => !sample.broken).map((sample) => sampleButton(sample, store)));
    fill(broken, ...samples.filter((sample) => sample.broken).map((sample) => sampleButton(sample, store)));
    store.onModel(({ state }) => {
      const shown = samples.find(({ id }) => id === state.sample);
      if (shown !== undefined) lesson.textContent = `Forged for this page. ${shown.lesson}`;
      for (const chip of [...sound.children, ...broken.children]) {
        chip.setAttribute("aria-pressed", String(chip.getAttribute("data-sample") === state.sample));
      }
    });
  });
  return h(
    "section",
    { class: "samples", "aria-label": "Forged samples" },
    h("h2", {}, "Forged samples"),
    sound,
    h("p", { class: "chips-title" }, "Each with something wrong"),
    broken,
    lesson,
  );
}

function take(store: Store, complaint: HTMLElement): (files: readonly File[]) => Promise<void> {
  return async (files) => {
    const sorted = await sortFiles(files);
    complaint.textContent = sorted.complaint ?? "";
    const more = [...store.state.more, ...sorted.more];
    if (sorted.main === null) store.update({ ...OWN, more });
    else store.update({ ...OWN, input: sorted.main, more });
  };
}

/** Files may be dropped anywhere on the page. */
function dropping(give: (files: readonly File[]) => Promise<void>): void {
  const toggle = (isOver: boolean) => document.body.classList.toggle("dropping", isOver);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    toggle(true);
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) toggle(false);
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    toggle(false);
    const { dataTransfer } = event;
    if (dataTransfer !== null && dataTransfer.files.length > 0) void give([...dataTransfer.files]);
  });
}

function moreCertificates(store: Store): HTMLElement {
  const area = h("textarea", { class: "code short", spellcheck: "false", autocomplete: "off" });
  const files = h("p", { class: "note" });
  area.addEventListener("input", () => {
    const own = store.state.more.filter((from) => typeof from !== "string");
    store.update({ more: area.value.trim() === "" ? own : [...own, area.value] });
  });
  store.onModel(({ state }) => {
    const typed = state.more.filter((from) => typeof from === "string").join("\n");
    if (typed !== area.value && typed === "") area.value = "";
    area.classList.toggle("veiled", state.redacted && typed !== "");
    const dropped = state.more.length - (typed === "" ? 0 : 1);
    files.textContent = dropped === 0 ? "" : `And ${dropped} from files.`;
  });
  const hint =
    "VCEK or VLEK, ASK, ARK, CRL: PEM, DER in hex or base64, THIM. What came with the report is never replaced.";
  return h(
    "details",
    { class: "more" },
    h("summary", {}, "More certificates"),
    labelled("Certificates and CRL", area, h("p", { class: "note" }, hint)),
    files,
  );
}

function judgedAt(store: Store): HTMLElement {
  const field = h("input", { type: "datetime-local", step: "1" });
  field.addEventListener("change", () => {
    const time = new Date(`${field.value}Z`);
    store.update({ at: Number.isNaN(time.getTime()) ? null : time });
  });
  store.onModel(({ state }) => {
    const shown = state.at === null ? "" : state.at.toISOString().slice(0, 19);
    if (field !== document.activeElement) field.value = shown;
  });
  return h(
    "details",
    { class: "more" },
    h("summary", {}, "Judged at another time"),
    labelled("Time (UTC)", field, h("p", { class: "note" }, "Empty: now. Samples bring their own.")),
  );
}

function fileButton(give: (files: readonly File[]) => Promise<void>): HTMLElement {
  const input = h("input", {
    type: "file",
    multiple: true,
    class: "hidden-file",
    tabindex: "-1",
    "aria-label": "Files",
  });
  input.addEventListener("change", () => {
    void give([...(input.files ?? [])]).then(() => {
      input.value = "";
    });
  });
  const button = h("button", { type: "button", class: "action", onclick: () => input.click() }, "Choose files…");
  return h("span", {}, button, input);
}

function evidenceField(store: Store): HTMLTextAreaElement {
  const area = h("textarea", {
    id: "evidence",
    class: "code evidence",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    placeholder: "Paste evidence, or drop files anywhere",
  });
  area.addEventListener("input", () => store.update({ ...OWN, input: area.value }));
  store.onModel(({ state, decoded }: Model) => {
    const text = shownInput(state.input);
    if (area !== document.activeElement && area.value !== text) area.value = text;
    area.classList.toggle("veiled", state.redacted && decoded.kind !== "empty");
    area.setAttribute("aria-invalid", String(decoded.kind === "unknown"));
  });
  return area;
}

/** The field for the evidence, and what it was read as. */
export function evidenceView(store: Store): HTMLElement {
  const read = h("p", { class: "read-as", role: "status" });
  const complaint = h("p", { class: "warning" });
  const give = take(store, complaint);
  dropping(give);
  store.onModel(({ decoded }) => {
    read.textContent = described(decoded);
    read.classList.toggle("bad", decoded.kind === "unknown");
  });
  const clear = () =>
    store.update({ ...OWN, input: "", more: [], binding: { scheme: "nonce", parts: {} }, policy: "" });
  const button = h("button", { type: "button", class: "action", onclick: clear }, "Clear");
  return h(
    "section",
    { class: "given", "aria-label": "Evidence" },
    labelled("Evidence", evidenceField(store), read),
    complaint,
    h("div", { class: "toolbar" }, fileButton(give), button),
  );
}

/** Samples, and everything else that the reader may give. */
export function settingsView(store: Store): HTMLElement {
  const parts = [sampleList(store), bindingForm(store), moreCertificates(store), judgedAt(store)];
  return h("div", { class: "settings" }, ...parts);
}
