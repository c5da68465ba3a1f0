import { encode } from "cborg";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toBase64, toHex } from "../../src/bytes/codecs.js";
import { isAttestationError } from "../../src/errors.js";
import * as evidence from "../../src/evidence/index.js";
import {
  certificateTableEntries,
  createForge,
  encodeCertificateTable,
  type ForgedEvidence,
} from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { attestationOf, chainFields, messageOf, reportFields } from "./support/attestation.js";
import { base64url, padded, patchedWord, utf8 } from "./support/bytes.js";
import { editedBytes, jsonBytes } from "./support/json.js";
import {
  hclSample,
  nitrideDump,
  pemSample,
  thimAnswer,
  tinfoilBundle,
  tinfoilDocument,
  trusteeAz,
  trusteeAz0,
  trusteeSnp,
} from "./support/samples-b.js";
import { tlsCertificate } from "./support/tls-certificate.js";

const forge = await createForge({ seed: "cross", now: new Date("2026-09-01T00:00:00Z") });
// One report for all: bound to runtime data, as an HCL report needs it and nobody else minds.
const { forged, blob } = hclSample(forge);
const vlek = forge.evidence({ signingKey: "VLEK" });
const { report, certificates = {} } = forged.evidence;

const RATSD = "tag:github.com,2024:veraison/ratsd";
const PROFILE = "tag:example.com,2026:profile";
const REPORT_TYPE = "application/vnd.amd.sev-snp.attestation-report";
const TSM_TYPE = "application/vnd.veraison.tsm-report+json";

const table = encodeCertificateTable(certificateTableEntries("VCEK", certificates));
const tsm = { outblob: base64url(report), auxblob: base64url(table), provider: "sev_guest" };
const collection = {
  __cmwc_t: "tag:github.com,2025:veraison/ratsd/cmw",
  "tsm-report": [TSM_TYPE, base64url(jsonBytes(tsm))],
};
const attestation = attestationOf(messageOf(reportFields(report)), messageOf(chainFields(certificates)));

type Opener = (input: Uint8Array) => Promise<evidence.OpenedEvidence<unknown>>;

/** Each opener with sound containers of its own. */
const CONTAINERS: Readonly<Record<string, { open: Opener; samples: Readonly<Record<string, Uint8Array>> }>> = {
  openExtendedReport: {
    open: evidence.openExtendedReport,
    samples: { "extended report": concatBytes(report, table), "bare report": report },
  },
  openMsgReportRsp: {
    open: evidence.openMsgReportRsp,
    samples: {
      MSG_REPORT_RSP: concatBytes(patchedWord(new Uint8Array(32), 4, 1184), report),
      "MSG_REPORT_RSP, padded": padded(concatBytes(patchedWord(new Uint8Array(32), 4, 1184), report), 4000),
    },
  },
  openTsmJson: { open: evidence.openTsmJson, samples: { "TSM report in JSON": jsonBytes(tsm) } },
  openTsmCbor: {
    open: evidence.openTsmCbor,
    samples: { "TSM report in CBOR": encode({ outblob: report, auxblob: table, provider: "sev_guest" }) },
  },
  openCmw: {
    open: evidence.openCmw,
    samples: {
      "CMW record in JSON": jsonBytes([REPORT_TYPE, base64url(report)]),
      "CMW record in CBOR": encode([REPORT_TYPE, report]),
      "CMW collection in JSON": jsonBytes(collection),
    },
  },
  openRatsd: {
    open: evidence.openRatsd,
    samples: { "ratsd token": jsonBytes({ eat_profile: RATSD, cmw: base64url(jsonBytes(collection)) }) },
  },
  openEat: {
    open: (input) => evidence.openEat(input, { profile: PROFILE }),
    samples: { EAT: jsonBytes({ eat_profile: PROFILE, cmw: base64url(jsonBytes(collection)) }) },
  },
  openGoSevGuest: { open: evidence.openGoSevGuest, samples: { Attestation: attestation } },
  openRaTls: {
    open: evidence.openRaTls,
    samples: { "RA-TLS certificate": tlsCertificate({ extensions: [["1.3.9901.2.1", attestation]] }) },
  },
  openAzureHcl: {
    open: (input) => evidence.openAzureHcl(input),
    samples: { "HCL report": blob, "HCL report, padded": padded(blob, 2600) },
  },
  openThim: {
    open: (thim) => evidence.openThim({ report, thim }),
    samples: { "THIM answer": jsonBytes(thimAnswer(forged)) },
  },
  openTrusteeSnp: {
    open: (input) => evidence.openTrusteeSnp(input),
    samples: { "Trustee snp": jsonBytes(trusteeSnp(forged)) },
  },
  openTrusteeAzSnpVtpm: {
    open: (input) => evidence.openTrusteeAzSnpVtpm(input),
    samples: {
      "Trustee az-snp-vtpm 0": jsonBytes(trusteeAz0(forged, blob)),
      "Trustee az-snp-vtpm 1": jsonBytes(trusteeAz(forged, blob, 1)),
      "Trustee az-snp-vtpm 2": jsonBytes(trusteeAz(forged, blob, 2)),
    },
  },
  openTinfoil: {
    open: (input) => evidence.openTinfoil(input),
    samples: {
      "tinfoil document": jsonBytes(tinfoilDocument(report)),
      "tinfoil bundle": jsonBytes(tinfoilBundle(forged)),
    },
  },
  openNitride: {
    open: (input) => evidence.openNitride(input),
    samples: { "Nitride dump": jsonBytes(nitrideDump(vlek)) },
  },
  openHex: { open: (input) => evidence.openHex(input), samples: { hex: utf8(toHex(report)) } },
  openBase64: { open: (input) => evidence.openBase64(input), samples: { base64: utf8(toBase64(report)) } },
  openPem: { open: (input) => evidence.openPem(input), samples: { PEM: pemSample(forged) } },
};

