import { describe, expect, it } from "vitest";
import { hwIdLength, PRODUCT_LINES } from "../../src/amd/product-lines.js";
import { toHex } from "../../src/bytes/codecs.js";
import { REPORT_VERSIONS } from "../../src/report/layouts.js";
import { createForge, type EvidenceOptions, type Forge, type ForgeOptions } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { isSignedBy, readCertificate, readCrl } from "./second-opinion.js";

const signingKeys = ["VCEK", "VLEK"] as const;
const hierarchies = PRODUCT_LINES.flatMap((productLine) =>
  signingKeys.map((signingKey) => ({ productLine, signingKey })),
);

describe("createForge", () => {
  it.each(hierarchies)("makes a chain whose signatures hold: $productLine $signingKey", async (hierarchy) => {
    const forge = await createForge({ seed: "chain", ...hierarchy });
    const { leaf, intermediate, root } = forge.evidence();
    expect(isSignedBy(root.der, root.der)).toBe(true);
    expect(isSignedBy(intermediate.der, root.der)).toBe(true);
    expect(isSignedBy(leaf.der, intermediate.der)).toBe(true);
    expect(isSignedBy(leaf.der, root.der)).toBe(false);
    expect(isSignedBy(intermediate.der, intermediate.der)).toBe(false);
  });

  it.each(hierarchies)(
    "makes evidence that verifies, in every version: $productLine $signingKey",
    async (hierarchy) => {
      const forge = await createForge({ seed: "verify", ...hierarchy });
      for (const version of REPORT_VERSIONS) {
        const { evidence, anchors, now, chip } = forge.evidence({ report: { version } });
        const verified = await verifyEvidence(evidence, { anchors, now });
        expect(verified.report.version).toBe(version);
        expect(verified.productLine).toBe(hierarchy.productLine);
        expect(verified.signingKey).toBe(hierarchy.signingKey);
        expect(verified.tcb.reported).toEqual(chip.tcb);
        expect(verified.revocation.status).toBe("checked");
        expect(verified.certificates.leaf.hwId).toEqual(hierarchy.signingKey === "VCEK" ? chip.hwId : null);
      }
    },
  );

  it("makes nothing that AMD's own anchors accept", async () => {
    const forge = await createForge({ seed: "a" });
    const { evidence, now } = forge.evidence();
    await expect(verifyEvidence(evidence, { now })).toFailWith("ERR_UNTRUSTED_ROOT");
    const bare = forge.evidence({ omit: ["root"] });
    await expect(verifyEvidence(bare.evidence, { now })).toFailWith("ERR_UNTRUSTED_CERTIFICATE_SIGNATURE");
  });

  it("makes nothing that another seed's anchors accept", async () => {
    const [one, other] = await Promise.all(["a", "b"].map((seed) => createForge({ seed })));
    if (one === undefined || other === undefined) throw new Error("no forge");
    const { evidence, now } = one.evidence();
    const { anchors } = other.evidence();
    await expect(verifyEvidence(evidence, { anchors, now })).toFailWith("ERR_UNTRUSTED_ROOT");
  });
});

describe("a seed", () => {
  const all = (forge: Forge) => [forge.evidence().evidence, forge.evidence({ productLine: "Turin" }).evidence];

  it("says everything: the same seed, the same bytes", async () => {
    const [one, same] = await Promise.all(["a", "a"].map((seed) => createForge({ seed })));
    expect(one && all(one)).toEqual(same && all(same));
  });

  it("may be bytes, and is read once", async () => {
    const seed = new TextEncoder().encode("a");
    const forge = await createForge({ seed });
    seed.fill(0);
    expect(all(forge)).toEqual(all(await createForge({ seed: "a" })));
  });

  it("decides keys, ids and measurement", async () => {
    const [one, other] = await Promise.all(["a", "b"].map((seed) => createForge({ seed })));
    const facts = (forge: Forge | undefined) => ({
      ark: toHex(forge?.caKey("ARK").modulus ?? new Uint8Array()),
      leaf: toHex(forge?.chip().key.point ?? new Uint8Array()),
      hwId: toHex(forge?.chip().hwId ?? new Uint8Array()),
      measurement: toHex(forge?.report().values.measurement ?? new Uint8Array()),
    });
    const [a, b] = [facts(one), facts(other)];
    for (const name of ["ark", "leaf", "hwId", "measurement"] as const) expect(a[name], name).not.toBe(b[name]);
  });

  it("gives these bytes for good: a change here changes everybody's fixtures", async () => {
    const forge = await createForge({ seed: "fixed" });
    expect(toHex(forge.chip().hwId)).toBe(
      "5cdb11bd5c94119ce37bb3ad03237b5f1584a7ce46b477a67527d6e84c738d30f2ce708ebfd92a021494d71a108b3a9fe83cceb82099930a7585b3683c308b3d",
    );
    expect(toHex(forge.chip().key.secretKey)).toBe(
      "cf3d707d370af4058db0dc9b888130c899165dc53080f6b925e0e4689c0eaac3b2b83ee9706e4b8aaa8a31c5d6342c1c",
    );
    expect(toHex(forge.caKey("ARK").modulus.subarray(0, 16))).toBe("b5ed2962e4ec7df6402b6c4889fde5dd");
  });
});

