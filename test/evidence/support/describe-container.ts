import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ErrorCode, isAttestationError } from "../../../src/errors.js";
import type { Evidence } from "../../../src/evidence/evidence.js";
import type { OpenedEvidence } from "../../../src/evidence/opened.js";
import type { ForgedEvidence } from "../../../src/testing/index.js";
import { verifyEvidence } from "../../../src/verify/evidence.js";

type Open = (input: Uint8Array) => Promise<OpenedEvidence<unknown>>;

/** A form of the container that is wrong in one thing, and how it is refused. */
export type Broken = readonly [what: string, bytes: Uint8Array, code: ErrorCode, detail?: object];

/** What `describeContainer` needs to know. */
export interface ContainerTrial {
  /** The opener's name. */
  name: string;
  open: Open;
  /** A sound container that was made of `forged`. */
  sound: Uint8Array;
  forged: ForgedEvidence;
  /** What the sound container opens to. Default: all of the forged evidence. */
  evidence?: Evidence;
  broken: readonly Broken[];
  /** Lengths at which the sound container may be cut and still be one. Default: none. */
  mayEndAt?: (length: number) => boolean;
}

/** Answers whether it opened; anything thrown but our own errors stays thrown. */
async function opens(open: Open, input: Uint8Array): Promise<boolean> {
  try {
    await open(input);
    return true;
  } catch (error) {
    if (isAttestationError(error)) return false;
    throw error;
  }
}

/** The tests that every container of bytes has: its sound form, its broken ones, and what arguments can be. */
export function describeContainer(trial: ContainerTrial): void {
  const { name, open, sound, forged, evidence = forged.evidence } = trial;
  describe(`${name}: a sound container`, () => {
    it("opens to the evidence it was made of, which verifies", async () => {
      const opened = await open(sound);
      expect(opened.evidence.report).toEqual(evidence.report);
      expect(opened.evidence.certificates ?? {}).toEqual(evidence.certificates ?? {});
      const certificates = { ...forged.evidence.certificates, ...opened.evidence.certificates };
      const { anchors, now } = forged;
      const verified = await verifyEvidence({ ...opened.evidence, certificates }, { anchors, now });
      expect(verified.reportBytes).toEqual(forged.evidence.report);
    });

    it("reads a view of a larger buffer and a Buffer like an array of its own", async () => {
      const wanted = await open(sound);
      const larger = new Uint8Array(sound.length + 80).fill(0xa5);
      larger.set(sound, 33);
      expect(await open(larger.subarray(33, 33 + sound.length))).toEqual(wanted);
      expect(await open(Buffer.from(sound))).toEqual(wanted);
    });

    it("is copied before anything is awaited, and shares no memory with what was opened", async () => {
      const mine = sound.slice();
      const opening = open(mine);
      mine.fill(0xff);
      const opened = await opening;
      expect(opened).toEqual(await open(sound));
      expect(opened.evidence.report.buffer.byteLength).toBe(opened.evidence.report.length);
    });

    it("opens anew at each call", async () => {
      const [one, two] = [await open(sound), await open(sound)];
      one.evidence.report.fill(0);
      one.evidence.certificates?.leaf?.fill(0);
      expect(two).toEqual(await open(sound));
    });
  });

  describe(`${name}: a broken container`, () => {
    it("comes in at least twelve forms", () => expect(trial.broken.length).toBeGreaterThanOrEqual(12));

    for (const [what, bytes, code, detail] of trial.broken) {
      it(`${what} is refused`, async () => {
        await expect(open(bytes)).toFailWith(code, detail);
      });
    }

    it("is refused wherever it is cut", async () => {
      const mayEndAt = trial.mayEndAt ?? (() => false);
      for (let length = 0; length < sound.length; length++) {
        if (!mayEndAt(length)) expect(await opens(open, sound.subarray(0, length)), `cut at ${length}`).toBe(false);
      }
    });
  });

  describe(`${name}: any bytes`, () => {
    it("throw nothing but an AttestationError", async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => void (await opens(open, bytes))),
        { numRuns: 300 },
      );
    });

    it("nor do sound ones with a few bytes changed, left out or put in", async () => {
      const edit = fc.record({ at: fc.nat(sound.length - 1), drop: fc.nat(3), put: fc.uint8Array({ maxLength: 3 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
          const bytes = [...sound];
          for (const { at, drop, put } of edits) bytes.splice(at, drop, ...put);
          await opens(open, Uint8Array.from(bytes));
        }),
        { numRuns: 300 },
      );
    });
  });

  describe(`${name}: the arguments`, () => {
    // The casts stand for a caller without types.
    it.each([undefined, null, 7, {}, [1], new ArrayBuffer(8), new Uint16Array(4)])("%j is a TypeError", async (odd) => {
      await expect(open(odd as unknown as Uint8Array)).rejects.toBeInstanceOf(TypeError);
    });
  });
}

/** An opener with options must refuse those it does not know. */
export function describeOptions(
  name: string,
  open: (options: never) => Promise<unknown>,
  sound: Readonly<Record<string, unknown>> = {},
): void {
  describe(`${name}: the options`, () => {
    it("that are right are taken", async () => {
      await expect(open(sound as never)).resolves.toBeDefined();
    });

    it.each([
      ["an unknown one", { ...sound, binding: "exact" }],
      ["null", null],
      ["a list", []],
    ])("%s is a TypeError", async (_, options) => {
      await expect(open(options as never)).rejects.toBeInstanceOf(TypeError);
    });
  });
}
