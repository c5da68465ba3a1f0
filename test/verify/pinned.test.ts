import { describe, expect, it, vi } from "vitest";
import type { CaRole, TrustAnchor } from "../../src/amd/anchors.js";
import { PRODUCT_LINES, type ProductLine } from "../../src/amd/product-lines.js";
import { nodeEngine } from "../../src/node/index.js";
import { createForge, type EvidenceOptions, type Forge } from "../../src/testing/index.js";
import { builtInAnchors } from "../../src/verify/anchors.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { VerifiedEvidence, VerifyOptions } from "../../src/verify/types.js";
import { createVerifier } from "../../src/verify/verifier.js";
import { parseCertificate } from "../../src/x509/certificate.js";

/** Keys that stand where AMD's are built in, so that what only they demand can be shown with certificates. */
const { anchors } = vi.hoisted(() => ({ anchors: new Map<string, TrustAnchor>() }));

vi.mock("../../src/amd/anchors.js", () => ({
  amdAnchors: (productLine: ProductLine, role: CaRole) => [anchors.get(`${role} ${productLine}`)],
}));

const forges = new Map<ProductLine, Forge>();

/** Pins the keys of a forge as AMD's are: key and facts, and no certificate. */
async function pin(productLine: ProductLine): Promise<void> {
  const forge = await createForge({ seed: "built in", productLine });
  forges.set(productLine, forge);
  const made = { ARK: forge.ark(), ASK: forge.ask(), ASVK: forge.asvk() };
  for (const role of ["ARK", "ASK", "ASVK"] as const) {
    const { publicKey, serial, subject, notBefore, notAfter, extensions } = parseCertificate(made[role].der);
    if (publicKey.kind !== "rsa") throw new Error("a CA of the forge has no RSA key");
    const keyId = extensions.find(({ oid }) => oid === "2.5.29.14")?.value ?? new Uint8Array();
    anchors.set(`${role} ${productLine}`, {
      productLine,
      role,
      subject: String(subject.commonName),
      serial,
      notBefore,
      notAfter,
      subjectKeyIdentifier: keyId.subarray(2),
      key: publicKey,
      spkiSha256: new Uint8Array(32),
      certificateSha256: new Uint8Array(32),
    });
  }
}

await Promise.all(PRODUCT_LINES.map(pin));

function forgeOf(productLine: ProductLine): Forge {
  const forge = forges.get(productLine);
  if (forge === undefined) throw new Error(`no forge for ${productLine}`);
  return forge;
}

/** Verifies under what stands for AMD's keys. */
function verify(
  evidence: EvidenceOptions,
  { line = "Milan", ...options }: Partial<VerifyOptions> & { line?: ProductLine } = {},
): Promise<VerifiedEvidence> {
  const forged = forgeOf(line).evidence(evidence);
  return verifyEvidence(forged.evidence, { now: forged.now, engine: nodeEngine, ...options });
}

const branches = PRODUCT_LINES.flatMap((line) =>
  (["VCEK", "VLEK"] as const).map((signingKey) => ({ line, signingKey })),
);
const bare = { omit: ["intermediate", "root"] } satisfies EvidenceOptions;
const DAY = 86_400_000;

