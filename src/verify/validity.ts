import type { CertificateRole } from "../amd/names.js";
import { UntrustedError } from "../errors.js";

/** The window of a certificate, both ends included; milliseconds since 1970. */
interface Window {
  readonly role: CertificateRole;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Refuses the first certificate in whose window `now` does not lie. */
export function judgeValidity(windows: readonly Window[], now: number): void {
  for (const { role, notBefore, notAfter } of windows) {
    if (!(now >= notBefore)) {
      const detail = { role, notBefore: rfc3339(notBefore), now: rfc3339(now) };
      throw new UntrustedError(
        "ERR_UNTRUSTED_CERTIFICATE_NOT_YET_VALID",
        `the ${role} certificate is valid from ${detail.notBefore}, and now is ${detail.now}; check the clock`,
        detail,
      );
    }
    if (!(now <= notAfter)) {
      const detail = { role, notAfter: rfc3339(notAfter), now: rfc3339(now) };
      throw new UntrustedError(
        "ERR_UNTRUSTED_CERTIFICATE_EXPIRED",
        `the ${role} certificate was valid until ${detail.notAfter}, and now is ${detail.now}; fetch it anew`,
        detail,
      );
    }
  }
}

/** A time as this library writes it. */
export function rfc3339(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
