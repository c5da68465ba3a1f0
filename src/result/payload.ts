import type { Json } from "../bytes/canonical-json.js";
import { PRIVATE_CLAIM, type ResultClaims } from "./claims.js";
import { DIALECTS, policyUri, type ResultProfile, SUBMODULE } from "./profile.js";
import type { TrustTier, TrustVector } from "./vector.js";

/** What a token says, whatever its spelling. */
export interface Payload {
  readonly profile: ResultProfile;
  readonly issuer: string;
  readonly audience: string;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp: number;
  readonly verifier: { readonly developer: string; readonly build: string };
  readonly status: TrustTier;
  readonly vector: TrustVector;
  /** As `eat_nonce` of the token: what was asked with. */
  readonly nonce: string | null;
  /** As `eat_nonce` of the submodule: what REPORT_DATA binds. */
  readonly reportNonce: string | null;
  readonly debug: boolean;
  readonly cnf: { readonly [member: string]: Json } | null;
  readonly claims: ResultClaims;
}

/** `dbgstat` of a guest: POLICY is fixed at launch, so what is off stays off. Source: RFC 9711, section 4.2.9. */
export const DEBUG_STATUS = { on: "enabled", off: "disabled-permanently" } as const;

/** The payload as JSON, its members in a fixed order. Claims of 0 are left out of the vector, as EAR has it. */
export function writePayload(payload: Payload): string {
  const { profile, verifier, status, vector, nonce, reportNonce, cnf, claims } = payload;
  const dialect = DIALECTS[profile];
  const policy = policyUri(claims.policy.digest);
  return JSON.stringify({
    iss: payload.issuer,
    aud: payload.audience,
    iat: payload.iat,
    exp: payload.exp,
    eat_profile: dialect.uri,
    ...(nonce === null ? {} : { eat_nonce: nonce }),
    [dialect.verifierId]: verifier,
    ...(dialect.statusOutside ? { [dialect.status]: status } : {}),
    ...(cnf === null ? {} : { cnf }),
    submods: {
      [SUBMODULE]: {
        [dialect.status]: status,
        [dialect.vector]: Object.fromEntries(Object.entries(vector).filter(([, value]) => value !== 0)),
        [dialect.policyId]: dialect.policyIsListed ? [policy] : policy,
        ...(reportNonce === null ? {} : { eat_nonce: reportNonce }),
        dbgstat: payload.debug ? DEBUG_STATUS.on : DEBUG_STATUS.off,
        [PRIVATE_CLAIM]: claims,
      },
    },
  });
}
