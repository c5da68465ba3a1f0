import { describe, expect, it } from "vitest";
import { readArguments } from "../../src/cli/arguments.js";
import { formatByName } from "../../src/cli/formats.js";
import { UsageError } from "../../src/cli/usage-error.js";
import { readVerifyPlan, VERIFY_OPTIONS, type VerifyPlan } from "../../src/cli/verify-plan.js";

const plan = (...args: string[]) => readVerifyPlan(readArguments(args, VERIFY_OPTIONS));

const LEAST: VerifyPlan = {
  report: "r",
  format: undefined,
  certs: "c",
  kds: undefined,
  productLine: undefined,
  crl: undefined,
  anchors: undefined,
  policy: undefined,
  reportData: undefined,
  advisories: undefined,
  at: undefined,
  revocation: "require",
  json: false,
};
const BASE = ["r", "--certs", "c"];

describe("readVerifyPlan", () => {
  it.each<[string, readonly string[], Partial<VerifyPlan>]>([
    ["the word alone", ["--signature-only"], {}],
    ["a policy", ["--policy", "p"], { policy: "p" }],
    ["a policy and report data", ["--policy", "p", "--report-data", "00"], { policy: "p", reportData: "00" }],
    ["advisories", ["--policy", "p", "--advisories", "d"], { policy: "p", advisories: "d" }],
    ["a CRL", ["--signature-only", "--crl", "l"], { crl: "l" }],
    ["anchors", ["--signature-only", "--anchors", "a"], { anchors: "a" }],
    ["a time", ["--signature-only", "--at", "2026-06-01T02:00:00+02:00"], { at: new Date("2026-06-01T00:00:00Z") }],
    ["require", ["--signature-only", "--revocation", "require"], { revocation: "require" }],
    ["if-available", ["--signature-only", "--revocation", "if-available"], { revocation: "if-available" }],
    ["skip", ["--signature-only", "--revocation", "skip"], { revocation: "skip" }],
    ["JSON", ["--signature-only", "--json"], { json: true }],
    ["a line", ["--signature-only", "--product-line", "Turin"], { productLine: "Turin" }],
    ["a format", ["--signature-only", "--format", "cmw"], { format: formatByName("cmw") }],
    ["AMD's key server", ["--signature-only", "--fetch"], { kds: { baseUrl: undefined } }],
    ["another", ["--signature-only", "--fetch", "--kds", "http://k:1/p/"], { kds: { baseUrl: "http://k:1/p" } }],
    ["the policy on stdin", ["--policy", "-"], { policy: "-" }],
    ["the CRL on stdin", ["--signature-only", "--crl", "-"], { crl: "-" }],
  ])("reads %s", (_, more, expected) => {
    expect(plan(...BASE, ...more)).toEqual({ ...LEAST, ...expected });
  });

  it.each<[string, readonly string[], RegExp]>([
    ["no operand", ["--certs", "c", "--signature-only"], /REPORT is missing/],
    ["two operands", ["r", "s", "--certs", "c", "--signature-only"], /a second: s/],
    ["empty certificates", ["r", "--certs=", "--signature-only"], /--certs is missing/],
    ["an empty format", [...BASE, "--signature-only", "--format="], /--format is missing/],
    [
      "an unknown format",
      [...BASE, "--signature-only", "--format", "zip"],
      /--format: expected one of report, .*found zip/,
    ],
    ["a key server that is not to be asked", [...BASE, "--signature-only", "--kds", "https://k"], /without --fetch/],
    ["a key server without a URL", [...BASE, "--signature-only", "--fetch", "--kds", "k"], /--kds: the URL must be/],
    ["one of another scheme", [...BASE, "--signature-only", "--fetch", "--kds", "file:///k"], /--kds: the URL must be/],
    [
      "one with a password",
      [...BASE, "--signature-only", "--fetch", "--kds", "https://u:p@k"],
      /without user, password/,
    ],
    ["an unknown line", [...BASE, "--signature-only", "--product-line", "Rome"], /Milan, Genoa, Turin, found Rome/],
    ["neither policy nor word", BASE, /say what to accept/],
    ["policy and word", [...BASE, "--policy", "p", "--signature-only"], /exclude each other/],
    ["report data and word", [...BASE, "--signature-only", "--report-data", "00"], /nothing would look at it/],
    ["report data alone", [...BASE, "--report-data", "00"], /say what to accept/],
    ["an empty CRL", [...BASE, "--signature-only", "--crl="], /--crl is missing/],
    ["empty anchors", [...BASE, "--signature-only", "--anchors="], /--anchors is missing/],
    ["an empty time", [...BASE, "--signature-only", "--at="], /--at is missing/],
    ["an empty word of revocation", [...BASE, "--signature-only", "--revocation="], /--revocation is missing/],
    ["empty report data", [...BASE, "--policy", "p", "--report-data="], /--report-data is missing/],
    ["a word in capitals", [...BASE, "--signature-only", "--revocation", "Require"], /found Require/],
    ["a time of another form", [...BASE, "--signature-only", "--at", "1780272000"], /RFC 3339/],
    ["a long time ago", [...BASE, "--signature-only", "--at", "1970-01-01T00:00:00Z"], /2020-01-01 to 2100-01-01/],
  ])("refuses %s", (_, args, message) => {
    expect(() => plan(...args)).toThrow(UsageError);
    expect(() => plan(...args)).toThrow(message);
  });

  it("does without certificates of its own", () => {
    expect(plan("r", "--signature-only")).toEqual({ ...LEAST, certs: undefined });
  });

  it("lets one file at most come through stdin", () => {
    const files = { report: [], "--certs": [], "--crl": [], "--anchors": [], "--policy": [] };
    for (const first of Object.keys(files)) {
      for (const second of Object.keys(files).filter((name) => name !== first)) {
        const path = (name: string) => (name === first || name === second ? "-" : "f");
        const options = ["--certs", "--crl", "--anchors", "--policy"].flatMap((name) => [name, path(name)]);
        expect(() => plan(path("report"), ...options), `${first} and ${second}`).toThrow(/only one of the files/);
      }
    }
  });
});
