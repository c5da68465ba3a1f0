import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { Evidence } from "../../src/evidence/evidence.js";
import { verifyEvidenceSync as verifyEvidenceNoble } from "../../src/noble/index.js";
import { nodeEngine, verifyEvidenceSync } from "../../src/node/index.js";
import { createForge } from "../../src/testing/index.js";
import { type CertificateChain, verifyCertificates } from "../../src/verify/certificates.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { VerifyOptions } from "../../src/verify/types.js";
import { createVerifier, type VerifierOptions } from "../../src/verify/verifier.js";

const forge = await createForge({ seed: "arguments" });
const forged = forge.evidence();
const { evidence, now, anchors } = forged;
const certificates = { leaf: forged.leaf.der, ...evidence.certificates };
const sound: VerifyOptions = { now, anchors, engine: nodeEngine };

/** Things that are nobody's argument; what they replace is named by the table. */
const NOTHINGS: readonly unknown[] = [null, 0, 1, "", "text", true, Symbol("s"), 1n, [], () => undefined];
const shown = (value: unknown) => (Array.isArray(value) ? "a list" : String(value));

/** The three entries that take evidence, each with options. */
const entries = {
  verifyEvidence: (input: unknown, options: unknown) => verifyEvidence(input as Evidence, options as VerifyOptions),
  "createVerifier().verify": (input: unknown, options: unknown) => {
    const { now: time, ...rest } = options as VerifyOptions;
    return createVerifier({ ...rest, now: () => time } as VerifierOptions).verify(input as Evidence);
  },
  "node's verifyEvidenceSync": async (input: unknown, options: unknown) => {
    const { engine: _engine, ...rest } = options as VerifyOptions;
    return await verifyEvidenceSync(input as Evidence, rest);
  },
};

describe.each(Object.entries(entries))("%s", (_, verify) => {
  it("takes sound arguments", async () => {
    expect((await verify(evidence, sound)).productLine).toBe("Milan");
  });

  it.each(NOTHINGS.map((value) => [shown(value), value]))("refuses evidence that is %s", async (_name, value) => {
    await expect(verify(value, sound)).rejects.toThrow(/^evidence must be an object/);
  });

  const reports: readonly unknown[] = [...NOTHINGS, undefined, {}, new ArrayBuffer(1184), new Uint16Array(592)];
  it.each(reports.map((value) => [shown(value), value]))("refuses a report that is %s", async (_name, value) => {
    await expect(verify({ ...evidence, report: value }, sound)).rejects.toThrow(
      /^evidence\.report must be a Uint8Array/,
    );
  });

  it.each(NOTHINGS.map((value) => [shown(value), value]))("refuses certificates that are %s", async (_name, value) => {
    const message = /^evidence\.certificates must be an object/;
    await expect(verify({ ...evidence, certificates: value }, sound)).rejects.toThrow(message);
  });

  it.each(["leaf", "intermediate", "root", "crl"])("refuses a %s that is no bytes", async (role) => {
    for (const value of [...NOTHINGS, {}, new ArrayBuffer(8), new DataView(new ArrayBuffer(8))]) {
      const wrong = { ...evidence, certificates: { ...evidence.certificates, [role]: value } };
      const verification = verify(wrong, sound);
      await expect(verification, shown(value)).rejects.toThrow(TypeError);
      await expect(verification).rejects.toThrow(new RegExp(`^evidence\\.certificates\\.${role} must be a Uint8Array`));
    }
  });

  it("takes undefined for what is missing", async () => {
    const { crl: _crl, ...others } = { ...evidence.certificates };
    const open = { ...sound, revocation: "if-available" };
    expect((await verify({ ...evidence, certificates: { ...others, crl: undefined } }, open)).revocation.status).toBe(
      "unavailable",
    );
    await expect(verify({ ...evidence, certificates: undefined }, sound)).toFailWith("ERR_COLLATERAL_MISSING");
  });

  it.each(["Report", "certificate", "crl", "leaf", "policy", "__proto__x"])(
    "refuses the key %s in evidence",
    async (key) => {
      await expect(verify({ ...evidence, [key]: evidence.report }, sound)).rejects.toThrow(
        `evidence has no option "${key}"`,
      );
    },
  );

  it.each(["CRL", "crls", "vcek", "ask", "chain", "ark"])("refuses the key %s in certificates", async (key) => {
    const { crl } = { ...evidence.certificates };
    const wrong = { ...evidence, certificates: { ...evidence.certificates, [key]: crl } };
    await expect(verify(wrong, sound)).rejects.toThrow(`evidence.certificates has no option "${key}"`);
  });

  it("refuses keys that are symbols, and inherited ones", async () => {
    await expect(verify({ ...evidence, [Symbol("report")]: 1 }, sound)).rejects.toThrow("Symbol(report)");
    await expect(verify(Object.create(evidence), sound)).rejects.toThrow(/own property, not inherited/);
  });
});

