import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAttestationError } from "../../src/errors.js";
import type { Evidence } from "../../src/evidence/evidence.js";
import { nodeEngine, verifyEvidenceSync } from "../../src/node/index.js";
import { createForge } from "../../src/testing/index.js";
import { verifyCertificates } from "../../src/verify/certificates.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { VerifyOptions } from "../../src/verify/types.js";
import { createVerifier, type VerifierOptions } from "../../src/verify/verifier.js";

const forge = await createForge({ seed: "properties" });
const { evidence, now, anchors } = forge.evidence();
const parts = { ...evidence.certificates };
const sound = { now, anchors, engine: nodeEngine };
const RUNS = { numRuns: 300 };

/** How a call ended: "accepted", the code of a refusal, "TypeError"; anything else that is thrown escapes. */
async function ending(run: () => unknown): Promise<string> {
  try {
    await run();
    return "accepted";
  } catch (error) {
    if (isAttestationError(error)) return error.code;
    if (error instanceof TypeError) return "TypeError";
    throw error;
  }
}

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withTypedArray: true,
  withObjectString: true,
  withSparseArray: true,
});
const bytes = fc.uint8Array({ maxLength: 2000 });

/** Genuine bytes with a few of them changed, cut, lengthened or doubled. */
function nearly(genuine: Uint8Array): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({ at: fc.nat(genuine.length - 1), byte: fc.nat(255) });
  const edited = fc.array(edit, { maxLength: 4 }).map((edits) => {
    const copy = genuine.slice();
    for (const { at, byte } of edits) copy[at] = byte;
    return copy;
  });
  const cut = fc.nat(genuine.length).map((length) => genuine.slice(0, length));
  const longer = fc.uint8Array({ maxLength: 20 }).map((tail) => Uint8Array.of(...genuine, ...tail));
  return fc.oneof({ weight: 4, arbitrary: edited }, cut, longer);
}

const certificate = (genuine: Uint8Array | undefined) =>
  fc.oneof(nearly(genuine ?? new Uint8Array(1)), bytes, fc.constant(genuine), anything);

/** Evidence that is right in some of its parts. */
const nearEvidence = fc.record(
  {
    report: fc.oneof({ weight: 3, arbitrary: nearly(evidence.report) }, bytes, anything),
    certificates: fc.oneof(
      fc.record({
        leaf: certificate(parts.leaf),
        intermediate: certificate(parts.intermediate),
        root: certificate(parts.root),
        crl: certificate(parts.crl),
      }),
      anything,
    ),
  },
  { requiredKeys: [] },
);

const option = <T>(good: T) => fc.oneof(fc.constant(good), anything);

/** Options that are right in some of their parts. */
const nearOptions = fc.record(
  {
    now: fc.oneof({ weight: 5, arbitrary: fc.constant(now) }, fc.date({ noInvalidDate: false }), anything),
    anchors: option(anchors),
    revocation: fc.oneof(
      option("require"),
      fc.record({ mode: option("skip"), maxStaleMs: option(0), maxAgeMs: fc.double() }),
    ),
    productLine: option("Milan"),
    allowMaskedChipId: option(true),
    engine: option(nodeEngine),
    signal: option(new AbortController().signal),
    collateral: option({ get: () => Promise.resolve(undefined) }),
  },
  { requiredKeys: ["now"] },
);

describe("whatever is handed in, nothing but our errors and TypeErrors comes out", () => {
  it("evidence of any kind", async () => {
    const verifier = createVerifier({ ...sound, now: () => now });
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, nearEvidence), async (input) => {
        const given = input as Evidence;
        const awaited = await ending(() => verifyEvidence(given, sound));
        const { engine: _engine, ...sync } = sound;
        expect(await ending(() => verifyEvidenceSync(given, sync))).toBe(awaited);
        expect(await ending(() => verifier.verify(given))).toBe(awaited);
      }),
      RUNS,
    );
  });

  it("options of any kind", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, nearOptions), async (input) => {
        await ending(() => verifyEvidence(evidence, input as VerifyOptions));
        await ending(() => verifyCertificates({ leaf: new Uint8Array(), ...parts }, input as VerifyOptions));
        await ending(() => createVerifier(input as VerifierOptions).verify(evidence));
      }),
      RUNS,
    );
  });

  it("chains of any kind", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, nearEvidence), async (input) => {
        const certificates =
          typeof input === "object" && input !== null && "certificates" in input ? input.certificates : input;
        await ending(() => verifyCertificates(certificates as never, sound));
      }),
      RUNS,
    );
  });

  it("clocks, call options and sources of any kind", async () => {
    const { leaf: _leaf, ...others } = parts;
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        await ending(() => createVerifier({ ...sound, now: () => value as Date }).verify(evidence));
        await ending(() => createVerifier({ ...sound, now: () => now }).verify(evidence, value as never));
        const collateral = { get: () => value as never };
        await ending(() => verifyEvidence({ ...evidence, certificates: others }, { ...sound, collateral }));
        const failing = { get: () => Promise.reject(value) };
        const failed = ending(() =>
          verifyEvidence({ ...evidence, certificates: others }, { ...sound, collateral: failing }),
        );
        expect(await failed).toBe("ERR_COLLATERAL_UNAVAILABLE");
      }),
      RUNS,
    );
  });
});

describe("whatever is changed in sound evidence", () => {
  it("it is accepted only where nothing was", async () => {
    const change = fc.oneof(
      ...(["report", "leaf", "intermediate", "root", "crl"] as const).map((part) =>
        nearly(part === "report" ? evidence.report : (parts[part] ?? new Uint8Array(1))).map((changed) => ({
          part,
          changed,
        })),
      ),
    );
    await fc.assert(
      fc.asyncProperty(change, async ({ part, changed }) => {
        const original = part === "report" ? evidence.report : parts[part];
        const input: Evidence =
          part === "report"
            ? { ...evidence, report: changed }
            : { ...evidence, certificates: { ...parts, [part]: changed } };
        const same = Buffer.compare(changed, original ?? changed) === 0;
        expect((await ending(() => verifyEvidence(input, sound))) === "accepted").toBe(same);
      }),
      RUNS,
    );
  });

  it("the place of the bytes does not matter, nor what lies around them", async () => {
    const around = fc.tuple(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ maxLength: 70 }));
    const json = JSON.stringify(await verifyEvidence(evidence, sound));
    await fc.assert(
      fc.asyncProperty(around, async ([before, behind]) => {
        const inside = (genuine: Uint8Array) =>
          Uint8Array.of(...before, ...genuine, ...behind).subarray(before.length, before.length + genuine.length);
        const certificates = Object.fromEntries(Object.entries(parts).map(([role, der]) => [role, inside(der)]));
        const verified = await verifyEvidence({ report: inside(evidence.report), certificates }, sound);
        expect(JSON.stringify(verified)).toBe(json);
      }),
      { numRuns: 30 },
    );
  });
});
