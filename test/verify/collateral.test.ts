import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { CryptoEngine } from "../../src/crypto/engine.js";
import { CollateralError, MalformedError } from "../../src/errors.js";
import { nodeEngine } from "../../src/node/index.js";
import type { CrlOptions, EvidenceOptions, Forge, ForgedEvidence } from "../../src/testing/index.js";
import { verifyCertificates } from "../../src/verify/certificates.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { CollateralRequest, CollateralSource, VerifiedEvidence, VerifyOptions } from "../../src/verify/types.js";
import { forgeOf, HIERARCHIES } from "./forged.js";

const milan = await forgeOf();
const turin = await forgeOf("Turin");
const vlek = await forgeOf("Milan", "VLEK");

type Role = CollateralRequest["role"];
type Answers = Partial<Record<Role, () => unknown>>;

/** A source that notes what it is asked; it has what `answers` makes, and nothing else. */
function sourceOf(answers: Answers) {
  const asked: CollateralRequest[] = [];
  const given: { signal?: AbortSignal }[] = [];
  const collateral: CollateralSource = {
    async get(request, options) {
      asked.push(request);
      given.push(options);
      return (await answers[request.role]?.()) as Uint8Array | undefined;
    },
  };
  return { collateral, asked, given, roles: () => asked.map(({ role }) => role) };
}

/** Verifies what is left of forged evidence with what the options say. */
function verify(forged: ForgedEvidence, options: Partial<VerifyOptions>): Promise<VerifiedEvidence> {
  const { evidence, now, anchors } = forged;
  return verifyEvidence(evidence, { now, anchors, engine: nodeEngine, ...options });
}

const lacking = (...omit: NonNullable<EvidenceOptions["omit"]>) => milan.evidence({ omit });
const whole = milan.evidence();
/** What a source has that has everything. */
const complete: Answers = {
  leaf: () => whole.leaf.der,
  intermediate: () => whole.intermediate.der,
  crl: () => whole.crl.der,
};
const failure = new CollateralError(
  "ERR_COLLATERAL_UNAVAILABLE",
  "the service is down",
  { role: "crl", reason: "503" },
  { retryable: true },
);
const fails = () => Promise.reject(failure);

describe("a source", () => {
  it.each(HIERARCHIES)("gives all that is missing: $productLine $signingKey", async ({ productLine, signingKey }) => {
    const forge = await forgeOf(productLine, signingKey);
    const chipId = new Uint8Array(64);
    chipId.set(forge.chip().hwId);
    const all = forge.evidence({ report: { chipId }, omit: ["leaf", "intermediate", "crl"] });
    const { collateral, asked } = sourceOf({
      leaf: () => all.leaf.der,
      intermediate: () => all.intermediate.der,
      crl: () => all.crl.der,
    });
    const verified = await verify(all, { collateral });
    expect(verified.revocation).toMatchObject({ status: "checked", source: "collateral" });
    const branch = { productLine, signingKey };
    const { hwId, tcb: reportedTcb } = all.chip;
    expect(asked).toEqual([
      { role: "leaf", ...branch, hwId, reportedTcb },
      { role: "intermediate", ...branch },
      { role: "crl", ...branch },
    ]);
  });

  it("is asked for the leaf of REPORTED_TCB, not of the current one", async () => {
    const forged = milan.evidence({ tcb: { snp: 5 }, report: { currentTcb: { snp: 9 } }, omit: ["leaf"] });
    const { collateral, asked } = sourceOf({ leaf: () => forged.leaf.der });
    await expect(verify(forged, { collateral })).resolves.toBeDefined();
    expect(asked).toMatchObject([{ role: "leaf", reportedTcb: { snp: 5 } }]);
  });

  it("is asked for Turin's chip by its 8 bytes", async () => {
    const forged = turin.evidence({ omit: ["leaf"] });
    const { collateral, asked } = sourceOf({ leaf: () => forged.leaf.der });
    await expect(verify(forged, { collateral })).resolves.toBeDefined();
    expect(asked).toMatchObject([{ role: "leaf", hwId: turin.chip().hwId }]);
    expect(turin.chip().hwId).toHaveLength(8);
  });

  it("is asked for a VLEK whatever CHIP_ID says: it is no chip's", async () => {
    const forged = vlek.evidence({ report: { chipId: new Uint8Array(64) }, omit: ["leaf"] });
    const { collateral, asked } = sourceOf({ leaf: () => forged.leaf.der });
    await expect(verify(forged, { collateral })).resolves.toMatchObject({ signingKey: "VLEK" });
    expect(asked).toMatchObject([{ role: "leaf", signingKey: "VLEK", hwId: new Uint8Array(64) }]);
  });

  it("may do with the request what it likes: it holds copies", async () => {
    const forged = lacking("leaf");
    const collateral: CollateralSource = {
      get: (request) => {
        if (request.role === "leaf") request.hwId.fill(0);
        return Promise.resolve(forged.leaf.der);
      },
    };
    const verified = await verify(forged, { collateral });
    expect(verified.report.chipId).toEqual(forged.chip.hwId);
  });

  it("may answer at once, with a Buffer, or with bytes that it changes later", async () => {
    const bytes = Buffer.from(whole.leaf.der);
    const collateral = { get: () => bytes } as never;
    const { signal } = new AbortController();
    for (const options of [{ collateral }, { collateral, signal }]) {
      const verification = verify(lacking("leaf"), options);
      await Promise.resolve();
      await expect(verification).resolves.toMatchObject({ productLine: "Milan" });
    }
    const changing = whole.leaf.der.slice();
    const engine: CryptoEngine = {
      ...nodeEngine,
      verifyRsaPss: (...given) => {
        changing.fill(0);
        return nodeEngine.verifyRsaPss(...given);
      },
    };
    const { collateral: source } = sourceOf({ leaf: () => changing });
    await expect(verify(lacking("leaf"), { collateral: source, engine })).resolves.toBeDefined();
    expect(changing[0]).toBe(0);
  });
});

