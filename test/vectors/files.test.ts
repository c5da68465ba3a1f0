import { createHash } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { buildVectors } from "../../scripts/vectors/build.js";
import type { ErrorCode } from "../../src/errors.js";
import { PARTS, suiteOf, vectorFile, vectorJson, vectorPaths } from "./files.js";

type Elsewhere =
  | "ERR_MALFORMED_ENCODING"
  | "ERR_MALFORMED_CERTIFICATE_TABLE"
  | "ERR_MALFORMED_FIRMWARE"
  | "ERR_MALFORMED_IGVM"
  | "ERR_MALFORMED_ID_BLOCK"
  | "ERR_MALFORMED_PUBLIC_KEY"
  | "ERR_MALFORMED_POLICY"
  | "ERR_MALFORMED_IMPORT"
  | "ERR_MALFORMED_ADVISORIES"
  | "ERR_MALFORMED_CONTAINER"
  | "ERR_UNSUPPORTED_FIRMWARE"
  | "ERR_UNSUPPORTED_IGVM"
  | "ERR_UNSUPPORTED_IGVM_DIRECTIVE"
  | "ERR_UNSUPPORTED_ID_BLOCK"
  | "ERR_UNSUPPORTED_PUBLIC_KEY"
  | "ERR_UNSUPPORTED_CONTAINER"
  | "ERR_UNSUPPORTED_CRYPTO"
  | "ERR_UNTRUSTED_CONTAINER_BINDING"
  | "ERR_UNTRUSTED_ID_BLOCK_SIGNATURE"
  | "ERR_COLLATERAL_UNAVAILABLE"
  | "ERR_COLLATERAL_BUSY"
  | "ERR_COLLATERAL_NOT_ALLOWED"
  | "ERR_COLLATERAL_CRL_ROLLBACK"
  | "ERR_COLLATERAL_ABORTED"
  | "ERR_POLICY_REJECTED"
  // What follows an appraisal: no evidence is refused for it.
  | Extract<ErrorCode, `ERR_${"CHALLENGE" | "RESULT" | "RELEASE"}_${string}`>;

/** Every other code there is; a new one does not compile until it stands here, and fails until a case has it. */
const REASONS: Readonly<Record<Exclude<ErrorCode, Elsewhere>, true>> = {
  ERR_MALFORMED_LENGTH: true,
  ERR_MALFORMED_RESERVED: true,
  ERR_MALFORMED_DER: true,
  ERR_MALFORMED_CERTIFICATE: true,
  ERR_MALFORMED_CRL: true,
  ERR_UNSUPPORTED_REPORT_VERSION: true,
  ERR_UNSUPPORTED_PRODUCT: true,
  ERR_UNSUPPORTED_SIGNATURE_ALGO: true,
  ERR_UNSUPPORTED_SIGNING_KEY: true,
  ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM: true,
  ERR_UNTRUSTED_MASKED_CHIP_KEY: true,
  ERR_UNTRUSTED_HOST_REQUESTED: true,
  ERR_UNTRUSTED_VMPL: true,
  ERR_UNTRUSTED_GUEST_POLICY: true,
  ERR_UNTRUSTED_TCB_ORDER: true,
  ERR_UNTRUSTED_FIRMWARE_ORDER: true,
  ERR_UNTRUSTED_PRODUCT_LINE: true,
  ERR_UNTRUSTED_SIGNING_KEY: true,
  ERR_UNTRUSTED_BRANCH: true,
  ERR_UNTRUSTED_ROOT: true,
  ERR_UNTRUSTED_CERTIFICATE_NAME: true,
  ERR_UNTRUSTED_CERTIFICATE_SIGNATURE: true,
  ERR_UNTRUSTED_CERTIFICATE_PROFILE: true,
  ERR_UNTRUSTED_CERTIFICATE_NOT_YET_VALID: true,
  ERR_UNTRUSTED_CERTIFICATE_EXPIRED: true,
  ERR_UNTRUSTED_CERTIFICATE_REVOKED: true,
  ERR_UNTRUSTED_CRL_ISSUER: true,
  ERR_UNTRUSTED_CRL_SIGNATURE: true,
  ERR_UNTRUSTED_CRL_PROFILE: true,
  ERR_UNTRUSTED_TCB_MISMATCH: true,
  ERR_UNTRUSTED_CHIP_ID: true,
  ERR_UNTRUSTED_MASKED_CHIP_ID: true,
  ERR_UNTRUSTED_REPORT_SIGNATURE: true,
  ERR_COLLATERAL_MISSING: true,
  ERR_COLLATERAL_CRL_MISSING: true,
  ERR_COLLATERAL_CRL_STALE: true,
  ERR_COLLATERAL_CRL_FUTURE: true,
};