/** Wrong values of each option, and what the message names. */
const wrongOptions: readonly (readonly [option: string, values: readonly unknown[]])[] = [
  ["revocation", [null, 0, "", "Require", "required", "none", false, [], {}, { mode: "none" }, { mode: undefined }]],
  ["revocation", [{ mode: "require", maxStale: 1 }, { maxAgeMs: 1 }, Object.create({ mode: "skip" })]],
  ["revocation.maxStaleMs", [null, -1, Number.NaN, "1", 1n, Number.NEGATIVE_INFINITY, new Date(0)]],
  ["revocation.maxAgeMs", [null, -1, Number.NaN, "1", 1n, Number.NEGATIVE_INFINITY, []]],
  ["collateral", [null, 0, "https://kdsintf.amd.com", true, [], {}, { get: 1 }, { fetch: () => undefined }]],
  [
    "productLine",
    [null, "", "milan", "MILAN", "Rome", "Naples", "Bergamo", "Venice", 0, ["Milan"], Object.create(null)],
  ],
  ["engine", [null, 0, "node", {}, { name: "x" }, { ...nodeEngine, digest: undefined }, () => nodeEngine]],
  [
    "engine",
    [
      { ...nodeEngine, verifyEcdsaP384: true },
      { ...nodeEngine, verifyRsaPss: null },
    ],
  ],
  ["allowMaskedChipId", [null, 0, 1, "true", [], {}]],
];

const ofRevocation = (option: string, value: unknown) => {
  const [, limit] = option.split(".");
  return limit === undefined ? { [option]: value } : { revocation: { mode: "require", [limit]: value } };
};

const optionRows = wrongOptions.flatMap(([option, values]) =>
  values.map((value) => ({ option, given: ofRevocation(option, value) })),
);

const asynchronous = {
  verifyEvidence: (options: object) => verifyEvidence(evidence, options as VerifyOptions),
  verifyCertificates: (options: object) => verifyCertificates(certificates, options as VerifyOptions),
  createVerifier: async (options: object) =>
    await createVerifier({ ...options, now: () => now } as VerifierOptions).verify(evidence),
};

describe.each(Object.entries(asynchronous))("options of %s", (_, verify) => {
  it.each(optionRows)("refuses a wrong $option", async ({ option, given }) => {
    const verification = verify({ ...sound, ...given });
    await expect(verification).rejects.toThrow(TypeError);
    await expect(verification).rejects.toThrow(`options.${option}`);
  });

  it("takes undefined for each option that is not demanded", async () => {
    const names = ["revocation", "collateral", "productLine", "engine", "allowMaskedChipId"];
    const none = Object.fromEntries(names.map((name) => [name, undefined]));
    await expect(verify({ ...sound, ...none })).resolves.toBeDefined();
    const revocation = { mode: "require", maxStaleMs: undefined, maxAgeMs: undefined };
    await expect(verify({ ...sound, revocation })).resolves.toBeDefined();
  });

  it.each(["Anchors", "roots", "time", "skipRevocation", "revocations", "allowDebug", "policy", "crl"])(
    "refuses the unknown option %s",
    async (name) => {
      await expect(verify({ ...sound, [name]: undefined })).rejects.toThrow(`options has no option "${name}"`);
    },
  );
});

