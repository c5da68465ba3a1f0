import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import type { Tcb } from "../amd/tcb.js";
import type { CryptoEngine } from "../crypto/engine.js";
import type { ErrorCode } from "../errors.js";
import type { AttestationReport } from "../report/report.js";

/** How hard revocation is insisted on. `skip` and `if-available` weaken; they are words to grep for. */
export type RevocationMode = "require" | "if-available" | "skip";

/** A revocation mode with limits. */
export interface RevocationOptions {
  mode: RevocationMode;
  /** How long past nextUpdate a CRL still serves, in milliseconds; default 0. Its status is then `stale`. */
  maxStaleMs?: number;
  /** The greatest age of a CRL, now minus thisUpdate, in milliseconds; default none. */
  maxAgeMs?: number;
}

/**
 * What is asked of a source; one certificate or CRL a request. `hwId` is a copy of the chip's own part of CHIP_ID:
 * 64 bytes, on Turin 8.
 * A VLEK is for no chip: its `hwId` is whatever CHIP_ID says, mostly zeros.
 */
export type CollateralRequest =
  | { role: "leaf"; productLine: ProductLine; signingKey: SigningKey; hwId: Uint8Array; reportedTcb: Tcb }
  | { role: "intermediate"; productLine: ProductLine; signingKey: SigningKey }
  | { role: "crl"; productLine: ProductLine; signingKey: SigningKey };

/**
 * Where certificates and CRLs that the evidence lacks come from. What it answers is verified like evidence.
 *
 * `undefined` means "I do not have it". A failure is a `CollateralError`; any other error is wrapped as
 * `ERR_COLLATERAL_UNAVAILABLE`.
 */
export interface CollateralSource {
  /** DER of the one thing that is asked for; the signal is that of the verification. */
  get(request: CollateralRequest, options: { signal?: AbortSignal }): Promise<Uint8Array | undefined>;
}

/**
 * What happened on the way to a verdict, for counters and logs. Frozen and JSON-safe; no chip id, no evidence, no key.
 *
 * - `chain`: a chain holds; it was walked now, or remembered and compared byte for byte.
 * - `collateral`: the source was asked for what the evidence lacks; `code` is that of its failure.
 * - `crl`: revocation is judged by this list; `ageMs` counts from its thisUpdate. Numbers are hex with 0x.
 * - `crl-rollback`: a genuine list was refused, since this verifier has `seen` a newer one.
 */
export type VerifyEvent = Readonly<
  | { type: "chain"; productLine: ProductLine; signingKey: SigningKey; remembered: boolean }
  | {
      type: "collateral";
      role: CollateralRequest["role"];
      outcome: "found" | "missing" | "failed";
      code: ErrorCode | null;
    }
  | {
      type: "crl";
      productLine: ProductLine;
      status: "checked" | "stale";
      number: string | null;
      ageMs: number;
      source: NonNullable<RevocationStatus["source"]>;
    }
  | { type: "crl-rollback"; productLine: ProductLine; number: string; seen: string }
>;

/** Is told what happened. What it returns or throws changes nothing. */
export type VerifyObserver = (event: VerifyEvent) => void;

/** Options of `verifyEvidence`; an unknown name is a TypeError. */
export interface VerifyOptions {
  /** The time to judge by. */
  now: Date;
  /** Default `require`. */
  revocation?: RevocationMode | RevocationOptions;
  /** Self-signed roots in DER that replace all built-in keys. Default: AMD's published keys. */
  anchors?: readonly Uint8Array[];
  /** Asked for what the evidence lacks. Default: nobody. */
  collateral?: CollateralSource;
  /** The product line, where the caller knows it; must agree with report and certificates. */
  productLine?: ProductLine;
  /** Default: WebCrypto. */
  engine?: CryptoEngine;
  /** Accept a CHIP_ID of zeros under a VCEK. Default false. */
  allowMaskedChipId?: boolean;
  /** Told of remembered chains, downloads, the CRL's age and refused rollbacks; changes nothing. Default: nobody. */
  onEvent?: VerifyObserver;
  signal?: AbortSignal;
}

/** How revocation went. */
export interface RevocationStatus {
  readonly status: "checked" | "stale" | "unavailable" | "skipped";
  /** cRLNumber in lower-case hex with 0x. */
  readonly number: string | null;
  readonly thisUpdate: Date | null;
  readonly nextUpdate: Date | null;
  readonly source: "evidence" | "collateral" | "remembered" | null;
}

/** An extension that the profile does not know; never critical. */
export interface OtherExtension {
  readonly oid: string;
  readonly value: Uint8Array;
}

/** A verified CA certificate, or the pinned key that stood for it. */
export interface VerifiedCa {
  readonly role: "ARK" | "ASK" | "ASVK";
  /** `supplied`: walked from its certificate; `pinned`: the built-in key stood for it. */
  readonly origin: "supplied" | "pinned";
  readonly subject: string;
  /** Lower-case hex with 0x. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly otherExtensions: readonly OtherExtension[];
}

/** A verified VCEK or VLEK certificate. */
export interface VerifiedLeaf {
  readonly role: SigningKey;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly structVersion: number;
  readonly productName: string;
  readonly tcb: Tcb;
  /** VCEK: 64 bytes (Milan, Genoa) or 8 (Turin); VLEK: null. */
  readonly hwId: Uint8Array | null;
  /** VLEK: the cloud provider; VCEK: null. */
  readonly cspId: string | null;
  readonly otherExtensions: readonly OtherExtension[];
}

/** A chain that verified. Byte fields and dates are fresh copies at each access. */
export interface VerifiedCertificates {
  readonly productLine: ProductLine;
  readonly signingKey: SigningKey;
  /** Whose roots it was verified under. */
  readonly anchors: "amd" | "caller";
  readonly leaf: VerifiedLeaf;
  readonly intermediate: VerifiedCa;
  readonly root: VerifiedCa;
  readonly revocation: RevocationStatus;
  readonly verifiedAt: Date;
  /** JSON-safe: bytes as lower-case hex, dates as RFC 3339. */
  toJSON(): unknown;
}

declare const verifiedBrand: unique symbol;

/**
 * A report whose signature and chain hold. Made by `verifyEvidence` alone; a cast object is refused at run time.
 *
 * It says who signed what, and nothing about whether you want it: that is `appraise`.
 * Byte fields and dates are fresh copies at each access; changing them changes nothing.
 */
export interface VerifiedEvidence {
  readonly [verifiedBrand]: true;
  readonly report: AttestationReport;
  /** The 1184 bytes as received. */
  readonly reportBytes: Uint8Array;
  readonly productLine: ProductLine;
  readonly signingKey: SigningKey;
  readonly tcb: { readonly current: Tcb; readonly reported: Tcb; readonly committed: Tcb; readonly launch: Tcb };
  readonly certificates: VerifiedCertificates;
  readonly revocation: RevocationStatus;
  readonly verifiedAt: Date;
  /** JSON-safe: bytes as lower-case hex, 64-bit values as hex strings, dates as RFC 3339. */
  toJSON(): unknown;
}
