import { describe, expect, it } from "vitest";
import { appraise, definePolicy } from "../../src/policy/index.js";
import { verifyCertificates } from "../../src/verify/certificates.js";
import { assertVerified } from "../../src/verify/record.js";
import type { VerifiedEvidence } from "../../src/verify/types.js";
import { forgeOf, HIERARCHIES, judge } from "./forged.js";

const vcek = await forgeOf();
const turin = await forgeOf("Turin");
const extra = { extensions: { add: [{ oid: "1.2.3.4", critical: false, value: Uint8Array.of(5, 0) }] } };

/** Evidence with something in every field that holds bytes. */
const fresh = () =>
  judge(vcek, { evidence: { leaf: extra, report: { patch: [{ offset: 0x1eb, bytes: Uint8Array.of(1) }] } } });

/** Every object that can be reached from `root` through properties, getters, prototypes and answers of toJSON. */
function reachable(root: object): Set<object> {
  const found = new Set<object>();
  const visit = (value: unknown): void => {
    if (!isObject(value) || found.has(value) || isBuiltIn(value)) return;
    found.add(value);
    if (value instanceof Uint8Array || value instanceof Date) return;
    for (const owner of prototypesOf(value)) {
      visit(owner);
      for (const key of Reflect.ownKeys(owner)) visit(propertyOf(owner, key, value));
    }
    if ("toJSON" in value) visit(jsonOf(value));
  };
  visit(root);
  return found;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" || typeof value === "function") && value !== null;
}

/** What belongs to the language and not to a handle. */
function isBuiltIn(value: object): boolean {
  return [Object, Function, Array, Date, Uint8Array].some((maker) => value === maker || value === maker.prototype);
}

/** The object itself and what it inherits from. */
function prototypesOf(value: object): object[] {
  const owners: object[] = [];
  for (let at: object | null = value; at !== null && !isBuiltIn(at); at = Object.getPrototypeOf(at)) owners.push(at);
  return owners;
}

function propertyOf(owner: object, key: string | symbol, receiver: object): unknown {
  try {
    return Reflect.get(owner, key, receiver);
  } catch {
    return undefined;
  }
}

function jsonOf(value: object): unknown {
  try {
    return Reflect.apply(Reflect.get(value, "toJSON"), value, []);
  } catch {
    return undefined;
  }
}

/** Overwrites bytes, dates and whatever properties let themselves be changed. Answers how many bytes and dates. */
function vandalize(objects: Iterable<object>): { bytes: number; dates: number } {
  let [bytes, dates] = [0, 0];
  for (const object of objects) {
    if (object instanceof Uint8Array) {
      bytes += object.fill(0xee).length;
    } else if (object instanceof Date) {
      object.setTime(0);
      dates++;
    } else {
      const keys = Reflect.ownKeys(object).filter((key) => key !== "length");
      for (const key of keys) Reflect.set(object, key, "vandalized");
    }
  }
  return { bytes, dates };
}

const policy = await definePolicy({
  version: 1,
  id: "handle",
  snp: {
    measurement: "any",
    reportData: "any",
    minimumTcb: "any",
  },
});

describe("verified evidence", () => {
  it.each(HIERARCHIES)("says what was verified: $productLine $signingKey", async ({ productLine, signingKey }) => {
    const forge = await forgeOf(productLine, signingKey);
    const verified = judge(forge, {});
    const forged = forge.evidence();
    expect(verified.reportBytes).toEqual(forged.evidence.report);
    expect(verified.tcb).toEqual({
      current: forged.chip.tcb,
      reported: forged.chip.tcb,
      committed: forged.chip.tcb,
      launch: forged.chip.tcb,
    });
    expect(verified.certificates.leaf).toMatchObject({ role: signingKey, tcb: forged.chip.tcb });
    expect(verified.certificates.leaf.hwId).toEqual(signingKey === "VCEK" ? forged.chip.hwId : null);
    expect(verified.revocation).toEqual(verified.certificates.revocation);
    expect(verified.verifiedAt).toEqual(forged.now);
    expect(verified.certificates.verifiedAt).toEqual(forged.now);
  });

  it("cannot be changed", () => {
    const verified = fresh();
    expect(Object.isFrozen(verified)).toBe(true);
    expect(Object.isFrozen(verified.certificates)).toBe(true);
    expect(Object.isFrozen(verified.certificates.leaf.otherExtensions)).toBe(true);
    for (const name of ["report", "reportBytes", "tcb", "certificates", "anything"]) {
      expect(() => Object.assign(verified, { [name]: 1 }), name).toThrow(TypeError);
    }
  });

  it("hands out bytes and dates anew at each access", () => {
    const { certificates, ...rest } = { certificates: fresh().certificates };
    expect(rest).toEqual({});
    expect(certificates.leaf.hwId).not.toBe(certificates.leaf.hwId);
    certificates.leaf.hwId?.fill(0);
    certificates.leaf.notAfter.setTime(0);
    certificates.intermediate.notAfter.setTime(0);
    certificates.verifiedAt.setTime(0);
    certificates.revocation.nextUpdate?.setTime(0);
    expect(certificates.leaf.hwId).toEqual(vcek.chip().hwId);
    expect(certificates.toJSON()).toEqual(fresh().certificates.toJSON());
  });
});