describe("inherited options, which somebody else may have set", () => {
  it("are refused", async () => {
    const inherited = Object.assign(Object.create({ allowMaskedChipId: true }), sound);
    const message = /allowMaskedChipId must be the object's own property/;
    await expect(verifyEvidence(evidence, inherited)).rejects.toThrow(message);
    await expect(verifyCertificates(certificates, inherited)).rejects.toThrow(message);
    expect(() => createVerifier(Object.assign(inherited, { now: () => now }))).toThrow(message);
  });
});

/** Times that are none, or none of this century. */
const times: readonly (readonly [name: string, time: unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["0", 0],
  ["milliseconds", now.getTime()],
  ["a text", now.toISOString()],
  ["an object", {}],
  ["an object that only inherits from Date", Object.create(Date.prototype)],
  ["a function", () => now],
  ["not a number", new Date(Number.NaN)],
  ["yesterday", new Date("yesterday")],
  ["the end of 2019", new Date(Date.UTC(2019, 11, 31, 23, 59, 59, 999))],
  ["just after 2100 has begun", new Date(Date.UTC(2100, 0, 1, 0, 0, 0, 1))],
  ["2101", new Date(Date.UTC(2101, 0, 1))],
  ["seconds taken for milliseconds", new Date(now.getTime() / 1000)],
];

describe("the time to judge by", () => {
  it.each(times)("is not %s", async (_name, time) => {
    const options = { ...sound, now: time as Date };
    const { engine: _engine, ...sync } = options;
    await expect(verifyEvidence(evidence, options)).rejects.toThrow(/^options\.now must be a Date/);
    await expect(verifyCertificates(certificates, options)).rejects.toThrow(/^options\.now must be a Date/);
    expect(() => verifyEvidenceSync(evidence, sync)).toThrow(/^options\.now must be a Date/);
    expect(() => verifyEvidenceNoble(evidence, sync)).toThrow(/^options\.now must be a Date/);
    const clock = createVerifier({ ...sound, now: () => time as Date });
    await expect(clock.verify(evidence)).rejects.toThrow(/^options\.now must be a Date/);
    const verifier = createVerifier({ ...sound, now: () => now });
    const given = time === undefined ? { now: null as never } : { now: time as Date };
    await expect(verifier.verify(evidence, given)).rejects.toThrow(/^options\.now must be a Date/);
  });

  it("is a Date of another realm as well", async () => {
    const elsewhere = runInNewContext(`new Date(${now.getTime()})`);
    expect((await verifyEvidence(evidence, { ...sound, now: elsewhere })).verifiedAt).toEqual(now);
  });

  it("is read once, when the call is made", async () => {
    const time = new Date(now);
    const verification = verifyEvidence(evidence, { ...sound, now: time });
    time.setTime(0);
    expect((await verification).verifiedAt).toEqual(now);
  });
});

describe("a verifier's own options", () => {
  it.each([undefined, null, now, 0, "now", {}])("refuses a clock that is %s", (clock) => {
    expect(() => createVerifier({ ...sound, now: clock as never })).toThrow(/^options\.now must be a function/);
  });

  it.each([null, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "1", 1n, []])(
    "refuses maxChains %s",
    (maxChains) => {
      const options = { ...sound, now: () => now, maxChains: maxChains as number };
      expect(() => createVerifier(options)).toThrow(/^options\.maxChains must be a whole number/);
    },
  );

  it("takes a signal with each call and not for life", async () => {
    const { signal } = new AbortController();
    expect(() => createVerifier({ ...sound, now: () => now, signal } as VerifierOptions)).toThrow(
      'options has no option "signal"',
    );
    await expect(createVerifier({ ...sound, now: () => now }).verify(evidence, { signal })).resolves.toBeDefined();
  });

  it.each([
    [{ anchors }, 'has no option "anchors"'],
    [{ revocation: "skip" }, 'has no option "revocation"'],
    [null, "options must be an object"],
    [{ signal: {} }, "options.signal must be an AbortSignal"],
  ])("refuses a call with other options than now and signal: %j", async (call, message) => {
    const verifier = createVerifier({ ...sound, now: () => now });
    await expect(verifier.verify(evidence, call as never)).rejects.toThrow(message);
  });

  it("asks the clock once for each verification, unless it is given a time", async () => {
    let asked = 0;
    const verifier = createVerifier({
      ...sound,
      now: () => {
        asked++;
        return now;
      },
    });
    await verifier.verify(evidence);
    await verifier.verify(evidence, {});
    await verifier.verify(evidence, { now: new Date(now.getTime() + 1000) });
    expect(asked).toBe(2);
  });
});

describe("a signal", () => {
  it.each([null, {}, { aborted: false }, "abort", new AbortController()])(
    "is an AbortSignal and not %s",
    async (signal) => {
      const options = { ...sound, signal: signal as AbortSignal };
      await expect(verifyEvidence(evidence, options)).rejects.toThrow(/^options\.signal must be an AbortSignal/);
      await expect(verifyCertificates(certificates, options)).rejects.toThrow(
        /^options\.signal must be an AbortSignal/,
      );
    },
  );

  it.each(["signal", "collateral", "engine"])("is nothing for the synchronous entry, like %s", (name) => {
    const options = { now, anchors, [name]: undefined };
    expect(() => verifyEvidenceSync(evidence, options)).toThrow(`options has no option "${name}"`);
    expect(() => verifyEvidenceNoble(evidence, options)).toThrow(`options has no option "${name}"`);
  });
});

describe("a chain without a report", () => {
  it.each(NOTHINGS.map((value) => [shown(value), value]))("is no %s", async (_name, value) => {
    const chain = value as CertificateChain;
    await expect(verifyCertificates(chain, sound)).rejects.toThrow(/^certificates must be an object/);
  });

  it("has a leaf", async () => {
    const { leaf: _leaf, ...others } = certificates;
    await expect(verifyCertificates(others as CertificateChain, sound)).rejects.toThrow(TypeError);
    await expect(verifyCertificates({ ...others, leaf: undefined } as never, sound)).rejects.toThrow(
      /^certificates\.leaf must be there/,
    );
  });

  it("has no report and no other key", async () => {
    const chain = { ...certificates, report: evidence.report };
    await expect(verifyCertificates(chain as CertificateChain, sound)).rejects.toThrow('has no option "report"');
  });
});

/** The same bytes as other kinds of byte array. */
const kinds: readonly (readonly [name: string, as: (bytes: Uint8Array) => Uint8Array])[] = [
  ["Buffers", (bytes) => Buffer.from(bytes)],
  ["views into a larger buffer", (bytes) => Uint8Array.of(9, 9, 9, ...bytes, 9).subarray(3, -1)],
  ["bytes of another realm", (bytes) => runInNewContext("Uint8Array.from(bytes)", { bytes: [...bytes] })],
  [
    "views of shared memory",
    (bytes) => {
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 5), 5);
      shared.set(bytes);
      return shared;
    },
  ],
  ["a subclass that lies of itself", (bytes) => new LyingBytes(bytes)],
];

