import { describe, expect, it } from "vitest";
import { concatBytes, toBase64, toHex } from "../../src/bytes/codecs.js";
import { openBase64, openHex } from "../../src/evidence/index.js";
import { createForge } from "../../src/testing/index.js";
import { patched, utf8 } from "./support/bytes.js";
import { type Broken, describeContainer, describeOptions } from "./support/describe-container.js";

const forge = await createForge({ seed: "plain text", now: new Date("2026-09-01T00:00:00Z") });
const forged = forge.evidence();
const { report } = forged.evidence;
const hex = toHex(report);
const base64 = toBase64(report);
const ENCODING = "ERR_MALFORMED_ENCODING";
const LENGTH = "ERR_MALFORMED_LENGTH";
const [one, extended] = [report.subarray(1), concatBytes(report, new Uint8Array(24))];

const brokenHex: readonly Broken[] = [
  ["nothing", utf8(""), LENGTH],
  ["a byte less", utf8(toHex(one)), LENGTH],
  ["an extended report", utf8(toHex(extended)), LENGTH],
  ["half a byte less", utf8(hex.slice(1)), ENCODING],
  ["half a byte more", utf8(`${hex}0`), ENCODING],
  ["a prefix", utf8(`0x${hex}`), ENCODING],
  ["colons", utf8(hex.replaceAll(/(..)/g, "$1:")), ENCODING],
  ["a letter too far", patched(utf8(hex), 7, 0x67), ENCODING],
  ["a zero byte", patched(utf8(hex), 7, 0), ENCODING],
  ["a byte above ASCII", patched(utf8(hex), 7, 0xc3), ENCODING],
  ["a byte order mark", utf8(`\ufeff${hex}`), ENCODING],
  ["digits of another script", utf8(hex.replace("0", "٠")), ENCODING],
  ["white space that is not ASCII", utf8(`${hex}\u00a0`), ENCODING],
  ["a vertical tab", utf8(`${hex}\v`), ENCODING],
  ["the report itself", report, ENCODING],
  ["base64", utf8(base64), ENCODING],
  ["a limit passed", utf8(hex.padEnd(8193, "\n")), LENGTH],
];

const brokenBase64: readonly Broken[] = [
  ["nothing", utf8(""), LENGTH],
  ["a byte less", utf8(toBase64(one)), LENGTH],
  ["an extended report", utf8(toBase64(extended)), LENGTH],
  ["a digit less", utf8(base64.slice(1)), ENCODING],
  ["no padding", utf8(base64.replace(/=+$/, "")), ENCODING],
  ["too much padding", utf8(`${base64}====`), ENCODING],
  ["padding in the middle", patched(utf8(base64), 10, 0x3d), ENCODING],
  ["unused bits that are set", utf8(base64.replace(/.=$/, "B=")), ENCODING],
  ["base64url", utf8(toBase64(report.map(() => 0xff)).replaceAll("/", "_")), ENCODING],
  ["a stop", patched(utf8(base64), 7, 0x2e), ENCODING],
  ["a zero byte", patched(utf8(base64), 7, 0), ENCODING],
  ["a byte above ASCII", patched(utf8(base64), 7, 0xe9), ENCODING],
  ["a data URL", utf8(`data:;base64,${base64}`), ENCODING],
  ["the report itself", report, ENCODING],
  ["hex", utf8(hex), LENGTH],
  ["a limit passed", utf8(base64.padEnd(8193, " ")), LENGTH],
];

const sample = { forged, evidence: { report } };
describeContainer({
  ...sample,
  name: "openHex",
  open: (input) => openHex(input),
  sound: utf8(`${hex}\n`),
  broken: brokenHex,
  mayEndAt: (length) => length >= hex.length,
});
describeContainer({
  ...sample,
  name: "openBase64",
  open: (input) => openBase64(input),
  sound: utf8(`${base64}\r\n`),
  broken: brokenBase64,
  mayEndAt: (length) => length >= base64.length,
});
describeOptions("openHex", (options) => openHex(hex, options));
describeOptions("openBase64", (options) => openBase64(base64, options));

describe("plain text", () => {
  it.each([
    ["a string", hex],
    ["upper case", hex.toUpperCase()],
    ["lines of 60, CRLF and indented", hex.replaceAll(/(.{60})/g, "\t$1 \r\n")],
    ["pairs", hex.replaceAll(/(..)/g, "$1 ")],
    ["8192 bytes", hex.padEnd(8192, " ")],
  ])("is hex as %s", async (_, text) => {
    expect(await openHex(text)).toEqual({ evidence: { report }, claims: {} });
  });

  it.each([
    ["a string", base64],
    ["lines of 64", base64.replaceAll(/(.{64})/g, "$1\n")],
    ["with space around it", `  ${base64}  `],
    ["8192 bytes", base64.padEnd(8192, "\n")],
  ])("is base64 as %s", async (_, text) => {
    expect(await openBase64(text)).toEqual({ evidence: { report }, claims: {} });
  });

  it("is cut before it is looked at", async () => {
    await expect(openHex("é".repeat(5_000_000))).toFailWith(LENGTH);
    await expect(openBase64(" ".repeat(5_000_000))).toFailWith(LENGTH);
  });
});
