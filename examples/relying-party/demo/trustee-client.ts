import { bindReportData } from "attestry";
import { openSealed } from "attestry/release";
import { decodeBase64 } from "hono/utils/encode";
import { denied, NOTHING, type Outcome, post } from "./guest.js";
import type { Machine } from "./machines.js";
import { spellOut } from "./trustee-report.js";

/** A cookie as it is sent back. */
function cookieOf(response: Response): string {
  return (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

/** The policy's digest is nothing that Trustee's protocol tells a client, so it opens under any. */
const POLICY = "any";

/**
 * A client of Trustee's key broker protocol: request, challenge, attestation, resource. Its key is of P-256, which the
 * protocol's own clients use. Attestation goes to another copy of the service than the rest.
 */
export async function exchange(
  [service, other]: readonly [string, string],
  machine: Machine,
  resource: string,
): Promise<Outcome> {
  const hello = await post(`${service}/kbs/v0/auth`, { version: "0.4.0", tee: "snp", "extra-params": "" });
  if (hello.status !== 200) return denied(hello);
  const cookie = cookieOf(hello);
  const { nonce } = await hello.json();
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jwk = { alg: "ECDH-ES+A256KW", crv, kty, x, y };
  const teePublicKey = new TextEncoder().encode(JSON.stringify(jwk));
  const { bytes } = await bindReportData("trustee", { nonce: decodeBase64(nonce), teePublicKey });
  const report = machine.report(bytes);
  const evidence = { primary_evidence: spellOut(report), additional_evidence: "" };
  const body = { "runtime-data": { nonce, "tee-pubkey": jwk }, "tee-evidence": evidence };
  const attested = await post(`${other}/kbs/v0/attest`, body, { cookie });
  if (attested.status !== 200) return denied(attested);
  const response = await fetch(`${service}/kbs/v0/resource/${resource}`, { headers: { cookie } });
  if (response.status !== 200) return denied(response);
  const options = { format: "jwe", keyPair: pair, policyDigest: POLICY, report } as const;
  const challengeId = cookie.split("=")[1] ?? "";
  const secret = await openSealed(await response.json(), { ...options, challengeId });
  return { ...NOTHING, secret };
}
