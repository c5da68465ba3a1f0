import { parseCertificate, parseCrl, parseReport, reportToJson } from "attestry";
import { said, same } from "./assert.js";
import { blobOf, certificatesOf, type Input } from "./input.js";
import type { Case, Suite } from "./suite.js";

function reportCases(input: Input): Case[] {
  return input.reports.map(({ name, report, expected }) => ({
    name,
    run: async () => {
      const bytes = blobOf(input, report);
      same(await said(() => reportToJson(parseReport(bytes))), expected);
      const longer = new Uint8Array(bytes.length + 1);
      longer.set(bytes);
      same(await said(() => parseReport(longer)), "ERR_MALFORMED_LENGTH");
      same(await said(() => parseReport(bytes.subarray(1))), "ERR_MALFORMED_LENGTH");
      same(JSON.stringify(reportToJson(parseReport(longer.subarray(0, bytes.length)))), expected);
    },
  }));
}

function certificateCases(input: Input): Case[] {
  return input.forges.map(({ evidence }) => ({
    name: `certificates of ${evidence.name}`,
    run: async () => {
      const { leaf, intermediate, root, crl } = certificatesOf(input, evidence);
      for (const der of [leaf, intermediate, root]) {
        const bytes = der ?? new Uint8Array();
        parseCertificate(bytes);
        same(await said(() => parseCertificate(new Uint8Array([...bytes, 0]))), "ERR_MALFORMED_DER");
      }
      parseCrl(crl ?? new Uint8Array());
      same(await said(() => parseCrl(leaf ?? new Uint8Array())), "ERR_MALFORMED_CRL");
    },
  }));
}

/** Reports, certificates and CRLs are read as elsewhere, and no byte may be missing or too many. */
export const parseSuite: Suite = {
  name: "parse",
  cases: (input) => [...reportCases(input), ...certificateCases(input)],
};
