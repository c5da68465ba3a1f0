import type { Json } from "../bytes/canonical-json.js";
import { PRIVATE_CLAIM, type ResultClaims } from "./claims.js";
import { malformed, refusal, shown } from "./fail.js";
import { DEBUG_STATUS, type Payload } from "./payload.js";
import { DIALECTS, type Dialect, policyUri, type ResultProfile, SUBMODULE } from "./profile.js";
import { foreignTcb, readClaims } from "./read-claims.js";
import { checked, isObject, list, members, pattern, type Reader, seconds, text, word } from "./readers.js";
import { isTrustValue, TRUST_CLAIMS, TRUST_TIERS, type TrustVector, tierOf } from "./vector.js";

const value = checked("a whole number of -128 to 127", isTrustValue);
const tier = word(...TRUST_TIERS);
const nonce = pattern("8 to 88 characters of base64url", /^[A-Za-z0-9_-]{8,88}$/);
const debugStatus = word(DEBUG_STATUS.on, DEBUG_STATUS.off);
const someVector = members({}, Object.fromEntries(TRUST_CLAIMS.map((claim) => [claim, value])));
const verifier = members({ developer: text, build: text });

/** A claim that is not there says as much as 0. Source: draft-ietf-rats-ar4si, section 2.3. */
const vector: Reader<TrustVector> = (given, where) => {
  const said = someVector(given, where);
  // Every claim is given its value here.
  return Object.freeze(Object.fromEntries(TRUST_CLAIMS.map((claim) => [claim, said[claim] ?? 0]))) as TrustVector;
};

interface Submodule {
  readonly status: Payload["status"];
  readonly vector: TrustVector;
  readonly policy: string;
  readonly reportNonce: string | null;
  readonly debug: boolean;
  readonly claims: ResultClaims;
}

const oneText: Reader<string> = (given, where) => {
  const [only, ...more] = list(text)(given, where);
  if (only !== undefined && more.length === 0) return only;
  throw malformed(where, "expected a list of one policy");
};

function submodule(dialect: Dialect): Reader<Submodule> {
  // Names of the dialect are computed, so their types are read back one by one.
  const read = members(
    {
      [dialect.status]: tier,
      [dialect.vector]: vector,
      [dialect.policyId]: dialect.policyIsListed ? oneText : text,
      dbgstat: debugStatus,
      [PRIVATE_CLAIM]: readClaims,
    },
    { eat_nonce: nonce },
  );
  return (given, where) => {
    const said: Readonly<Record<string, unknown>> = read(given, where);
    return {
      status: said[dialect.status] as Submodule["status"],
      vector: said[dialect.vector] as TrustVector,
      policy: String(said[dialect.policyId]),
      reportNonce: typeof said["eat_nonce"] === "string" ? said["eat_nonce"] : null,
      debug: said["dbgstat"] === DEBUG_STATUS.on,
      claims: said[PRIVATE_CLAIM] as ResultClaims,
    };
  };
}

/** True where some claim is affirmed, and no other one says anything else: a malfunction (-1) is no affirmation. */
function affirms(said: TrustVector): boolean {
  const values = Object.values(said).filter((one) => one !== 0);
  return values.length > 0 && values.every((one) => tierOf(one) === "affirming");
}

/** POLICY.DEBUG. Source: AMD 56860, guest policy. */
const DEBUG_BIT = 1n << 19n;

/** What is said of debugging must be what POLICY says, and no guest that may be debugged is affirmed. */
function checkDebug({ status, debug, claims }: Payload, where: string): void {
  const allowed = (BigInt(claims.guestPolicy) & DEBUG_BIT) !== 0n;
  if (debug !== allowed) throw malformed(`${where}/dbgstat`, "expected what POLICY.DEBUG says");
  if (debug && status === "affirming") throw malformed(where, "expected nothing affirming of a guest under debugging");
}

/** What the parts of a token must have to do with each other, whoever signed it. */
function checkConsistency(payload: Payload, policy: string, outside: unknown): Payload {
  const { status, vector: said, claims, nonce: asked, reportNonce, cnf } = payload;
  const where = `/submods/${SUBMODULE}`;
  if (status === "affirming" && !affirms(said)) {
    throw malformed(where, `expected a status no better than the vector, which is ${JSON.stringify(said)}`);
  }
  if (outside !== undefined && outside !== status) throw malformed("/", "expected one status, found two");
  if (policy !== policyUri(claims.policy.digest)) throw malformed(where, "expected one policy, found two");
  if (reportNonce !== null && reportNonce !== asked) throw malformed(where, "expected one nonce, found two");
  if ((cnf === null) !== ((claims.binding?.key ?? null) === null)) {
    throw malformed("/cnf", "expected a key exactly where the binding has one");
  }
  if (reportNonce !== null && claims.binding === null) {
    throw malformed(`${where}/eat_nonce`, "expected a nonce only where REPORT_DATA is bound");
  }
  checkDebug(payload, where);
  const foreign = foreignTcb(claims);
  if (foreign !== undefined) {
    throw malformed(`${where}/${PRIVATE_CLAIM}/tcb/${foreign}`, `expected the components of ${claims.productLine}`);
  }
  return payload;
}

function checkProfileOf(payload: Readonly<Record<string, unknown>>, expected: string): void {
  const { eat_profile: found } = payload;
  if (found === expected) return;
  const actual = typeof found === "string" ? found : "none";
  const message = `expected a token of the profile ${expected}, found ${shown(actual)}; ask the issuer for that profile`;
  throw refusal("ERR_RESULT_PROFILE", message, { expected, actual });
}

const object = checked("an object", isObject);

/**
 * What a token says, in one spelling: every claim that it must have, each of its type, and none besides.
 *
 * @throws ResultError `ERR_RESULT_PROFILE` for another profile; `ERR_RESULT_MALFORMED` with the place of the first
 * mistake.
 */
export function readPayload(payload: Readonly<Record<string, unknown>>, profile: ResultProfile): Payload {
  const dialect = DIALECTS[profile];
  checkProfileOf(payload, dialect.uri);
  const said = members(
    {
      ...{ iss: text, aud: text, iat: seconds, exp: seconds, eat_profile: text, [dialect.verifierId]: verifier },
      ...(dialect.statusOutside ? { [dialect.status]: tier } : {}),
      submods: members({ [SUBMODULE]: submodule(dialect) }),
    },
    { eat_nonce: nonce, cnf: object },
  )(payload, "");
  // As above: names of the dialect are computed. Each value is what its reader made.
  const outer: Readonly<Record<string, unknown>> = said;
  const { policy, ...inner } = (outer["submods"] as Readonly<Record<string, Submodule>>)[SUBMODULE] as Submodule;
  const read: Payload = {
    ...inner,
    profile,
    issuer: said.iss,
    audience: said.aud,
    iat: said.iat,
    exp: said.exp,
    verifier: outer[dialect.verifierId] as Payload["verifier"],
    nonce: said.eat_nonce ?? null,
    // Read by JSON.parse, so JSON it is.
    cnf: (said.cnf ?? null) as { readonly [member: string]: Json } | null,
  };
  return checkConsistency(read, policy, outer[dialect.statusOutside ? dialect.status : ""]);
}