describe("overwriting every byte reachable from verified evidence", () => {
  it("changes neither its JSON, nor its properties, nor an appraisal", () => {
    const verified = fresh();
    const untouched = fresh();
    const inputs = { now: vcek.now };
    const before = JSON.stringify(appraise(verified, policy, inputs));
    const spoilt = vandalize(reachable(verified));
    expect(spoilt.bytes).toBeGreaterThan(1184 + 64);
    expect(spoilt.dates).toBeGreaterThan(5);
    expect(JSON.stringify(verified)).toBe(JSON.stringify(untouched));
    expect(verified.reportBytes).toEqual(untouched.reportBytes);
    expect(verified.report).toEqual(untouched.report);
    expect(verified.tcb).toEqual(untouched.tcb);
    expect(verified.verifiedAt).toEqual(untouched.verifiedAt);
    expect(JSON.stringify(appraise(verified, policy, inputs))).toBe(before);
    expect(JSON.stringify(appraise(untouched, policy, inputs))).toBe(before);
  });

  it("holds for what verifyCertificates returned", async () => {
    const { evidence, now, anchors } = vcek.evidence({ leaf: extra });
    const { leaf = new Uint8Array(), ...rest } = { ...evidence.certificates };
    const verified = await verifyCertificates({ leaf, ...rest }, { now, anchors });
    const before = JSON.stringify(verified);
    vandalize(reachable(verified));
    expect(JSON.stringify(verified)).toBe(before);
  });
});

const bigints = (_key: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);

/** What only looks like verified evidence. */
const impostors: readonly (readonly [name: string, make: (verified: VerifiedEvidence) => unknown])[] = [
  ["nothing", () => undefined],
  ["null", () => null],
  ["a string", () => "verified"],
  ["a function", () => () => undefined],
  ["an empty object", () => ({})],
  ["its JSON", (verified) => verified.toJSON()],
  ["a spread copy", (verified) => ({ ...verified })],
  ["a copy with every property", (verified) => ({ ...verified, report: verified.report, tcb: verified.tcb })],
  ["an object that inherits from it", (verified) => Object.create(verified)],
  ["an object with its prototype", (verified) => Object.create(Object.getPrototypeOf(verified))],
  ["a Proxy of it", (verified) => new Proxy(verified, {})],
  ["its prototype", (verified) => Object.getPrototypeOf(verified)],
  ["its certificates", (verified) => verified.certificates],
  [
    "a plain object with the prototype set",
    (verified) => Object.setPrototypeOf({ ...verified }, Object.getPrototypeOf(verified)),
  ],
];