describe("a source is not asked", () => {
  const all = sourceOf(complete);
  const refused = { ...whole, evidence: { ...whole.evidence, report: milan.report({ vmpl: 4 }).bytes } };
  const unsigned = milan.evidence({ leaf: { signWith: milan.foreignCaKey() }, omit: ["crl"] });
  const expired = milan.evidence({ leaf: { notAfter: new Date(milan.now.getTime() - 1000) }, omit: ["crl"] });

  it.each<[string, ForgedEvidence, Partial<VerifyOptions>, Role[]]>([
    ["where nothing is missing", whole, {}, []],
    ["for a root", lacking("root"), {}, []],
    ["for a CRL that is not wanted", lacking("crl"), { revocation: "skip" }, []],
    ["for a CRL that is there and good", whole, { revocation: "if-available" }, []],
    ["for anything where the report is refused by itself", refused, {}, []],
    ["for a CRL where the chain does not hold", unsigned, {}, []],
    ["for a CRL where a certificate is expired", expired, {}, []],
    ["for what is there", lacking("leaf"), {}, ["leaf"]],
    ["for an intermediate under AMD's anchors", lacking("intermediate", "root"), { anchors: undefined as never }, []],
  ])("%s", async (_, forged, options, roles) => {
    all.asked.length = 0;
    await verify(forged, { collateral: all.collateral, ...options }).catch((error) =>
      expect(error).toHaveProperty("code"),
    );
    expect(all.roles()).toEqual(roles);
  });

  it("for the VCEK of a chip that is masked: nobody could say which", async () => {
    const { collateral, asked } = sourceOf(complete);
    const forged = milan.evidence({ report: { chipId: new Uint8Array(64) }, omit: ["leaf"] });
    const verification = verify(forged, { collateral, allowMaskedChipId: true });
    await expect(verification).toFailWith("ERR_COLLATERAL_MISSING", { role: "VCEK" });
    expect(asked).toEqual([]);
  });

  it("for the leaf of a chain without a report", async () => {
    const { leaf: _leaf, ...others } = { ...whole.evidence.certificates };
    const { collateral, asked } = sourceOf(complete);
    const { now, anchors } = whole;
    await expect(verifyCertificates(others as never, { now, anchors, collateral })).rejects.toThrow(TypeError);
    expect(asked).toEqual([]);
    const { leaf } = { ...whole.evidence.certificates, leaf: whole.leaf.der };
    const verified = await verifyCertificates({ leaf }, { now, anchors, collateral });
    expect(asked.map(({ role }) => role)).toEqual(["intermediate", "crl"]);
    expect(verified.revocation.source).toBe("collateral");
  });
});

