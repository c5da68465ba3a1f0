import { X509_EXTENSION } from "../amd/oids.js";
import { equalBytes } from "../bytes/codecs.js";
import { CollateralError, UntrustedError } from "../errors.js";
import type { Crl } from "../x509/crl.js";
import type { RootAnchor } from "./anchors.js";
import { type Steps, verifyRsa } from "./steps.js";
import { rfc3339 } from "./validity.js";

const UNDERSTOOD: readonly string[] = [X509_EXTENSION.cRLNumber, X509_EXTENSION.authorityKeyIdentifier];

/** Issuer, signature and form of a CRL; not its window. What passes may be remembered. */
export function* judgeCrl(crl: Crl, anchor: RootAnchor): Steps<void> {
  if (!equalBytes(crl.issuer.der, anchor.nameDer)) {
    const actual = String(crl.issuer.commonName);
    throw new UntrustedError(
      "ERR_UNTRUSTED_CRL_ISSUER",
      `the CRL is ${actual}'s, expected ${anchor.subject}'s; fetch the CRL of the report's product line`,
      { expected: anchor.subject, actual },
    );
  }
  if ((yield verifyRsa(anchor.key, crl.tbs, crl.signature)) !== true) {
    throw new UntrustedError(
      "ERR_UNTRUSTED_CRL_SIGNATURE",
      `the CRL is not signed by ${anchor.subject}; it was altered or is not AMD's`,
      { issuer: anchor.subject },
    );
  }
  judgeForm(crl, anchor);
}

function judgeForm(crl: Crl, anchor: RootAnchor): void {
  const { extensions, criticalEntryExtensions, authorityKeyId, number } = crl;
  const unknown = extensions.find(({ oid, critical }) => critical && !UNDERSTOOD.includes(oid))?.oid;
  const [entryUnknown] = criticalEntryExtensions;
  if (unknown !== undefined) throw formError(unknown, "critical and not understood: not a full CRL");
  if (entryUnknown !== undefined) throw formError(entryUnknown, "critical and not understood, on an entry");
  if (authorityKeyId !== null && !sameKeyId(authorityKeyId, anchor.subjectKeyId)) {
    throw formError("authorityKeyIdentifier", `names another key than ${anchor.subject}`);
  }
  if (number === null && anchor.origin === "amd") throw formError("cRLNumber", "missing");
}

function sameKeyId(authority: Uint8Array, subject: Uint8Array | null): boolean {
  return subject !== null && equalBytes(authority, subject);
}

function formError(field: string, reason: string): UntrustedError {
  return new UntrustedError("ERR_UNTRUSTED_CRL_PROFILE", `the CRL must not be used: ${field}: ${reason}`, {
    field,
    reason,
  });
}

/** Refuses a CRL from the future: clock or CRL is wrong, and neither may be guessed. */
export function judgeNotFuture(crl: Crl, now: number): void {
  if (now >= crl.thisUpdate) return;
  const detail = { thisUpdate: rfc3339(crl.thisUpdate), now: rfc3339(now) };
  throw new CollateralError(
    "ERR_COLLATERAL_CRL_FUTURE",
    `the CRL was made at ${detail.thisUpdate}, after now (${detail.now}); check the clock`,
    detail,
    { retryable: false },
  );
}
