import { createHash, createPublicKey, verify as verifyBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { importJWK, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { assertAppraisal } from "../../src/policy/appraisal.js";
import "../support/expect.js";
import { appraisal, issue, issuerKey, MEASUREMENT, NOW, type Part, partsOf, signed, verify } from "./support.js";

/** The evidence of samples/README.md. */
const CHIP = { chipId: new Uint8Array(64).fill(0xc1) };
const APPRAISALS = {
  accepted: appraisal(CHIP),
  refused: appraisal({ ...CHIP, measurement: new Uint8Array(48), platformInfo: 1n }),
} as const;
const PROFILES = ["ear-03", "ear-deployed"] as const;

function sampleOf(name: string): Part {
  return JSON.parse(readFileSync(new URL(`./samples/${name}.json`, import.meta.url), "utf8"));
}

function issueSample(kind: keyof typeof APPRAISALS, profile: (typeof PROFILES)[number]): Promise<string> {
  return issue({ profile, ...(kind === "refused" ? { issueRefusal: true } : {}) }, APPRAISALS[kind]);
}

const ROWS = PROFILES.flatMap((profile) => (["accepted", "refused"] as const).map((kind) => [kind, profile] as const));

describe.each(ROWS)("the sample of an %s appraisal as %s", (kind, profile) => {
  const sample = sampleOf(`${kind}.${profile}`);

  it("is what a token says, by jose alone", async () => {
    const token = await issueSample(kind, profile);
    const key = await importJWK(issuerKey.publicKey as never, "ES256");
    const { payload, protectedHeader } = await jwtVerify(token, key, {
      algorithms: ["ES256"],
      typ: "eat+jwt",
      issuer: "https://verifier.example",
      audience: "https://agent.example",
      currentDate: new Date(NOW + 1000),
      maxTokenAge: 60,
      requiredClaims: ["eat_profile", "eat_nonce", "submods", "iat", "exp"],
    });
    expect(protectedHeader).toEqual({ alg: "ES256", kid: "issuer-1", typ: "eat+jwt" });
    expect(payload).toEqual(sample);
  });

  it("is what a token says, by node:crypto alone", async () => {
    const token = await issueSample(kind, profile);
    const [header = "", body = "", signature = ""] = token.split(".");
    const key = createPublicKey({ key: issuerKey.publicKey as never, format: "jwk" });
    const bytes = Buffer.from(signature, "base64url");
    expect(verifyBytes("sha256", Buffer.from(`${header}.${body}`), { key, dsaEncoding: "ieee-p1363" }, bytes)).toBe(
      true,
    );
    expect(partsOf(token).payload).toEqual(sample);
  });

  it("has the digests of the signed bytes and of the policy", () => {
    const { bytes } = assertAppraisal(APPRAISALS[kind]).evidence;
    const text = JSON.stringify(sample);
    expect(text).toContain(createHash("sha384").update(bytes.subarray(0, 0x2a0)).digest("hex"));
    const rules = `{"measurement":["${MEASUREMENT}"],"minimumTcb":"any","reportData":{"scheme":"attestry-v1"}}`;
    const digest = createHash("sha384").update(`{"id":"test","snp":${rules},"version":1}`).digest("hex");
    expect(text.split(digest)).toHaveLength(3);
  });

  it("is accepted and refused as it says, by whomever its JSON was written", async () => {
    const token = await signed(sample);
    if (kind === "refused") {
      const detail = { status: "contraindicated", failures: ["snp.measurement"] };
      await expect(verify(token, { profile })).toFailWith("ERR_RESULT_NOT_AFFIRMING", detail);
      return;
    }
    await expect(verify(token, { profile })).resolves.toMatchObject({ status: "affirming", profile });
  });
});