const forge = await createForge({ seed: "forge" });

describe("chips", () => {
  it("of other names, lines and kinds have other keys and ids", () => {
    const chips = hierarchies.flatMap((choice) => ["0", "1"].map((chip) => forge.chip({ ...choice, chip })));
    expect(new Set(chips.map(({ key }) => toHex(key.point))).size).toBe(12);
    expect(new Set(chips.filter((each) => each.signingKey === "VCEK").map(({ hwId }) => toHex(hwId))).size).toBe(6);
    for (const { hwId, productLine } of chips) expect(hwId).toHaveLength(hwIdLength(productLine));
  });

  it("keep their key whatever the TCB", () => {
    const raised = forge.chip({ tcb: { microcode: 220 } });
    expect(raised.key.point).toEqual(forge.chip().key.point);
    expect(raised.tcb).toEqual({ ...forge.chip().tcb, microcode: 220 });
  });

  it("none is the foreign one", () => {
    const foreign = toHex(forge.foreignLeafKey().point);
    expect(hierarchies.map((choice) => toHex(forge.chip(choice).key.point))).not.toContain(foreign);
  });
});

describe("now", () => {
  it("is the middle of everything's validity", async () => {
    const now = new Date("2040-02-29T12:00:00Z");
    const later = await createForge({ seed: "now", now });
    const made = later.evidence();
    expect(later.now).toEqual(now);
    expect(made.now).toEqual(now);
    for (const { der } of [made.leaf, made.intermediate, made.root]) {
      const { notBefore, notAfter } = readCertificate(der);
      expect(notBefore.value < now && now < notAfter.value).toBe(true);
    }
    const { thisUpdate, nextUpdate } = readCrl(made.crl.der);
    expect(thisUpdate.value < now && now < (nextUpdate?.value ?? now)).toBe(true);
    await expect(verifyEvidence(made.evidence, { anchors: made.anchors, now })).resolves.toBeDefined();
  });

  it("is a copy", async () => {
    const now = new Date("2030-01-01T00:00:00Z");
    const later = await createForge({ seed: "now", now });
    now.setTime(0);
    later.now.setTime(0);
    later.evidence().now.setTime(0);
    expect(later.now).toEqual(new Date("2030-01-01T00:00:00Z"));
  });
});