const missing = {
  leaf: "ERR_COLLATERAL_MISSING",
  intermediate: "ERR_COLLATERAL_MISSING",
  crl: "ERR_COLLATERAL_CRL_MISSING",
} as const;
const hostile = {
  toString() {
    throw new RangeError("no text");
  },
};

describe.each(["leaf", "intermediate", "crl"] as const)("a source that is asked for the %s", (role) => {
  const ask = (answer: () => unknown, options: Partial<VerifyOptions> = {}) => {
    const { collateral } = sourceOf({ [role]: answer });
    return verify(lacking(role), { collateral, ...options });
  };

  it("and has it", async () => {
    await expect(ask(() => whole[role].der)).resolves.toBeDefined();
  });

  it("and does not have it", async () => {
    await expect(ask(() => undefined)).toFailWith(missing[role]);
  });

  it("and fails in its own way is heard, error and all", async () => {
    await expect(ask(fails)).rejects.toBe(failure);
  });

  it.each([
    new RangeError("socket hang up"),
    new TypeError("fetch failed"),
    "text",
    undefined,
    null,
    Object.create(null),
    hostile,
  ])("and fails with what is no error of ours: %#", async (cause) => {
    const verification = ask(() => Promise.reject(cause));
    await expect(verification).toFailWith("ERR_COLLATERAL_UNAVAILABLE", { role });
    await expect(verification).rejects.toMatchObject({ retryable: true });
    await expect(verification).rejects.toHaveProperty("cause", cause);
  });

  it("and throws before it promises anything", async () => {
    const cause = new RangeError("at once");
    const collateral: CollateralSource = {
      get() {
        throw cause;
      },
    };
    await expect(verify(lacking(role), { collateral })).rejects.toMatchObject({
      code: "ERR_COLLATERAL_UNAVAILABLE",
      cause,
    });
  });

  it("and answers something that is no bytes", async () => {
    for (const answer of [null, "MII", 1, {}, new ArrayBuffer(8), [48, 3]]) {
      const verification = ask(() => answer);
      await expect(verification).toFailWith("ERR_COLLATERAL_UNAVAILABLE", { role });
      await expect(verification).rejects.toHaveProperty("cause", expect.any(TypeError));
    }
  });

  it("and answers bytes that are not what was asked for", async () => {
    await expect(ask(() => Uint8Array.of(1, 2, 3))).toFailWith("ERR_MALFORMED_DER");
    await expect(ask(() => new Uint8Array())).toFailWith("ERR_MALFORMED_DER");
    const limit = role === "crl" ? 65_536 : 16_384;
    await expect(ask(() => new Uint8Array(limit + 1))).toFailWith("ERR_MALFORMED_LENGTH", {
      what: `collateral ${role}`,
    });
  });

  it("and is aborted, as it says itself", async () => {
    const aborted = new CollateralError("ERR_COLLATERAL_ABORTED", "timeout", { reason: "5 s" }, { retryable: true });
    await expect(ask(() => Promise.reject(aborted))).rejects.toBe(aborted);
  });

  it("and finds that the answer is malformed", async () => {
    const malformed = new MalformedError("ERR_MALFORMED_ENCODING", "no PEM", { what: "PEM", reason: "none" });
    await expect(ask(() => Promise.reject(malformed))).rejects.toBe(malformed);
  });
});