/** The paths of a JSON value's parts, of long arrays the first three. */
function pathsOf(value: unknown, path = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries = Array.isArray(value) ? Object.entries(value).slice(0, 3) : Object.entries(value);
  return [path, ...entries.flatMap(([key, part]) => pathsOf(part, path === "" ? key : `${path}/${key}`))];
}

const samples = Object.entries(CONTAINERS).flatMap(([home, { samples }]) =>
  Object.entries(samples).map(([name, bytes]) => ({ home, name, bytes })),
);

async function verifies(opened: evidence.OpenedEvidence<unknown>, { anchors, now, evidence }: ForgedEvidence) {
  const all = { ...evidence.certificates, ...opened.evidence.certificates };
  return await verifyEvidence({ ...opened.evidence, certificates: all }, { anchors, now });
}

// Who takes whose container is in matrix.test.ts.
describe("every opener", () => {
  it("stands in the table", () => {
    const openers = Object.keys(evidence).filter((name) => name.startsWith("open"));
    // Takes files by name, not one container of bytes.
    expect(Object.keys(CONTAINERS).sort()).toEqual(openers.filter((name) => name !== "openConfigfsTsm").sort());
  });

  it.each(samples)("$home opens $name, which verifies", async ({ home, name, bytes }) => {
    const opened = await CONTAINERS[home]?.open(bytes);
    if (opened === undefined) throw new Error("no such opener");
    await expect(verifies(opened, name === "Nitride dump" ? vlek : forged)).resolves.toBeDefined();
  });

  it("takes nothing but bytes, and texts where the container is one", async () => {
    for (const { open } of Object.values(CONTAINERS)) {
      for (const odd of [null, undefined, 1, {}, [], new ArrayBuffer(4), new DataView(new ArrayBuffer(4))]) {
        await expect(open(odd as unknown as Uint8Array)).rejects.toBeInstanceOf(TypeError);
      }
    }
  });

  it("refuses any JSON with nothing but an AttestationError", async () => {
    const keys = samples.flatMap(({ bytes }) => {
      const text = new TextDecoder().decode(bytes);
      return text.startsWith("{") ? Object.keys(JSON.parse(text)) : [];
    });
    const names = fc.oneof(fc.constantFrom(...keys, "__proto__", "constructor", "toString"), fc.string());
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, fc.jsonValue({ maxDepth: 1 }), fc.array(tie("tree")), tie("object")),
      object: fc.dictionary(names, tie("tree"), { maxKeys: 6 }),
    }));
    const opens = Object.values(CONTAINERS).map(({ open }) => open);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...opens), tree, async (open, value) => {
        const refusal = await open(jsonBytes(value)).catch((error: unknown) => error);
        expect(isAttestationError(refusal), String(refusal)).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  it("refuses sound JSON with one value changed, or opens it, with nothing but an AttestationError", async () => {
    const sound = Object.values(CONTAINERS).flatMap(({ open, samples: own }) =>
      Object.values(own).flatMap((bytes) => {
        const text = new TextDecoder().decode(bytes);
        return /^[{[]/.test(text) ? pathsOf(JSON.parse(text)).map((path) => ({ open, text, path })) : [];
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sound),
        fc.jsonValue({ maxDepth: 2 }),
        async ({ open, text, path }, value) => {
          const bytes = path === "" ? jsonBytes(value) : editedBytes(JSON.parse(text), path, value);
          const outcome = await open(bytes).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(isAttestationError(outcome), String(outcome)).toBe(true);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("passes over __proto__ in JSON, or refuses it, and takes nothing from it", async () => {
    for (const { open, samples: own } of Object.values(CONTAINERS)) {
      for (const bytes of Object.values(own)) {
        const text = new TextDecoder().decode(bytes);
        if (!text.startsWith("{")) continue;
        const inherited = utf8(`{"__proto__":${text}}`);
        const refusal = await open(inherited).catch((error: unknown) => error);
        expect(isAttestationError(refusal), String(refusal)).toBe(true);
        const polluted = utf8(`{"__proto__":{"polluted":1},${text.slice(1)}`);
        const wanted = await open(bytes);
        const found = await open(polluted).catch((error: unknown) => error);
        if (!isAttestationError(found)) expect(found).toEqual(wanted);
        expect("polluted" in {}).toBe(false);
      }
    }
  });
});
