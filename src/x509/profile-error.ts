import type { CertificateRole } from "../amd/names.js";
import { UntrustedError } from "../errors.js";

/** What a role's profile demands and a genuinely signed certificate does not keep. */
export function profileError(role: CertificateRole, field: string, reason: string): UntrustedError {
  return new UntrustedError(
    "ERR_UNTRUSTED_CERTIFICATE_PROFILE",
    `the ${role} certificate does not keep AMD's profile: ${field}: ${reason}; it must not be used`,
    { role, field, reason },
  );
}