describe("a pinned key stands for its certificate", () => {
  it.each(branches)("$line $signingKey", async ({ line, signingKey }) => {
    const { certificates } = await verify({ ...bare, signingKey }, { line });
    const role = signingKey === "VCEK" ? "ASK" : "ASVK";
    const anchor = anchors.get(`${role} ${line}`);
    expect(certificates).toMatchObject({
      anchors: "amd",
      intermediate: {
        role,
        origin: "pinned",
        subject: anchor?.subject,
        serial: `0x${anchor?.serial.toString(16)}`,
        notBefore: new Date(anchor?.notBefore ?? 0),
        notAfter: new Date(anchor?.notAfter ?? 0),
        otherExtensions: [],
      },
      root: { role: "ARK", origin: "pinned", otherExtensions: [] },
    });
    const supplied = (await verify({ signingKey }, { line })).certificates;
    expect([supplied.intermediate.origin, supplied.root.origin]).toEqual(["supplied", "supplied"]);
  });

  it("and no source is asked for it", async () => {
    const asked: string[] = [];
    const collateral: VerifyOptions["collateral"] = {
      get: ({ role }) => {
        asked.push(role);
        return Promise.resolve(undefined);
      },
    };
    await expect(verify(bare, { collateral })).resolves.toBeDefined();
    expect(asked).toEqual([]);
  });

  it("but not for a leaf that another key signed", async () => {
    const foreign = { ...bare, leaf: { signWith: forgeOf("Milan").foreignCaKey() } };
    await expect(verify(foreign)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_SIGNATURE", {
      role: "VCEK",
      issuer: "SEV-Milan",
    });
  });

  it("but not under a name that differs in any byte from AMD's", async () => {
    const renamed = { ...bare, leaf: { issuer: { state: "TX" } } };
    await expect(verify(renamed)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_NAME", { role: "VCEK", field: "issuer" });
  });

  it("but not for the other branch", async () => {
    const forge = forgeOf("Milan");
    const crossed = { ...bare, leaf: { signWith: forge.caKey("ASVK") } };
    await expect(verify(crossed)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_SIGNATURE");
    const named = { ...bare, leaf: { signWith: forge.caKey("ASVK"), issuer: { commonName: "SEV-VLEK-Milan" } } };
    await expect(verify(named)).toFailWith("ERR_UNTRUSTED_BRANCH");
  });
});

describe("a pinned key is judged like its certificate", () => {
  const serialOf = (role: CaRole) => anchors.get(`${role} Milan`)?.serial ?? 0n;

  it.each([
    ["ASK", "VCEK"],
    ["ARK", "VCEK"],
    ["ASVK", "VLEK"],
    ["ARK", "VLEK"],
  ] as const)("its serial is looked up: the %s of a %s", async (role, signingKey) => {
    const serial = serialOf(role);
    const listed = { ...bare, signingKey, crl: { revoked: [{ serial }] } };
    const detail = { role, serial: `0x${serial.toString(16)}` };
    await expect(verify(listed)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_REVOKED", detail);
    const other = { ...bare, signingKey, crl: { revoked: [{ serial: serial + 0x77n }] } };
    await expect(verify(other)).resolves.toBeDefined();
  });

  it.each(["ASK", "ARK"] as const)("its dates count: the %s", async (role) => {
    const key = `${role} Milan`;
    const anchor = anchors.get(key);
    if (anchor === undefined) throw new Error("no anchor");
    const builtIn = builtInAnchors().find(({ subject }) => subject === anchor.subject);
    const until = forgeOf("Milan").now.getTime() + DAY;
    const narrow = { ...anchor, notAfter: until };
    anchors.set(key, narrow);
    const skip = { revocation: "skip" } as const;
    try {
      // The roots were read when the first verification asked for them; an intermediate is read each time.
      const last = role === "ASK" ? until : Number(builtIn?.notAfter);
      const leaf = { notAfter: new Date(last + 10 * DAY) };
      await expect(verify({ ...bare, leaf }, { ...skip, now: new Date(last) })).resolves.toBeDefined();
      const after = verify({ ...bare, leaf }, { ...skip, now: new Date(last + 1) });
      await expect(after).toFailWith("ERR_UNTRUSTED_CERTIFICATE_EXPIRED", { role });
    } finally {
      anchors.set(key, anchor);
    }
  });

  it("the anchor's dates count where a root is supplied that says others", async () => {
    const { now } = forgeOf("Milan");
    const short = { notAfter: new Date(now.getTime() - DAY) };
    await expect(verify({ root: short })).resolves.toBeDefined();
    await expect(verify({ intermediate: short })).toFailWith("ERR_UNTRUSTED_CERTIFICATE_EXPIRED", { role: "ASK" });
  });
});

describe("what AMD's own keys demand and a caller's root does not", () => {
  it("pathLen 0 on the ASK", async () => {
    const without = { intermediate: { basicConstraints: { pathLen: null } } };
    const detail = { role: "ASK", field: "basicConstraints" };
    await expect(verify(without)).toFailWith("ERR_UNTRUSTED_CERTIFICATE_PROFILE", detail);
    const own = [forgeOf("Milan").ark().der];
    await expect(verify(without, { anchors: own })).resolves.toBeDefined();
    await expect(verify({ intermediate: { basicConstraints: { pathLen: 0 } } })).resolves.toBeDefined();
  });

  it("a number on the CRL", async () => {
    const without = { crl: { number: null } };
    await expect(verify(without)).toFailWith("ERR_UNTRUSTED_CRL_PROFILE", { field: "cRLNumber", reason: "missing" });
    await expect(verify(without, { anchors: [forgeOf("Milan").ark().der] })).resolves.toBeDefined();
    await expect(verify({ crl: { number: 0n } })).resolves.toMatchObject({ revocation: { number: "0x0" } });
  });

  it("the pinned root, whole: its key, its name and its serial", async () => {
    const forge = forgeOf("Milan");
    const foreign = { spki: forge.foreignCaKey().spki, signWith: forge.foreignCaKey() };
    const wrong: readonly (readonly [NonNullable<EvidenceOptions["root"]>, string])[] = [
      [foreign, "subjectPublicKey"],
      [{ subject: { state: "TX" } }, "subject"],
      [{ issuer: { state: "TX" } }, "issuer"],
      [{ serial: 0x10009n }, "serialNumber"],
    ];
    for (const [root, field] of wrong) {
      await expect(verify({ root })).toFailWith("ERR_UNTRUSTED_ROOT", { expected: "ARK-Milan", field });
    }
    await expect(verify({ root: { signWith: forge.foreignCaKey() } })).toFailWith(
      "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
      {
        role: "ARK",
      },
    );
    const usage = { keyUsage: { usages: ["keyCertSign"] } } as const;
    await expect(verify({ root: usage })).toFailWith("ERR_UNTRUSTED_CERTIFICATE_PROFILE", { role: "ARK" });
  });
});

describe("a verifier under built-in keys", () => {
  it("remembers a chain of a leaf alone", async () => {
    let rsa = 0;
    const engine = {
      ...nodeEngine,
      verifyRsaPss: (...given: Parameters<typeof nodeEngine.verifyRsaPss>) => {
        rsa++;
        return nodeEngine.verifyRsaPss(...given);
      },
    };
    const forged = forgeOf("Turin").evidence(bare);
    const verifier = createVerifier({ now: () => forged.now, engine });
    await verifier.verify(forged.evidence);
    expect(rsa).toBe(2);
    const { certificates } = await verifier.verify(forged.evidence);
    expect(rsa).toBe(2);
    expect(certificates.intermediate.origin).toBe("pinned");
  });
});

describe("the stand-ins", () => {
  it("are keys of the forge and none of AMD's", () => {
    expect(anchors.size).toBe(9);
    for (const line of PRODUCT_LINES) {
      expect(anchors.get(`ARK ${line}`)?.key.modulus).toEqual(forgeOf(line).caKey("ARK").modulus);
    }
  });
});