class LyingBytes extends Uint8Array {
  override get length(): number {
    return 3;
  }
  override get byteLength(): number {
    return 3;
  }
  override subarray(): never {
    throw new RangeError("no view");
  }
  override [Symbol.iterator](): never {
    throw new RangeError("no bytes");
  }
}

describe.each(kinds)("%s", (_, as) => {
  const parts = Object.entries({ ...evidence.certificates }).map(([role, bytes]) => [role, as(bytes)]);
  const same = { report: as(evidence.report), certificates: Object.fromEntries(parts) };

  it("are bytes like any others", async () => {
    const expected = (await verifyEvidence(evidence, sound)).toJSON();
    const roots = anchors.map(as);
    expect((await verifyEvidence(same, { ...sound, anchors: roots })).toJSON()).toEqual(expected);
    const verifier = createVerifier({ ...sound, anchors: roots, now: () => now });
    expect((await verifier.verify(same)).toJSON()).toEqual(expected);
    expect((await verifier.verify(same)).toJSON()).toEqual(expected);
    expect((await verifier.verify(evidence)).toJSON()).toEqual(expected);
  });
});

/** An object whose properties answer once, and something else from then on. */
function changeable<T extends object>(
  object: T,
  later: Partial<Record<keyof T, unknown>>,
): { object: T; reads: string[] } {
  const reads: string[] = [];
  const getters = Object.entries(object).map(([key, value]) => {
    const get = () => {
      const first = !reads.includes(key);
      reads.push(key);
      return first ? value : later[key as keyof T];
    };
    return [key, { get, enumerable: true }];
  });
  return { object: Object.defineProperties({} as T, Object.fromEntries(getters)), reads };
}

