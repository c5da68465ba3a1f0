import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/errors.js";
import { nodeEngine } from "../../src/node/index.js";
import { createForge } from "../../src/testing/index.js";
import { readAnchors } from "../../src/verify/anchors.js";
import type { Branch } from "../../src/verify/branch.js";
import { type WalkedChain, walkChain } from "../../src/verify/chain.js";
import { createChainMemory } from "../../src/verify/chain-memory.js";
import type { RawCertificates } from "../../src/verify/input.js";
import { runSync } from "../../src/verify/steps.js";
import { parseCertificate } from "../../src/x509/certificate.js";

const forge = await createForge({ seed: "memory" });
const { leaf, intermediate, root, crl, anchors } = forge.evidence();
const raw: RawCertificates = { leaf: leaf.der, intermediate: intermediate.der, root: root.der, crl: crl.der };
const branch: Branch = { productLine: "Milan", signingKey: "VCEK" };
const supplied = {
  leaf: parseCertificate(leaf.der),
  intermediate: parseCertificate(intermediate.der),
  root: parseCertificate(root.der),
};

function walk(): WalkedChain {
  const [anchor] = readAnchors(anchors);
  if (anchor === undefined) throw new Error("no anchor");
  return runSync(walkChain({ branch, leaf: supplied.leaf, above: supplied }, anchor), nodeEngine);
}

describe("a memory of chains", () => {
  it("gives back what it was given, and no CRL, which nobody has judged when a chain is kept", () => {
    const memory = createChainMemory(2);
    const chain = walk();
    expect(memory.recall(raw)).toBeUndefined();
    memory.keep({ raw, supplied, branch, chain });
    for (const same of [raw, { ...raw, crl: undefined }, { ...raw, crl: Uint8Array.of(1) }]) {
      expect(memory.recall(same)?.chain).toBe(chain);
      expect(memory.recall(same)?.raw.crl).toBeUndefined();
    }
  });

  it.each(["leaf", "intermediate", "root"] as const)("knows a chain by its %s", (role) => {
    const memory = createChainMemory(2);
    memory.keep({ raw, supplied, branch, chain: walk() });
    expect(memory.recall({ ...raw, [role]: undefined })).toBeUndefined();
    const bytes = raw[role] ?? new Uint8Array();
    for (const index of [0, 100, bytes.length - 1]) {
      const changed = bytes.map((byte, at) => (at === index ? byte ^ 0x80 : byte));
      expect(memory.recall({ ...raw, [role]: changed })).toBeUndefined();
    }
    expect(memory.recall({ ...raw, [role]: bytes.slice() })).toBeDefined();
  });

  it("knows the CA certificates of kept chains by every byte, and no leaf", () => {
    const memory = createChainMemory(2);
    expect(memory.readBefore(root.der)).toBeUndefined();
    memory.keep({ raw, supplied, branch, chain: walk() });
    expect(memory.readBefore(root.der.slice())).toBe(supplied.root);
    expect(memory.readBefore(intermediate.der.slice())).toBe(supplied.intermediate);
    expect(memory.readBefore(leaf.der)).toBeUndefined();
    expect(memory.readBefore(root.der.map((byte, at) => (at === 100 ? byte ^ 1 : byte)))).toBeUndefined();
    expect(memory.readBefore(new Uint8Array(3))).toBeUndefined();
  });

  it("forgets CA certificates when there are more than any hierarchy has", () => {
    const memory = createChainMemory(2);
    const chain = walk();
    memory.keep({ raw, supplied, branch, chain });
    for (let index = 0; index < 40; index++) {
      const der = Uint8Array.from({ length: 16 }, () => index);
      memory.keep({
        raw,
        supplied: { ...supplied, intermediate: { ...supplied.intermediate, der }, root: undefined },
        branch,
        chain,
      });
      expect(memory.readBefore(der)?.der).toBe(der);
    }
    expect(memory.readBefore(root.der)).toBeUndefined();
  });

  it("keeps the latest of a chain that it is given twice", () => {
    const memory = createChainMemory(1);
    const [first, second] = [walk(), walk()];
    for (const chain of [first, second]) memory.keep({ raw, supplied, branch, chain });
    expect(memory.recall(raw)?.chain).toBe(second);
  });
});

/** A chain of AMD's form under AMD's own rules: as if its root were built in. */
describe("a chain under a built-in root", () => {
  const rules: readonly (readonly [name: string, ask: Uint8Array, ark: Uint8Array, code: ErrorCode | null])[] = [
    ["as AMD makes it", intermediate.der, root.der, null],
    [
      "without pathLen on the ASK",
      forge.ask({ basicConstraints: { pathLen: null } }).der,
      root.der,
      "ERR_UNTRUSTED_CERTIFICATE_PROFILE",
    ],
    ["with pathLen 1 on the ARK", intermediate.der, forge.ark({ basicConstraints: { pathLen: 1 } }).der, null],
  ];

  it.each(rules)("%s", (_, ask, ark, code) => {
    const [own] = readAnchors(anchors);
    if (own === undefined) throw new Error("no anchor");
    const anchor = { ...own, origin: "amd" as const, certificate: null };
    const above = { intermediate: parseCertificate(ask), root: parseCertificate(ark) };
    const run = () => runSync(walkChain({ branch, leaf: supplied.leaf, above }, anchor), nodeEngine);
    if (code === null) expect(run().root.origin).toBe("supplied");
    else expect(run).toFailWith(code, { role: "ASK", field: "basicConstraints" });
  });
});
