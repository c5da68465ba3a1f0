import { describe, expect, it } from "vitest";
import { openThim } from "../../src/evidence/index.js";
import { createForge } from "../../src/testing/index.js";
import { type Broken, describeContainer, describeOptions } from "./support/describe-container.js";
import { doubled, editedBytes, GONE, jsonBytes } from "./support/json.js";
import { certificate, pemText, thimAnswer } from "./support/samples-b.js";

const forge = await createForge({ seed: "thim", now: new Date("2026-09-01T00:00:00Z") });
const forged = forge.evidence();
const { report } = forged.evidence;
const answer = thimAnswer(forged);
const [leaf, ask, ark, crl] = (["leaf", "intermediate", "root", "crl"] as const).map((role) =>
  pemText(certificate(forged, role), role === "crl" ? "X509 CRL" : "CERTIFICATE"),
);
const foreign = pemText(forge.ask({ subject: { commonName: "SEV-Nowhere" } }).der);
const MALFORMED = "ERR_MALFORMED_CONTAINER";
const ENCODING = "ERR_MALFORMED_ENCODING";
const at = (where: string) => ({ container: "thim", where });
const change = (path: string, member: unknown) => editedBytes(answer, path, member);

const broken: readonly Broken[] = [
  ["no JSON", jsonBytes(answer).subarray(1), MALFORMED, at("JSON")],
  ["an array", jsonBytes([answer]), MALFORMED, at("JSON")],
  ["null", jsonBytes(null), MALFORMED, at("JSON")],
  ["a key twice", doubled(answer, "vcekCert"), MALFORMED, at("vcekCert")],
  ["no vcekCert", change("vcekCert", GONE), MALFORMED, at("vcekCert")],
  ["a vcekCert of null", change("vcekCert", null), MALFORMED, at("vcekCert")],
  ["a vcekCert that is no text", change("vcekCert", [1]), MALFORMED, at("vcekCert")],
  ["a vcekCert that is no PEM", change("vcekCert", "MIIB"), ENCODING],
  ["a vcekCert with text around it", change("vcekCert", `VCEK:\n${leaf}`), ENCODING],
  ["an ASK for the VCEK", change("vcekCert", ask), MALFORMED, at("vcekCert")],
  ["two certificates for the VCEK", change("vcekCert", `${leaf}${ask}`), MALFORMED, at("vcekCert")],
  ["no chain", change("certificateChain", GONE), MALFORMED, at("certificateChain")],
  ["an empty chain", change("certificateChain", ""), ENCODING],
  ["a VCEK in the chain as well", change("certificateChain", `${leaf}${ask}${ark}`), MALFORMED, at("certificateChain")],
  ["an ASK twice", change("certificateChain", `${ask}${ark}${ask}`), MALFORMED, at("certificateChain")],
  ["a CRL twice", change("certificateChain", `${ask}${ark}${crl}${crl}`), MALFORMED, at("certificateChain")],
  ["a certificate of nobody's", change("certificateChain", `${foreign}${ark}`), MALFORMED, at("certificateChain")],
  [
    "another label",
    change("certificateChain", `${ask}${ark}`.replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE")),
    MALFORMED,
    at("certificateChain"),
  ],
  ["DER that is cut in PEM", change("certificateChain", pemText(new Uint8Array([0x30, 5, 1]))), "ERR_MALFORMED_DER"],
  ["no tcbm", change("tcbm", GONE), MALFORMED, at("tcbm")],
  ["a tcbm of 15 digits", change("tcbm", "DB1800000000004"), MALFORMED, at("tcbm")],
  ["a tcbm that is no hex", change("tcbm", "DB1800000000000G"), MALFORMED, at("tcbm")],
  ["a tcbm that is a number", change("tcbm", 18), MALFORMED, at("tcbm")],
  ["a cacheControl with words", change("cacheControl", "max-age=86400"), MALFORMED, at("cacheControl")],
  ["a negative cacheControl", change("cacheControl", -1), MALFORMED, at("cacheControl")],
  ["a cacheControl that is true", change("cacheControl", true), MALFORMED, at("cacheControl")],
  ["a limit passed", jsonBytes({ ...answer, more: "x".repeat(262_144) }), "ERR_MALFORMED_LENGTH"],
];

const { crl: _, ...certificates } = forged.evidence.certificates ?? {};

describeContainer({
  name: "openThim",
  open: (thim) => openThim({ report, thim }),
  sound: jsonBytes(answer),
  forged,
  evidence: { report, certificates },
  broken,
});
describeOptions("openThim", (options) => openThim({ report, thim: jsonBytes(answer) }, options));

describe("openThim", () => {
  it("says what THIM says of TCB and age", async () => {
    const { claims } = await openThim({ report, thim: JSON.stringify(answer) });
    expect(claims).toEqual({ tcbm: "db18000000000004", cacheControlSeconds: 86_400 });
  });

  it.each([
    ["a number", change("cacheControl", 60), 60],
    ["nothing", change("cacheControl", GONE), null],
    ["null", change("cacheControl", null), null],
  ])("takes %s for cacheControl", async (__, thim, seconds) => {
    expect((await openThim({ report, thim })).claims.cacheControlSeconds).toBe(seconds);
  });

  it("takes a chain in any order, and a CRL in it", async () => {
    const thim = change("certificateChain", `${crl}\n${ark}\r\n${ask}`);
    expect((await openThim({ report, thim })).evidence).toEqual(forged.evidence);
  });

  it("wants a report, and of the right length", async () => {
    const thim = jsonBytes(answer);
    for (const length of [0, 1183, 1185, 100_000]) {
      const odd = new Uint8Array(length);
      await expect(openThim({ report: odd, thim })).toFailWith("ERR_MALFORMED_LENGTH");
    }
    const odd: readonly unknown[] = [null, {}, { thim }, { report }, { report, thim, more: 1 }, { report: "", thim }];
    for (const input of odd) await expect(openThim(input as never)).rejects.toBeInstanceOf(TypeError);
  });

  it("copies the report before anything is awaited", async () => {
    const mine = report.slice();
    const opening = openThim({ report: mine, thim: jsonBytes(answer) });
    mine.fill(0);
    expect((await opening).evidence.report).toEqual(report);
  });
});
