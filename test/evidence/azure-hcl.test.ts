import { describe, expect, it } from "vitest";
import type { CryptoEngine } from "../../src/crypto/engine.js";
import { openAzureHcl } from "../../src/evidence/index.js";
import { nodeEngine } from "../../src/node/index.js";
import { createForge } from "../../src/testing/index.js";
import { padded, patched, patchedWord } from "./support/bytes.js";
import { type Broken, describeContainer, describeOptions } from "./support/describe-container.js";
import { edited, GONE } from "./support/json.js";
import { hclBlob, hclReportData, hclSample, RUNTIME } from "./support/samples-b.js";

const forge = await createForge({ seed: "azure hcl", now: new Date("2026-09-01T00:00:00Z") });
const { forged, runtimeData, blob } = hclSample(forge);
const { report } = forged.evidence;
const MALFORMED = "ERR_MALFORMED_CONTAINER";
const UNSUPPORTED = "ERR_UNSUPPORTED_CONTAINER";
const at = (where: string) => ({ container: "azure-hcl", where });

/** An HCL report that is sound but for its runtime data. */
const about = (runtime: unknown) => hclSample(forge, runtime).blob;
const withMember = (path: string, member: unknown) => about(edited(RUNTIME, path, member));
const withReportData = (reportData: Uint8Array) => hclBlob(forge.report({ reportData }).bytes, runtimeData);
/** REPORT_DATA by the rule but for one bit. */
const unbound = (index: number) =>
  withReportData(hclReportData(runtimeData).map((byte, position) => (position === index ? byte ^ 1 : byte)));

const broken: readonly Broken[] = [
  ["another signature", patched(blob, 0, 0x49), MALFORMED, at("signature")],
  ["version 0", hclBlob(report, runtimeData, { version: 0 }), UNSUPPORTED, at("version")],
  ["version 3", hclBlob(report, runtimeData, { version: 3 }), UNSUPPORTED, at("version")],
  ["another request", hclBlob(report, runtimeData, { requestType: 1 }), UNSUPPORTED, at("request_type")],
  ["a status", hclBlob(report, runtimeData, { status: 1 }), MALFORMED, at("status")],
  ["reserved bytes that are set", patched(blob, 0x1f, 1), "ERR_MALFORMED_RESERVED"],
  ["report_size one less", patchedWord(blob, 8, blob.length - 1), MALFORMED, at("report_size")],
  ["report_size one more", patchedWord(blob, 8, blob.length + 1), MALFORMED, at("report_size")],
  ["data_size one less", patchedWord(blob, 0x4c0, runtimeData.length + 19), MALFORMED, at("data_size")],
  ["var_size one less", patchedWord(blob, 0x4d0, runtimeData.length - 1), MALFORMED, at("report_size")],
  ["var_size of 4 GiB", patchedWord(blob, 0x4d0, 0xffff_ffff), MALFORMED, at("report_size")],
  [
    "all sizes beyond the end",
    patchedWord(
      patchedWord(patchedWord(blob, 8, blob.length + 9), 0x4c0, runtimeData.length + 29),
      0x4d0,
      runtimeData.length + 9,
    ),
    MALFORMED,
    at("var_size"),
  ],
  ["a byte behind the runtime data", patched(padded(blob, 2600), 2599, 1), MALFORMED],
  [
    "a capability word before the runtime data",
    hclBlob(report, runtimeData, { structureVersion: 2 }),
    UNSUPPORTED,
    at("runtime data version"),
  ],
  ["a report of VBS", hclBlob(report, runtimeData, { reportType: 1 }), UNSUPPORTED, at("report_type")],
  ["a report of TVM", hclBlob(report, runtimeData, { reportType: 3 }), UNSUPPORTED, at("report_type")],
  ["a report of TDX", hclBlob(report, runtimeData, { reportType: 4 }), UNSUPPORTED, at("report_type")],
  ["a report of CCA", hclBlob(report, runtimeData, { reportType: 5 }), UNSUPPORTED, at("report_type")],
  ["a report of nobody", hclBlob(report, runtimeData, { reportType: 99 }), UNSUPPORTED, at("report_type")],
  ["SHA-384", hclBlob(report, runtimeData, { hashType: 2 }), UNSUPPORTED, at("hash_type")],
  ["a limit passed", padded(blob, 65_537), "ERR_MALFORMED_LENGTH"],
  ["a byte of the runtime data changed", patched(blob, blob.length - 3, 0x31), "ERR_UNTRUSTED_CONTAINER_BINDING"],
  ["the first byte of the digest wrong", unbound(0), "ERR_UNTRUSTED_CONTAINER_BINDING"],
  ["the last byte of the digest wrong", unbound(31), "ERR_UNTRUSTED_CONTAINER_BINDING"],
  ["the first byte behind the digest set", unbound(32), "ERR_UNTRUSTED_CONTAINER_BINDING"],
  ["the last byte of REPORT_DATA set", unbound(63), "ERR_UNTRUSTED_CONTAINER_BINDING"],
  ["no binding at all", withReportData(new Uint8Array(64)), "ERR_UNTRUSTED_CONTAINER_BINDING"],
  ["runtime data that are no JSON", about("{"), MALFORMED, at("runtime data")],
  ["runtime data of no bytes", about(""), MALFORMED, at("runtime data")],
  ["a key twice", about('{"keys":[],"keys":[]}'), MALFORMED, at("runtime data")],
  ["__proto__ twice", about('{"keys":[],"__proto__":1,"__proto__":2}'), MALFORMED, at("runtime data")],
  ["an array", about([]), MALFORMED, at("runtime data")],
  ["no keys", withMember("keys", GONE), MALFORMED, at("runtime data/keys")],
  ["keys that are no list", withMember("keys", {}), MALFORMED, at("runtime data/keys")],
  ["nine keys", withMember("keys", Array(9).fill(RUNTIME.keys[0])), MALFORMED, at("runtime data/keys")],
  ["a kid twice", withMember("keys/1/kid", "HCLAkPub"), MALFORMED, at("runtime data/keys")],
  ["a kid that is no text", withMember("keys/0/kid", 1), MALFORMED, at("runtime data/keys/0/kid")],
  ["an EC key", withMember("keys/1/kty", "EC"), UNSUPPORTED, at("runtime data/keys/1/kty")],
  ["a key without modulus", withMember("keys/0/n", GONE), MALFORMED, at("runtime data/keys/0/n")],
  ["an empty exponent", withMember("keys/0/e", ""), MALFORMED, at("runtime data/keys/0/e")],
  ["a modulus in base64", withMember("keys/0/n", "p+/A"), "ERR_MALFORMED_ENCODING"],
  ["user-data of 63 bytes", withMember("user-data", "00".repeat(63)), MALFORMED, at("runtime data/user-data")],
  ["user-data that is no hex", withMember("user-data", "0x".repeat(64)), "ERR_MALFORMED_ENCODING"],
];

