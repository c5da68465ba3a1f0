import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/errors.js";
import "../support/expect.js";
import { issue, type Part, partsOf, signed, snpOf, verify } from "./support.js";

const GOOD = await issue();
const claimsOf = (payload: Part) => snpOf(payload)["attestry.snp"] as Part;

/** A debug bit more than the sound guest has. */
function withDebug(claims: Part): string {
  return `0x${(BigInt(String(claims["guestPolicy"])) | (1n << 19n)).toString(16)}`;
}

type Row = readonly [title: string, change: (payload: Part) => void, where: string];

/** Tokens that the issuer signed, and of which one half denies the other. */
const ROWS: readonly Row[] = [
  ["a debugger that POLICY forbids", (p) => (snpOf(p)["dbgstat"] = "enabled"), "/submods/snp/dbgstat"],
  [
    "no debugger where POLICY allows one",
    (p) => (claimsOf(p)["guestPolicy"] = withDebug(claimsOf(p))),
    "/submods/snp/dbgstat",
  ],
  [
    "affirming, of a guest that may be debugged",
    (p) => {
      claimsOf(p)["guestPolicy"] = withDebug(claimsOf(p));
      snpOf(p)["dbgstat"] = "enabled";
    },
    "/submods/snp",
  ],
  [
    "a nonce in REPORT_DATA that nothing binds",
    (p) => {
      claimsOf(p)["binding"] = null;
      delete p["cnf"];
    },
    "/submods/snp/eat_nonce",
  ],
];

describe("a token that contradicts itself", () => {
  it.each(ROWS)("is refused: %s", async (_, change, where) => {
    const { payload } = partsOf(GOOD);
    change(payload);
    const code: ErrorCode = "ERR_RESULT_MALFORMED";
    await expect(verify(await signed(payload))).toFailWith(code, { where });
  });

  it("is another matter than one that does not", async () => {
    await expect(verify(await signed(partsOf(GOOD).payload))).resolves.toMatchObject({ nonceInReport: true });
    const { payload } = partsOf(GOOD);
    claimsOf(payload)["binding"] = null;
    delete payload["cnf"];
    delete snpOf(payload)["eat_nonce"];
    await expect(verify(await signed(payload))).resolves.toMatchObject({ nonceInReport: false, publicKey: null });
  });
});
