/**
 * The two spellings of EAR: `ear-03` has the names of draft-ietf-rats-ear-03, `ear-deployed` the dotted ones that
 * Veraison's and Trustee's readers know.
 */
export type ResultProfile = "ear-03" | "ear-deployed";

/** How one profile spells what both say. */
export interface Dialect {
  /** The value of `eat_profile`. */
  readonly uri: string;
  readonly verifierId: string;
  readonly status: string;
  readonly vector: string;
  readonly policyId: string;
  /** Whether the policy stands in a list of its own. */
  readonly policyIsListed: boolean;
  /** Whether the token as a whole says a status beside that of its submodule. */
  readonly statusOutside: boolean;
}

/** Source: draft-ietf-rats-ear-03, section 3; veraison/ear for the deployed names. */
export const DIALECTS: Readonly<Record<ResultProfile, Dialect>> = {
  "ear-03": {
    uri: "tag:ietf.org,2026:rats/ear#03",
    verifierId: "ear_verifier_id",
    status: "ear_status",
    vector: "ear_trustworthiness_vector",
    policyId: "ear_appraisal_policy_ids",
    policyIsListed: true,
    statusOutside: true,
  },
  "ear-deployed": {
    uri: "tag:github.com,2023:veraison/ear",
    verifierId: "ear.verifier-id",
    status: "ear.status",
    vector: "ear.trustworthiness-vector",
    policyId: "ear.appraisal-policy-id",
    policyIsListed: false,
    statusOutside: false,
  },
};

/** The one `typ` of tokens: RFC 9782's media type without its first half. */
export const TOKEN_TYPE = "eat+jwt";

/** The one submodule of a token: the guest. */
export const SUBMODULE = "snp";

/** The longest token, in characters: room for keys of RSA-8192 and some hundred advisories. */
export const MAX_TOKEN_LENGTH = 16_384;

/** The name of a policy as EAR wants one: never the same for two. */
export function policyUri(digest: string): string {
  return `urn:attestry:policy:sha-384:${digest}`;
}

/** A profile that a caller named. @throws TypeError for any other value. */
export function checkProfile(value: unknown, name: string): ResultProfile {
  if (value === "ear-03" || value === "ear-deployed") return value;
  throw new TypeError(`${name} must be "ear-03" or "ear-deployed"`);
}