describeContainer({
  name: "openAzureHcl",
  open: (input) => openAzureHcl(input),
  sound: padded(blob, 2600),
  forged,
  evidence: { report },
  broken,
  mayEndAt: (length) => length >= blob.length,
});
describeOptions("openAzureHcl", (options) => openAzureHcl(blob, options), { engine: nodeEngine });

describe("openAzureHcl", () => {
  it("hands over the runtime data as they came, the keys and what the guest wrote", async () => {
    const { claims, evidence } = await openAzureHcl(blob);
    expect(evidence.certificates).toBeUndefined();
    expect(claims.runtimeData).toEqual(runtimeData);
    expect(claims.keys).toEqual([
      { kid: "HCLAkPub", modulus: new Uint8Array(256).fill(0xa7), exponent: Uint8Array.of(1, 0, 1) },
      { kid: "HCLEkPub", modulus: new Uint8Array(256).fill(0xc1), exponent: Uint8Array.of(1, 0, 1) },
    ]);
    expect(claims.userData).toEqual(padded(new Uint8Array(0), 64).fill(0xab, 63));
  });

  it.each([
    ["OpenHCL's version", hclBlob(report, runtimeData, { version: 2 })],
    ["white space in the runtime data", about(`${JSON.stringify(RUNTIME, null, 2)}\n`)],
    ["members that nobody knows, __proto__ among them", about('{"keys":[],"__proto__":{"keys":1},"new":1}')],
    ["65536 bytes", padded(blob, 65_536)],
  ])("takes %s", async (_, input) => {
    await expect(openAzureHcl(input)).resolves.toBeDefined();
  });

  it("says null where there is no user-data", async () => {
    expect((await openAzureHcl(withMember("user-data", GONE))).claims.userData).toBeNull();
    expect((await openAzureHcl(withMember("user-data", null))).claims.userData).toBeNull();
  });

  it("digests with the engine it is given", async () => {
    const asked: string[] = [];
    const engine: CryptoEngine = {
      ...nodeEngine,
      digest: (algorithm, data) => {
        asked.push(algorithm);
        return nodeEngine.digest(algorithm, data);
      },
    };
    await openAzureHcl(blob, { engine });
    expect(asked).toEqual(["SHA-256"]);
    const lame: CryptoEngine = { ...nodeEngine, digest: () => new Uint8Array(31) };
    await expect(openAzureHcl(blob, { engine: lame })).toFailWith("ERR_UNSUPPORTED_CRYPTO");
    const broken = { name: "none" } as unknown as CryptoEngine;
    await expect(openAzureHcl(blob, { engine: broken })).rejects.toThrow(/options\.engine/);
  });

  it("names what REPORT_DATA should be and what it is", async () => {
    await expect(openAzureHcl(withReportData(new Uint8Array(64)))).toFailWith("ERR_UNTRUSTED_CONTAINER_BINDING", {
      container: "azure-hcl",
      expected: Buffer.from(hclReportData(runtimeData)).toString("hex"),
      actual: "00".repeat(64),
    });
  });
});
