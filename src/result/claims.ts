import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import type { Tcb } from "../amd/tcb.js";
import type { BindingSchemeName } from "../binding/expected.js";
import type { EvidenceSummary } from "../policy/summary.js";

/** The name of the one member under which a token carries everything that EAR has no claim for. */
export const PRIVATE_CLAIM = "attestry.snp";

/**
 * How the bytes of an attested key stand in `cnf`: as a JWK that gives back a SubjectPublicKeyInfo (`spki`), the 32 raw
 * bytes of an X25519 key (`raw`), the canonical JSON of the JWK itself (`jwk`), or as they are (`bytes`).
 */
export type KeyForm = "spki" | "raw" | "jwk" | "bytes";

/** A failed check that the policy excused. */
export interface ResultWaiver {
  /** The check's id. */
  readonly check: string;
  /** JSON Pointer of the entry in the policy; its reason stays there. */
  readonly pointer: string;
  /** RFC 3339; the token ends no later. */
  readonly until: string;
}

/** What the issuer's data set of advisories says of the platform, by the advisories' ids. */
export interface ResultAdvisories {
  /** SHA-384 of the data set's canonical form, lower-case hex. */
  readonly dataSet: string;
  readonly vulnerable: readonly string[];
  readonly notProvable: readonly string[];
  /** Fixed, or this processor never was affected. */
  readonly fixed: readonly string[];
}

/** How REPORT_DATA came about, where the policy itself asked for a scheme and found it so. */
export interface ResultBinding {
  readonly scheme: BindingSchemeName;
  /** The parts that the verifier took from the evidence. */
  readonly fromEvidence: readonly string[];
  /** How `cnf` gives back the key; null where REPORT_DATA binds none. */
  readonly key: KeyForm | null;
}

/** What a token says of the evidence beside the trust vector. Bytes are lower-case hex, times RFC 3339. */
export interface ResultClaims {
  /** REPORT_ID, which firmware gives to each guest at launch. */
  readonly vmId: string;
  readonly reportVersion: number;
  /** SHA-384 of the report's signed bytes, 0x000 to 0x29F. */
  readonly reportDigest: string;
  readonly measurement: string;
  /** ID_KEY_DIGEST; null where the guest has no ID block. */
  readonly idKeyDigest: string | null;
  readonly vmpl: number;
  /** POLICY, hex with 0x. */
  readonly guestPolicy: string;
  /** PLATFORM_INFO, hex with 0x. */
  readonly platformInfo: string;
  readonly productLine: ProductLine;
  /** Family, model and stepping, as in `0x19-0x01-0x01`; null for a report of version 2. */
  readonly cpuid: string | null;
  readonly tcb: Readonly<Record<"current" | "reported" | "committed" | "launch", Tcb>>;
  readonly firmware: Readonly<Record<"current" | "committed", string>>;
  readonly signingKey: SigningKey;
  /** CHIP_ID under a VCEK; null where it is masked or a VLEK signed, absent where the issuer left it out. */
  readonly chipId?: string | null;
  /** The provider that a VLEK names; null under a VCEK, absent where the issuer left it out. */
  readonly cspId?: string | null;
  /** Whose roots the issuer verified under: under `caller` nothing says that AMD made the chip. */
  readonly anchors: EvidenceSummary["anchors"];
  readonly revocation: EvidenceSummary["revocation"]["status"];
  readonly verifiedAt: string;
  readonly policy: { readonly id: string; readonly digest: string };
  readonly binding: ResultBinding | null;
  readonly waivers: readonly ResultWaiver[];
  /** Ids of the checks that refused; empty in an affirming token. */
  readonly failures: readonly string[];
  /** Null where the issuer assessed none. */
  readonly advisories: ResultAdvisories | null;
}