describe("what only looks like verified evidence", () => {
  it.each(impostors)("is a TypeError: %s", (_, make) => {
    const impostor = make(fresh());
    expect(() => assertVerified(impostor)).toThrow(TypeError);
    expect(() => appraise(impostor as VerifiedEvidence, policy, { now: vcek.now })).toThrow(/verified must be/);
  });

  it("and the thing itself is none of them", () => {
    expect(assertVerified(fresh()).productLine).toBe("Milan");
    expect(appraise(judge(vcek, {}), policy, { now: vcek.now })).toMatchObject({ verdict: "accept", failures: [] });
  });

  it("cannot be constructed by way of a handle, and no handle opens its record", () => {
    const verified = fresh();
    const record = { ...assertVerified(verified), productLine: "Turin" };
    for (let owner = Object.getPrototypeOf(verified); owner !== null; owner = Object.getPrototypeOf(owner)) {
      const maker = owner.constructor;
      if (maker === Object || maker === undefined) continue;
      expect(() => Reflect.construct(maker, [record])).toThrow(TypeError);
      expect(() => Reflect.construct(maker, [record, Symbol("seal")])).toThrow(TypeError);
      expect(() => Reflect.construct(class extends maker {}, [record])).toThrow(TypeError);
      expect(Reflect.ownKeys(maker).filter((key) => typeof Reflect.get(maker, key) === "function")).toEqual([]);
    }
  });

  it.each(["report", "reportBytes", "productLine", "signingKey", "tcb", "certificates", "revocation", "verifiedAt"])(
    "reads nothing off a stranger through the getter of %s",
    (name) => {
      const verified = fresh();
      const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(verified), name) ?? {};
      const [read, property] = [get?.call(verified), verified[name as keyof VerifiedEvidence]];
      expect(JSON.stringify(read, bigints)).toBe(JSON.stringify(property, bigints));
      expect(() => get?.call({ ...verified })).toThrow(TypeError);
    },
  );
});

describe("the JSON of verified evidence", () => {
  it("is plain data, safe to stringify as often as one likes", () => {
    const verified = fresh();
    const json = verified.toJSON();
    expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    expect(JSON.parse(JSON.stringify(verified))).toEqual(json);
    expect(structuredClone(json)).toEqual(json);
    const certificates = verified.certificates.toJSON();
    expect(JSON.parse(JSON.stringify(verified.certificates))).toEqual(certificates);
    expect(json).toMatchObject(certificates as object);
  });

  it("has bytes in hex, dates as RFC 3339 and nothing that is missing", () => {
    expect(judge(turin, {}).toJSON()).toMatchObject({
      productLine: "Turin",
      signingKey: "VCEK",
      anchors: "caller",
      leaf: { hwId: expect.stringMatching(/^[0-9a-f]{16}$/), cspId: null, tcb: { fmc: 1, snp: 4 } },
      intermediate: { role: "ASK", serial: "0x30001", notBefore: expect.stringMatching(/^\d{4}-.*Z$/) },
      root: { role: "ARK", origin: "supplied", serial: "0x30000" },
      revocation: { status: "checked", source: "evidence", number: "0x1", thisUpdate: "2026-05-25T00:00:00.000Z" },
      verifiedAt: "2026-06-01T00:00:00.000Z",
      report: { version: 5 },
    });
    expect(fresh().toJSON()).toMatchObject({ leaf: { otherExtensions: [{ oid: "1.2.3.4", value: "0500" }] } });
  });

  it("has nulls where revocation was skipped", () => {
    const nothing = { number: null, thisUpdate: null, nextUpdate: null, source: null };
    expect(judge(vcek, { options: { revocation: "skip" } }).toJSON()).toMatchObject({
      revocation: { status: "skipped", ...nothing },
    });
  });
});

describe("the root's own extensions", () => {
  it("are reported where its certificate is at hand", () => {
    const oids = ({ otherExtensions }: { readonly otherExtensions: readonly { oid: string }[] }) =>
      otherExtensions.map(({ oid }) => oid);
    const [keyIdentifier, distributionPoints] = ["2.5.29.14", "2.5.29.31"];
    expect(oids(judge(vcek, {}).certificates.root)).toEqual([keyIdentifier, distributionPoints]);
    expect(oids(judge(vcek, { evidence: { omit: ["root"] } }).certificates.root)).toEqual([
      keyIdentifier,
      distributionPoints,
    ]);
  });
});

describe("the class behind a handle", () => {
  it("is reached from no handle, and nothing that handles share can be changed", () => {
    const verified: object = judge(vcek, {});
    const prototypes: object[] = [];
    for (let at: object | null = verified; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      prototypes.push(at);
    }
    expect(prototypes).toHaveLength(3);
    for (const prototype of prototypes) {
      expect(Object.isFrozen(prototype)).toBe(true);
      expect(Object.hasOwn(prototype, "constructor")).toBe(false);
    }
    expect(verified.constructor).toBe(Object);
  });
});