describe("what a source gives is judged like evidence", () => {
  const other = milan.evidence({ chip: "1" });
  it.each<[string, Role, () => Uint8Array, string]>([
    ["the leaf of another chip", "leaf", () => other.leaf.der, "ERR_UNTRUSTED_CHIP_ID"],
    ["the leaf of another TCB", "leaf", () => milan.vcek({ tcb: { snp: 1 } }).der, "ERR_UNTRUSTED_TCB_MISMATCH"],
    ["a VLEK", "leaf", () => milan.vlek().der, "ERR_UNTRUSTED_SIGNING_KEY"],
    ["Turin's leaf", "leaf", () => turin.vcek().der, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
    ["an ASK as leaf", "leaf", () => milan.ask().der, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
    ["the ASVK", "intermediate", () => milan.asvk().der, "ERR_UNTRUSTED_BRANCH"],
    ["the ARK", "intermediate", () => milan.ark().der, "ERR_UNTRUSTED_BRANCH"],
    ["Turin's ASK", "intermediate", () => turin.ask().der, "ERR_UNTRUSTED_CERTIFICATE_NAME"],
    [
      "a stranger's ASK",
      "intermediate",
      () => milan.ask({ signWith: milan.foreignCaKey() }).der,
      "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
    ],
    ["a stranger's CRL", "crl", () => milan.crl({ signWith: milan.foreignCaKey() }).der, "ERR_UNTRUSTED_CRL_SIGNATURE"],
    ["Turin's CRL", "crl", () => turin.crl().der, "ERR_UNTRUSTED_CRL_ISSUER"],
    [
      "a CRL that lists the ASK",
      "crl",
      () => milan.crl({ revoked: [{ serial: 0x10001n }] }).der,
      "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
    ],
  ])("%s", async (_, role, answer, code) => {
    const { collateral } = sourceOf({ [role]: answer });
    await expect(verify(lacking(role), { collateral })).toFailWith(code as never);
  });

  it("as does a leaf whose ASK is missing too, under AMD's anchors", async () => {
    const { collateral } = sourceOf(complete);
    const forged = lacking("leaf", "intermediate", "root");
    await expect(verify(forged, { collateral, anchors: undefined as never })).toFailWith(
      "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
    );
  });
});

const DAY = 86_400_000;
const day = (count: number) => new Date(milan.now.getTime() + count * DAY);
const window = (from: number, to: number, options: CrlOptions = {}): CrlOptions => ({
  thisUpdate: day(from),
  nextUpdate: day(to),
  ...options,
});
const ASK = 0x10001n;

/** The evidence's CRL, the source's, and what comes of both. */
interface Meeting {
  name: string;
  evidence?: CrlOptions;
  source?: CrlOptions | (() => unknown);
  revocation: NonNullable<VerifyOptions["revocation"]>;
  comes: object | string;
}

const stale = window(-60, -20);
const meetings: readonly Meeting[] = [
  { name: "none and none, required", revocation: "require", comes: "ERR_COLLATERAL_CRL_MISSING" },
  { name: "none and none", revocation: "if-available", comes: { status: "unavailable", source: null } },
  { name: "none and a failure, required", source: fails, revocation: "require", comes: "ERR_COLLATERAL_UNAVAILABLE" },
  { name: "none and a failure", source: fails, revocation: "if-available", comes: { status: "unavailable" } },
  {
    name: "none and an error that no source should throw: no verdict is made of it",
    source: () => Promise.reject(new RangeError("bug")),
    revocation: "if-available",
    comes: "ERR_COLLATERAL_UNAVAILABLE",
  },
  {
    name: "none and a good one",
    source: {},
    revocation: "require",
    comes: { status: "checked", source: "collateral" },
  },
  {
    name: "none and a good one, not required",
    source: {},
    revocation: "if-available",
    comes: { source: "collateral" },
  },
  { name: "none and a stale one, required", source: stale, revocation: "require", comes: "ERR_COLLATERAL_CRL_STALE" },
  {
    name: "none and a stale one",
    source: stale,
    revocation: "if-available",
    comes: { status: "stale", source: "collateral" },
  },
  {
    name: "none and one from the future",
    source: window(1, 9),
    revocation: "if-available",
    comes: "ERR_COLLATERAL_CRL_FUTURE",
  },
  { name: "a stale one and none, required", evidence: stale, revocation: "require", comes: "ERR_COLLATERAL_CRL_STALE" },
  {
    name: "a stale one and none",
    evidence: stale,
    revocation: "if-available",
    comes: { status: "stale", source: "evidence" },
  },
  {
    name: "a stale one and a good one",
    evidence: stale,
    source: {},
    revocation: "require",
    comes: { status: "checked", source: "collateral" },
  },
  {
    name: "a stale one and a failure, required",
    evidence: stale,
    source: fails,
    revocation: "require",
    comes: "ERR_COLLATERAL_UNAVAILABLE",
  },
  {
    name: "a stale one within the grace and a failure",
    evidence: stale,
    source: fails,
    revocation: { mode: "require", maxStaleMs: 20 * DAY },
    comes: { status: "stale", source: "evidence" },
  },
  {
    name: "a stale one and a failure",
    evidence: stale,
    source: fails,
    revocation: "if-available",
    comes: { status: "stale" },
  },
  {
    name: "a stale one and one that is staler still",
    evidence: stale,
    source: window(-90, -50),
    revocation: "if-available",
    comes: { status: "stale", source: "evidence", thisUpdate: day(-60) },
  },
  {
    name: "a stale one and one that is less stale",
    evidence: stale,
    source: window(-30, -5),
    revocation: "if-available",
    comes: { status: "stale", source: "collateral", thisUpdate: day(-30) },
  },
  {
    name: "one above the greatest age and a young one",
    evidence: window(-10, 30),
    source: window(-1, 30),
    revocation: { mode: "require", maxAgeMs: 2 * DAY },
    comes: { status: "checked", source: "collateral", thisUpdate: day(-1) },
  },
  {
    name: "one above the greatest age and another",
    evidence: window(-10, 30),
    source: window(-9, 30),
    revocation: { mode: "require", maxAgeMs: 2 * DAY },
    comes: "ERR_COLLATERAL_CRL_STALE",
  },
  {
    name: "a stale one that lists the ASK and a good one that does not",
    evidence: window(-60, -20, { revoked: [{ serial: ASK }] }),
    source: {},
    revocation: "require",
    comes: "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
  },
  {
    name: "a stale one that does not list the ASK and a good one that does",
    evidence: stale,
    source: { revoked: [{ serial: ASK }] },
    revocation: "require",
    comes: "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
  },
  {
    name: "a stale one and a stale one that lists the ASK",
    evidence: stale,
    source: window(-90, -50, { revoked: [{ serial: ASK }] }),
    revocation: "if-available",
    comes: "ERR_UNTRUSTED_CERTIFICATE_REVOKED",
  },
];

describe("the CRL of the evidence and that of the source", () => {
  it.each(meetings)("$name", async ({ evidence, source, revocation, comes }) => {
    const forged = evidence === undefined ? lacking("crl") : milan.evidence({ crl: evidence });
    const crl = typeof source === "object" ? () => milan.crl(source).der : source;
    const { collateral, roles } = sourceOf(crl === undefined ? {} : { crl });
    const verification = verify(forged, { collateral, revocation });
    if (typeof comes === "string") await expect(verification).toFailWith(comes as never);
    else expect((await verification).revocation).toMatchObject(comes);
    expect(roles()).toEqual(["crl"]);
  });

  it("is of the same root under two anchors", async () => {
    const aborted = new CollateralError("ERR_COLLATERAL_ABORTED", "timeout", { reason: "5 s" }, { retryable: true });
    const { collateral, asked } = sourceOf({ crl: () => Promise.reject(aborted) });
    const anchors = [milan.ark().der, milan.ark({ notAfter: day(99) }).der];
    const forged = milan.evidence({ omit: ["crl", "root"] });
    await expect(verify(forged, { collateral, anchors })).rejects.toBe(aborted);
    expect(asked).toHaveLength(1);
  });
});

/** A source that never answers, and says when it was asked. */
function hanging() {
  let heard: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const get: CollateralSource["get"] = () => {
    heard();
    return new Promise(() => undefined);
  };
  return { asked, collateral: { get } };
}

/** An engine that counts what it is asked. */
function counting() {
  const calls: string[] = [];
  const engine: CryptoEngine = {
    ...nodeEngine,
    verifyEcdsaP384: (...given) => {
      calls.push("ecdsa");
      return nodeEngine.verifyEcdsaP384(...given);
    },
    verifyRsaPss: (...given) => {
      calls.push("rsa");
      return nodeEngine.verifyRsaPss(...given);
    },
  };
  return { engine, calls };
}

describe("a signal", () => {
  it("that has fired already ends it before anything is asked or computed", async () => {
    const { collateral, asked } = sourceOf(complete);
    const { engine, calls } = counting();
    const signal = AbortSignal.abort("too late");
    const verification = verify(lacking("leaf"), { collateral, engine, signal });
    await expect(verification).toFailWith("ERR_COLLATERAL_ABORTED", { reason: "too late" });
    await expect(verification).rejects.toMatchObject({ retryable: true, cause: "too late" });
    expect([asked, calls]).toEqual([[], []]);
    const { now, anchors } = whole;
    const chain = { leaf: whole.leaf.der, ...whole.evidence.certificates };
    await expect(verifyCertificates(chain, { now, anchors, signal })).toFailWith("ERR_COLLATERAL_ABORTED");
  });

  it.each(["leaf", "intermediate", "crl"] as const)("ends the wait for a %s that never comes", async (role) => {
    const { collateral, asked } = hanging();
    const controller = new AbortController();
    const verification = verify(lacking(role), { collateral, signal: controller.signal, revocation: "if-available" });
    await asked;
    controller.abort(new RangeError("gave up"));
    await expect(verification).toFailWith("ERR_COLLATERAL_ABORTED", { reason: "RangeError: gave up" });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("ends it between the signatures of the chain, asked for at once, and that of the report", async () => {
    const controller = new AbortController();
    const { engine, calls } = counting();
    const impatient: CryptoEngine = {
      ...engine,
      verifyRsaPss: (...given) => {
        controller.abort();
        return engine.verifyRsaPss(...given);
      },
    };
    await expect(verify(whole, { engine: impatient, signal: controller.signal })).toFailWith("ERR_COLLATERAL_ABORTED");
    expect(calls).toEqual(["rsa", "rsa", "rsa"]);
  });

  it("fired by the source itself, as it is asked, ends the wait", async () => {
    const controller = new AbortController();
    const collateral: CollateralSource = {
      get() {
        controller.abort("no more");
        return new Promise(() => undefined);
      },
    };
    const verification = verify(lacking("crl"), { collateral, signal: controller.signal });
    await expect(verification).toFailWith("ERR_COLLATERAL_ABORTED", { reason: "no more" });
  });

  it("fired by a source that then fails leaves no rejection behind that nobody hears", async () => {
    const controller = new AbortController();
    const collateral: CollateralSource = {
      get() {
        controller.abort("no more");
        return Promise.reject(new RangeError("later"));
      },
    };
    const verification = verify(lacking("crl"), { collateral, signal: controller.signal });
    await expect(verification).toFailWith("ERR_COLLATERAL_ABORTED");
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it.each([undefined, Object.create(null), hostile, Symbol("reason")])("may have any reason: %#", async (reason) => {
    const { collateral, asked } = hanging();
    const controller = new AbortController();
    const verification = verify(lacking("crl"), { collateral, signal: controller.signal });
    await asked;
    controller.abort(reason);
    await expect(verification).toFailWith("ERR_COLLATERAL_ABORTED");
  });

  it("is handed to the source, and nothing is where there is none", async () => {
    const { signal } = new AbortController();
    const listened = sourceOf(complete);
    await verify(lacking("leaf", "crl"), { collateral: listened.collateral, signal });
    expect(listened.given.map((options) => options.signal === signal)).toEqual([true, true]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    const alone = sourceOf(complete);
    await verify(lacking("leaf", "crl"), { collateral: alone.collateral });
    expect(alone.given).toEqual([{}, {}]);
  });

  it("that never fires changes nothing, also where the source fails", async () => {
    const { signal } = new AbortController();
    await expect(verify(whole, { signal })).resolves.toBeDefined();
    const { collateral } = sourceOf({ crl: fails });
    await expect(verify(lacking("crl"), { collateral, signal })).rejects.toBe(failure);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("that fires when all is done is too late", async () => {
    const controller = new AbortController();
    const verified = await verify(whole, { signal: controller.signal });
    controller.abort();
    expect(verified.productLine).toBe("Milan");
  });
});

describe("forges of both branches", () => {
  it.each([milan, vlek] satisfies Forge[])("share what a source is asked: $signingKey", async (forge) => {
    const forged = forge.evidence({ omit: ["intermediate"] });
    const { collateral, asked } = sourceOf({ intermediate: () => forged.intermediate.der });
    await expect(verify(forged, { collateral })).resolves.toBeDefined();
    expect(asked).toEqual([{ role: "intermediate", productLine: "Milan", signingKey: forge.signingKey }]);
  });
});
