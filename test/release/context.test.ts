import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import { contextOf, infoOf, matchContext, type ReleaseContext, readContext } from "../../src/release/context.js";

const CONTEXT: ReleaseContext = { challenge: "01".repeat(32), policy: "ab".repeat(48), report: "cd".repeat(48) };

describe("info", () => {
  it("is the label, then id, policy and report, each behind its length", () => {
    const label = "61747465737472792072656c65617365207631";
    const id = `00000040${"3031".repeat(32)}`;
    const digests = `00000030${"ab".repeat(48)}00000030${"cd".repeat(48)}`;
    expect(toHex(infoOf(CONTEXT))).toBe(label + id + digests);
  });

  it("is what other programs may hold theirs against", () => {
    const digest = createHash("sha256").update(infoOf(CONTEXT)).digest("hex");
    const again = createHash("sha256")
      .update("attestry release v1")
      .update(Uint8Array.of(0, 0, 0, 64));
    again
      .update("01".repeat(32))
      .update(Uint8Array.of(0, 0, 0, 48))
      .update(Buffer.alloc(48, 0xab));
    expect(digest).toBe(
      again
        .update(Uint8Array.of(0, 0, 0, 48))
        .update(Buffer.alloc(48, 0xcd))
        .digest("hex"),
    );
  });

  it("differs whenever the context does", () => {
    const digits = (length: number) =>
      fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => toHex(bytes));
    const contexts = fc.record({ challenge: digits(32), policy: digits(48), report: digits(48) });
    fc.assert(
      fc.property(contexts, contexts, (one, two) => {
        const same = one.challenge === two.challenge && one.policy === two.policy && one.report === two.report;
        expect(toHex(infoOf(one)) === toHex(infoOf(two))).toBe(same);
      }),
    );
    expect(toHex(infoOf({ ...CONTEXT, policy: CONTEXT.report, report: CONTEXT.policy }))).not.toBe(
      toHex(infoOf(CONTEXT)),
    );
  });
});

describe("contextOf", () => {
  it("spells the digest of the report and cannot be changed", () => {
    const context = contextOf(CONTEXT.challenge, CONTEXT.policy, new Uint8Array(48).fill(0xcd));
    expect(context).toEqual(CONTEXT);
    expect(Object.isFrozen(context)).toBe(true);
  });
});

describe("readContext", () => {
  it("takes these three members, in whatever order", () => {
    const { challenge, policy, report } = CONTEXT;
    expect(readContext({ report, policy, challenge }, "x")).toEqual(CONTEXT);
  });

  const rows: [string, object][] = [
    ["a challenge that is too long", { challenge: "01".repeat(33) }],
    ["a challenge of other letters", { challenge: "0g".repeat(32) }],
    ["an empty policy", { policy: "" }],
    ["a policy of another digest", { policy: "ab".repeat(32) }],
    ["a report with spaces", { report: ` ${"cd".repeat(47)} ` }],
    ["a report behind a line break", { report: `\n${"cd".repeat(48)}` }],
    ["a number", { report: 5 }],
    ["an object with a text", { report: { toString: () => CONTEXT.report } }],
    ["nothing in a member's place", { policy: undefined }],
    ["one member more", { nonce: "" }],
  ];
  it.each(rows)("refuses %s", (_, change) => {
    expect(() => readContext({ ...CONTEXT, ...change }, "x")).toFailWith("ERR_RELEASE_MALFORMED", { what: "x" });
  });
});

describe("matchContext", () => {
  it("is content with the guest's own context, and with any policy where the guest says so", () => {
    expect(() => matchContext(CONTEXT, { ...CONTEXT })).not.toThrow();
    expect(() => matchContext({ ...CONTEXT, policy: "00".repeat(48) }, { ...CONTEXT, policy: "any" })).not.toThrow();
  });

  it.each(["challenge", "policy", "report"] as const)("names the %s that differs", (field) => {
    const actual = CONTEXT[field].replace(/.$/, "e");
    const detail = { field, expected: CONTEXT[field], actual };
    expect(() => matchContext({ ...CONTEXT, [field]: actual }, CONTEXT)).toFailWith("ERR_RELEASE_CONTEXT", detail);
  });

  it.each(["challenge", "report"] as const)("knows no word for any %s", (field) => {
    const any = { ...CONTEXT, [field]: "any" };
    expect(() => matchContext(CONTEXT, any)).toFailWith("ERR_RELEASE_CONTEXT", { field });
  });
});
