import type { ProductLine, SigningKey } from "../../src/amd/product-lines.js";
import { decodeTcb } from "../../src/amd/tcb.js";
import { type ReportField, reportRange } from "../../src/report/ranges.js";
import { parseReport } from "../../src/report/report.js";
import { createForge, type ReportOptions } from "../../src/testing/index.js";
import { createHandle } from "../../src/verify/handle.js";
import type { CaRecord, ChainRecord, RevocationRecord, VerifiedRecord } from "../../src/verify/record.js";
import type { VerifiedEvidence } from "../../src/verify/types.js";

/** When the records of this file were verified. */
export const VERIFIED_AT = Date.UTC(2026, 5, 1);
export const DAY = 86_400_000;

/** What a record can differ in; fields of the report by AMD's names in camelCase. */
export interface RecordOptions {
  productLine?: ProductLine;
  signingKey?: SigningKey;
  report?: ReportOptions;
  revocation?: Partial<RevocationRecord>;
  /** Of the leaf, the intermediate and the root. */
  notAfter?: { leaf?: number; intermediate?: number; root?: number };
  cspId?: string | null;
  anchors?: ChainRecord["anchors"];
  /** Of leaf and intermediate. */
  fingerprints?: Partial<ChainRecord["fingerprints"]>;
  /** Of the VCEK; null where nobody says. */
  hwId?: Uint8Array;
}

const forge = await createForge({ seed: "records of the policy tests" });

function caRecord(role: CaRecord["role"], line: ProductLine, notAfter: number): CaRecord {
  const times = { notBefore: VERIFIED_AT - 30 * DAY, notAfter };
  return { role, origin: "supplied", subject: `CN=${role}-${line}`, serial: 0x10000n, ...times, otherExtensions: [] };
}

function chainRecord(options: RecordOptions, tcb: VerifiedRecord["tcb"]): ChainRecord {
  const { productLine = "Milan", signingKey = "VCEK", revocation = {}, notAfter = {} } = options;
  const { leaf = VERIFIED_AT + 300 * DAY, intermediate = leaf + DAY, root = leaf + 2 * DAY } = notAfter;
  const vlek = signingKey === "VLEK";
  return {
    productLine,
    signingKey,
    anchors: options.anchors ?? "amd",
    leaf: {
      role: signingKey,
      notBefore: VERIFIED_AT - DAY,
      notAfter: leaf,
      structVersion: 0,
      productName: productLine,
      tcb: tcb.reported,
      hwId: options.hwId ?? null,
      cspId: options.cspId === undefined && vlek ? "CN=cc.provider.example" : (options.cspId ?? null),
      otherExtensions: [],
    },
    intermediate: caRecord(vlek ? "ASVK" : "ASK", productLine, intermediate),
    root: caRecord("ARK", productLine, root),
    fingerprints: { leaf: "1e".repeat(32), intermediate: "a5".repeat(32), ...options.fingerprints },
    revocation: {
      status: "checked",
      number: 5n,
      thisUpdate: VERIFIED_AT - 10 * DAY,
      nextUpdate: VERIFIED_AT + 20 * DAY,
      usableUntil: usableUntil(revocation),
      source: "evidence",
      ...revocation,
    },
    verifiedAt: VERIFIED_AT,
  };
}

/** As verification sets it where no grace was given: a CRL in its window has its end, one that is late has none. */
function usableUntil({ status = "checked", nextUpdate = VERIFIED_AT + 20 * DAY }: Partial<RevocationRecord>) {
  return status === "checked" ? nextUpdate : null;
}

/** A record as verification leaves it, without the cost of signing and verifying anything. */
export function makeRecord(options: RecordOptions = {}): VerifiedRecord {
  const { productLine = "Milan", signingKey = "VCEK", report: fields = {} } = options;
  const { bytes } = forge.report({ signature: "none", productLine, signingKey, ...fields });
  const report = parseReport(bytes);
  const decode = (tcb: Uint8Array) => decodeTcb(productLine, tcb);
  const tcb = {
    current: decode(report.currentTcb),
    reported: decode(report.reportedTcb),
    committed: decode(report.committedTcb),
    launch: decode(report.launchTcb),
  };
  const rangeOf = (field: ReportField) => reportRange(report.version, field);
  return { bytes, report, rangeOf, productLine, signingKey, tcb, chain: chainRecord(options, tcb), memo: {} };
}

/** A handle as `verifyEvidence` returns it, on a record of `makeRecord`. */
export function makeVerified(options: RecordOptions = {}): VerifiedEvidence {
  return createHandle(makeRecord(options));
}
