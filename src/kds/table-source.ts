import { copyBytes } from "../bytes/arguments.js";
import { parseCertificateTable } from "../evidence/certificate-table.js";
import { promised } from "../evidence/promised.js";
import type { CollateralRequest, CollateralSource } from "../verify/types.js";
import { answersRequest } from "./matching.js";

/** The entry that answers a request, in DER. */
function pick(table: Uint8Array, { role, signingKey }: CollateralRequest): Uint8Array | undefined {
  return parseCertificateTable(table, { signingKey }).certificates[role];
}

/**
 * A source on the certificate table that a host hands out with its reports (GHCB; configfs `auxblob`): its leaf, ASK
 * or ASVK, and CRL, each for requests that it says it answers (line, branch, chip, TCB) and for no others.
 *
 * It is for a table that reaches the verifier apart from the evidence. What came with the evidence belongs to the
 * evidence, where a bad certificate is an error; a source that has the wrong one has none.
 *
 * @param bytes - the table; copied
 * @throws TypeError, MalformedError as `parseCertificateTable`
 *
 * @example
 * ```ts
 * import { createTableSource } from "attestry/kds";
 * import { verifyEvidence } from "attestry";
 * import { certificateTableEntries, createForge, encodeCertificateTable } from "attestry/testing";
 *
 * const { evidence, anchors, now } = (await createForge({ seed: "a host's table" })).evidence();
 * const table = encodeCertificateTable(certificateTableEntries("VCEK", evidence.certificates ?? {}));
 * const collateral = createTableSource(table);
 * await verifyEvidence({ report: evidence.report }, { now, anchors, collateral });
 * ```
 */
export function createTableSource(bytes: Uint8Array): CollateralSource {
  const table = copyBytes(bytes, "bytes");
  parseCertificateTable(table);
  return Object.freeze({
    get: (request: CollateralRequest) =>
      promised(() => {
        const der = pick(table, request);
        return der !== undefined && answersRequest(der, request) ? der : undefined;
      }),
  });
}