describe("evidence", () => {
  it("hands each part its options, and leaves the anchor alone", () => {
    const made = forge.evidence({
      report: { vmpl: 3 },
      leaf: { serial: 1 },
      intermediate: { serial: 2 },
      root: { serial: 3 },
      crl: { number: 9 },
    });
    const serials = [made.leaf, made.intermediate, made.root].map(({ der }) =>
      readCertificate(der).serialNumber.toBigInt(),
    );
    expect(serials).toEqual([1n, 2n, 3n]);
    expect(made.report.values.vmpl).toBe(3);
    expect(made.crl.der).toEqual(forge.crl({ number: 9 }).der);
    expect(made.anchors).toEqual([forge.ark().der]);
    expect(made.evidence).toEqual({
      report: made.report.bytes,
      certificates: {
        leaf: made.leaf.der,
        intermediate: made.intermediate.der,
        root: made.root.der,
        crl: made.crl.der,
      },
    });
  });

  it.each(["leaf", "intermediate", "root", "crl"] as const)("omits the %s and nothing else", (part) => {
    const made = forge.evidence({ omit: [part] });
    const kept = ["leaf", "intermediate", "root", "crl"].filter((name) => name !== part);
    expect(Object.keys(made.evidence.certificates ?? {})).toEqual(kept);
    expect(made[part].der.length).toBeGreaterThan(800);
  });

  it.each(hierarchies)("of a named hierarchy is that of its own forge: $productLine $signingKey", async (hierarchy) => {
    const own = await createForge({ seed: "forge", ...hierarchy });
    expect(forge.evidence(hierarchy)).toEqual({ ...own.evidence(), chip: expect.anything() });
    expect(own.productLine).toBe(hierarchy.productLine);
    expect(own.signingKey).toBe(hierarchy.signingKey);
  });

  it("of one chip shares its certificates, and of another has its own", () => {
    const [one, two, other] = [
      forge.evidence(),
      forge.evidence({ report: { vmpl: 1 } }),
      forge.evidence({ chip: "1" }),
    ];
    expect(two.leaf).toEqual(one.leaf);
    expect(two.report.bytes).not.toEqual(one.report.bytes);
    expect(other.leaf).not.toEqual(one.leaf);
    expect(other.intermediate).toEqual(one.intermediate);
    expect(other.leaf).toEqual(forge.vcek({ chip: "1" }));
  });

  it("raises report and leaf together with the chip's TCB", async () => {
    const { evidence, anchors, now } = forge.evidence({ tcb: { microcode: 230 } });
    const verified = await verifyEvidence(evidence, { anchors, now });
    expect(verified.certificates.leaf.tcb.microcode).toBe(230);
    expect(verified.tcb.reported.microcode).toBe(230);
  });
});

// What a caller without types could write.
const anything = (value: unknown) => value as never;

describe("the caller's mistakes are TypeErrors", () => {
  it.each<[string, object]>([
    ["no seed", {}],
    ["a number as seed", { seed: 1 }],
    ["an unknown line", { seed: "a", productLine: "Venice" }],
    ["an unknown signing key", { seed: "a", signingKey: "VEK" }],
    ["an invalid clock", { seed: "a", now: new Date(Number.NaN) }],
    ["a clock that is no Date", { seed: "a", now: 0 }],
    ["an unknown option", { seed: "a", line: "Milan" }],
  ])("createForge: %s", async (_, options) => {
    await expect(createForge(options as ForgeOptions)).rejects.toThrow(TypeError);
  });

  it.each<[string, (options: never) => unknown, object]>([
    ["ark", forge.ark, { serialNumber: 1 }],
    ["ask", forge.ask, { hwId: null }],
    ["asvk", forge.asvk, { chip: "1" }],
    ["vcek", forge.vcek, { basicConstraints: null }],
    ["vlek", forge.vlek, { signingKey: "VLEK" }],
    ["crl", forge.crl, { serial: 1 }],
    ["chip", forge.chip, { key: 1 }],
    ["report", forge.report, { leaf: {} }],
    ["evidence", forge.evidence, { certificates: {} }],
    ["evidence: leaf", forge.evidence, { leaf: { hwid: null } }],
    ["evidence: intermediate", forge.evidence, { intermediate: { pathLen: 1 } }],
    ["evidence: root", forge.evidence, { root: { key: 1 } }],
    ["evidence: crl", forge.evidence, { crl: { cRLNumber: 1 } }],
    ["evidence: report", forge.evidence, { report: { vmPl: 1 } }],
    ["evidence: omit", forge.evidence, { omit: ["report"] }],
  ])("%s: an unknown option", (_, make, options) => {
    expect(() => make(anything(options))).toThrow(TypeError);
  });

  it.each<[string, (options: never) => unknown]>([
    ["ark", forge.ark],
    ["asvk", forge.asvk],
    ["vcek", forge.vcek],
    ["crl", forge.crl],
    ["chip", forge.chip],
    ["report", forge.report],
    ["evidence", forge.evidence],
  ])("%s: an unknown product line", (_, make) => {
    expect(() => make(anything({ productLine: "Venice" }))).toThrow(TypeError);
  });

  it.each<EvidenceOptions>([{ chip: anything(1) }, { signingKey: anything("VEK") }])("evidence: %o", (options) => {
    expect(() => forge.evidence(options)).toThrow(TypeError);
  });

  it("a CA's key of an unknown line or role", () => {
    expect(() => forge.caKey("ARK", anything("Venice"))).toThrow(TypeError);
    expect(() => forge.caKey(anything("VCEK"))).toThrow(TypeError);
  });
});