describe("getters that answer differently the second time", () => {
  it("are asked once", async () => {
    const nobody = { report: new Uint8Array(1184), certificates: {} };
    const inner = changeable({ ...evidence.certificates }, { leaf: forged.root.der, crl: Uint8Array.of(1) });
    const outer = changeable({ ...evidence, certificates: inner.object }, nobody);
    const demand = changeable({ mode: "require" as const, maxStaleMs: 0 }, { mode: "skip", maxStaleMs: 9e15 });
    const options = changeable(
      { ...sound, revocation: demand.object },
      { anchors: [], now: new Date(0), revocation: "skip" },
    );
    const verified = await verifyEvidence(outer.object, options.object);
    expect(verified.reportBytes).toEqual(evidence.report);
    expect(verified.revocation.status).toBe("checked");
    for (const { reads } of [inner, outer, demand, options]) expect(new Set(reads).size).toBe(reads.length);
  });
});

describe("bytes that change during the await", () => {
  const copyOf = ({ report, certificates: parts }: Evidence): Evidence => ({
    report: report.slice(),
    certificates: Object.fromEntries(Object.entries({ ...parts }).map(([role, bytes]) => [role, bytes.slice()])),
  });
  const spoil = ({ report, certificates: parts }: Evidence) => {
    for (const bytes of [report, ...Object.values({ ...parts })]) bytes.fill(0);
  };

  it("were copied before: what was handed in is what is judged", async () => {
    const changing = copyOf(evidence);
    const verification = verifyEvidence(changing, sound);
    spoil(changing);
    expect((await verification).reportBytes).toEqual(evidence.report);
  });

  it("were copied before, also where the verifier remembers the chain", async () => {
    const verifier = createVerifier({ ...sound, now: () => now });
    const first = copyOf(evidence);
    const verifications = [verifier.verify(first)];
    spoil(first);
    await verifications[0];
    const second = copyOf(evidence);
    verifications.push(verifier.verify(second));
    spoil(second);
    for (const verified of await Promise.all(verifications)) expect(verified.reportBytes).toEqual(evidence.report);
    await expect(verifier.verify(evidence)).resolves.toBeDefined();
  });

  it("were copied before in verifyCertificates", async () => {
    const { certificates: parts } = copyOf(evidence);
    const verification = verifyCertificates({ leaf: new Uint8Array(), ...parts }, sound);
    for (const bytes of Object.values({ ...parts })) bytes.fill(0);
    expect((await verification).leaf.hwId).toEqual(forged.chip.hwId);
  });

  it("cannot become sound after they were refused", async () => {
    const changing = copyOf(evidence);
    changing.report[0x50] = 1;
    const verification = verifyEvidence(changing, sound);
    changing.report.set(evidence.report);
    await expect(verification).toFailWith("ERR_UNTRUSTED_REPORT_SIGNATURE");
  });
});