const bases = ["milan-vcek", "genoa-vcek", "turin-vcek", "milan-vlek", "genoa-vlek"];

describe("vectors", () => {
  it("are the same bytes when made anew, and nothing else lies beside them", { timeout: 120_000 }, async () => {
    const made = await buildVectors();
    const found = [...vectorPaths("evidence"), ...vectorPaths("cases")].filter((path) => !path.endsWith("schema.json"));
    expect([...made.keys()].sort()).toEqual(found.sort());
    for (const [path, bytes] of made) {
      expect(Buffer.compare(bytes, vectorFile(path)), `${path} is not what npm run vectors makes`).toBe(0);
    }
  });

  it.each(bases)("evidence/%s holds what its evidence.json says", (base) => {
    const { sha256 } = vectorJson<{ sha256: Record<string, string> }>(`evidence/${base}/evidence.json`);
    expect(Object.keys(sha256)).toHaveLength(5);
    for (const [name, digest] of Object.entries(sha256)) {
      const actual = createHash("sha256")
        .update(vectorFile(`evidence/${base}/${name}`))
        .digest("hex");
      expect(actual, name).toBe(digest);
    }
  });
});

describe("the schema of the cases", () => {
  const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(
    vectorJson<object>("cases/schema.json"),
  );

  it.each(PARTS)("fits %s.json", (part) => {
    expect(validate(suiteOf(part)), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each([
    ["a case without a code that is refused", (test: Record<string, unknown>) => delete test["code"]],
    ["an accepted case with a code", (test: Record<string, unknown>) => Object.assign(test, { result: "valid" })],
    ["a case that changes nothing", (test: Record<string, unknown>) => Object.assign(test, { changes: [] })],
    ["an unknown field", (test: Record<string, unknown>) => Object.assign(test, { extra: 1 })],
    ["an unknown flag", (test: Record<string, unknown>) => Object.assign(test, { flags: ["Odd"] })],
  ])("refuses %s", (_, spoil) => {
    const suite = vectorJson<{ testGroups: { tests: Record<string, unknown>[] }[] }>("cases/report.json");
    const [test] = suite.testGroups[0]?.tests ?? [];
    expect(test?.["result"]).toBe("invalid");
    if (test !== undefined) spoil(test);
    expect(validate(suite)).toBe(false);
  });
});

describe("the cases", () => {
  const suites = PARTS.map((part) => suiteOf(part));

  it.each(suites)("of $part are counted and numbered from 1", ({ numberOfTests, testGroups }) => {
    const ids = testGroups.flatMap(({ tests }) => tests.map(({ tcId }) => tcId));
    expect(ids).toEqual(Array.from({ length: numberOfTests }, (_, index) => index + 1));
  });

  it.each(suites)("of $part explain their flags, and none is told twice on one base", ({ notes, testGroups }) => {
    for (const { tests } of testGroups) {
      const comments = tests.map(({ comment }) => comment);
      expect(new Set(comments).size).toBe(comments.length);
      for (const { flags } of tests) expect(Object.keys(notes)).toEqual(expect.arrayContaining([...flags]));
    }
  });

  it("tell every reason to refuse evidence, but those that only a source, a second call or a policy gives", () => {
    const tests = suites.flatMap(({ testGroups }) => testGroups.flatMap((group) => group.tests));
    const told = new Set(tests.flatMap(({ code }) => code ?? []));
    expect([...told].sort()).toEqual(Object.keys(REASONS).sort());
  });
});
