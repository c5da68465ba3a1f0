import type { Certificate, Crl, SigningKey } from "attestry";
import type { EvidenceCertificates } from "attestry/evidence";
import { fingerprint } from "./bytes.js";
import { readCertificate, readCrl } from "./certificates.js";
import { copyButton } from "./copying.js";
import { fill, h } from "./dom.js";
import { kdsItems } from "./kds-links.js";
import { asker, mayAsk } from "./network.js";
import type { Model, Store } from "./state.js";
import { type Period, spanOf, validityBar } from "./validity-bar.js";

/** A link of the chain as the page draws it. */
interface Link {
  readonly role: string;
  readonly title: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly period: Period | null;
  readonly der: Uint8Array | null;
  readonly isSecret: boolean;
}

function hexSerial(serial: bigint): string {
  return `0x${serial.toString(16)}`;
}

function certificateLink(role: string, der: Uint8Array | undefined, isSecret: boolean): Link {
  if (der === undefined) return { role, title: "not here", facts: [], period: null, der: null, isSecret };
  const read: Certificate | null = readCertificate(der);
  if (read === null) return { role, title: "cannot be read", facts: [], period: null, der, isSecret };
  const { subject, issuer, serial, publicKey, notBefore, notAfter } = read;
  const facts = [
    ["Issued by", issuer.commonName ?? "nobody with a name"],
    ["Serial", hexSerial(serial)],
    ["Key", publicKey.kind === "rsa" ? "RSA-4096" : "ECDSA P-384"],
  ] as const;
  return {
    role,
    title: subject.commonName ?? "no name",
    facts,
    period: { from: notBefore, to: notAfter },
    der,
    isSecret,
  };
}

function crlLink(der: Uint8Array | undefined): Link {
  const read: Crl | null = der === undefined ? null : readCrl(der);
  if (der === undefined || read === null) {
    return { role: "CRL", title: "not here", facts: [], period: null, der: der ?? null, isSecret: false };
  }
  const { thisUpdate, nextUpdate, number, revoked, issuer } = read;
  const facts = [
    ["Issued by", issuer.commonName ?? "nobody with a name"],
    ["Number", number === null ? "none" : hexSerial(number)],
    ["Revokes", revoked.size === 0 ? "nothing" : `${revoked.size} certificates`],
  ] as const;
  const title = "Revocation list";
  return { role: "CRL", title, facts, period: { from: thisUpdate, to: nextUpdate }, der, isSecret: false };
}

function linksOf(certificates: EvidenceCertificates, signingKey: SigningKey): readonly Link[] {
  const { root, intermediate, leaf, crl } = certificates;
  return [
    certificateLink("ARK", root, false),
    certificateLink(signingKey === "VLEK" ? "ASVK" : "ASK", intermediate, false),
    certificateLink(signingKey, leaf, signingKey === "VCEK"),
    crlLink(crl),
  ];
}

function factList(link: Link, redacted: boolean): HTMLElement {
  const { facts, der, isSecret } = link;
  const print = h("dd", { class: "fingerprint" }, der === null ? "" : "…");
  if (der !== null && redacted && isSecret) print.textContent = "redacted";
  else if (der !== null) void fingerprint(der).then((text) => fill(print, text));
  return h(
    "dl",
    { class: "facts" },
    ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
    ...(der === null ? [] : [h("dt", {}, "SHA-256"), print]),
  );
}

/** A part that is not here: a CA may be stood for by AMD's key, which comes with the library. */
function missingText({ role }: Link, model: Model): string {
  const { verification } = model;
  if (verification.kind !== "holds" || role === "CRL") return "Not in what was pasted.";
  const isPinned = role === "ARK" || role === "ASK" || role === "ASVK";
  return isPinned ? "Not in what was pasted; AMD’s published key, built in, stood for it." : "Not in what was pasted.";
}

function linkCard(link: Link, model: Model, span: Period | null): HTMLElement {
  const { role, title, period } = link;
  // A CRL lives for weeks where certificates live for years: it has a scale of its own.
  const scale = role === "CRL" && period !== null ? spanOf([period], model.now) : span;
  const bar = period === null || scale === null ? null : validityBar(period, scale, model.now);
  return h(
    "li",
    { class: `link ${role.toLowerCase()}` },
    h("div", { class: "link-head" }, h("span", { class: "role" }, role), h("h2", {}, title)),
    link.der === null ? h("p", { class: "note" }, missingText(link, model)) : factList(link, model.state.redacted),
    bar,
  );
}

function signedBy(model: Model): SigningKey {
  const { decoded } = model;
  return decoded.kind === "evidence" && decoded.report?.keyInfo.signingKey === 1 ? "VLEK" : "VCEK";
}

function partsOf(model: Model): EvidenceCertificates | null {
  const { evidence, decoded } = model;
  if (evidence !== null) return evidence.certificates ?? {};
  if (decoded.kind !== "certificates") return null;
  return Object.fromEntries(decoded.parts.flatMap(({ role, der }) => (role === null ? [] : [[role, der]])));
}

function kdsSection(model: Model): HTMLElement | null {
  const links = kdsItems(model);
  if (links.length === 0) return null;
  const rows = links.map(({ what, url, isSecret }) => {
    const hidden = isSecret && model.state.redacted;
    const shown = hidden ? "redacted: the link has the chip id in it" : url;
    return h(
      "li",
      {},
      h("span", { class: "kds-what" }, what),
      h("code", {}, shown),
      hidden ? null : copyButton(what, () => url),
    );
  });
  const own = "Copy a link, fetch it yourself, and paste what comes.";
  const said = mayAsk() ? `${own} Or name a proxy.` : `This page asks nobody. ${own}`;
  return h(
    "section",
    { class: "kds" },
    h("h2", {}, "From AMD’s key server"),
    h("p", { class: "note" }, said),
    h("ul", {}, ...rows),
  );
}

/** The tab with the chain. */
export function chainView(store: Store): HTMLElement {
  const panel = h("div", { class: "panel" });
  const ask = asker(store);
  store.onModel((model) => {
    const parts = partsOf(model);
    if (parts === null) return fill(panel, h("p", { class: "lead" }, "No certificates yet."));
    const links = linksOf(parts, signedBy(model));
    const span = spanOf(
      links.flatMap(({ period }) => (period === null ? [] : [period])),
      model.now,
    );
    const isHeld = model.verification.kind === "holds";
    const said = isHeld
      ? "Each certificate signs the next; all hold."
      : "Unverified: as these certificates say of themselves.";
    fill(
      panel,
      h("p", { class: "note" }, said),
      h("ol", { class: "chain" }, ...links.map((link) => linkCard(link, model, span))),
      kdsSection(model),
      ask,
    );
  });
  return panel;
}
