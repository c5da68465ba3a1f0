import {
  type OpenedEvidence,
  openAzureHcl,
  openCmw,
  openExtendedReport,
  openGoSevGuest,
  openMsgReportRsp,
  openNitride,
  openPem,
  openRaTls,
  openRatsd,
  openTinfoil,
  openTrusteeAzSnpVtpm,
  openTrusteeSnp,
  openTsmCbor,
  openTsmJson,
  REPORT_PEM_LABEL,
} from "attestry/evidence";

/** A report's length in bytes, the same in every version. */
export const REPORT_LENGTH = 1184;

/** What a container is looked at by: its bytes, and the JSON in them where there is any. */
interface Looked {
  readonly bytes: Uint8Array;
  readonly text: string | null;
  readonly json: unknown;
}

/** A container that evidence comes in. */
export interface Container {
  /** What it is, for people. */
  readonly doc: string;
  fits(looked: Looked): boolean;
  /** Unverified: what is inside. */
  open(bytes: Uint8Array): Promise<OpenedEvidence<unknown>>;
}

const TSM = ["outblob", "auxblob", "manifestblob", "provider", "service_provider", "privlevel"];

function word(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return at + 4 <= bytes.length ? view.getUint32(at, true) : 0;
}

/** A report begins with its version, a small number. */
function beginsAsReport({ bytes }: Looked): boolean {
  return bytes.length >= REPORT_LENGTH && word(bytes, 0) > 0 && word(bytes, 0) < 256;
}

function has(...names: readonly string[]): (looked: Looked) => boolean {
  return ({ json }) => {
    if (typeof json !== "object" || json === null || Array.isArray(json)) return false;
    return names.every((name) => Object.hasOwn(json, name));
  };
}

function cborKey(bytes: Uint8Array): string | null {
  const [head = 0, key = 0] = bytes;
  if (head <= 0xa0 || head > 0xb7 || key < 0x60 || key > 0x77) return null;
  return new TextDecoder("latin1").decode(bytes.subarray(2, 2 + key - 0x60));
}

function isCmwRecord(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === "string" && value[0].includes("/");
}

function isCmw({ bytes, json }: Looked): boolean {
  if (json === undefined) return [0x82, 0x83, 0xda].includes(bytes[0] ?? 0) || cborKey(bytes) !== null;
  if (typeof json !== "object" || json === null) return false;
  const values = Object.entries(json).filter(([name]) => name !== "__cmwc_t");
  return isCmwRecord(json) || (values.length > 0 && values.every(([, value]) => isCmwRecord(value)));
}

function isProtobuf({ bytes }: Looked): boolean {
  const end = bytes.subarray(1, 6).findIndex((byte) => byte < 0x80);
  return bytes[0] === 0x0a && end >= 0 && bytes[end + 2] === 0x08;
}

function isTinfoil(looked: Looked): boolean {
  const { json } = looked;
  const format: unknown = typeof json === "object" && json !== null ? Reflect.get(json, "format") : null;
  return String(format).startsWith("https://tinfoil.sh/") || has("enclaveAttestationReport")(looked);
}

const alone: Container = {
  doc: "attestation report",
  fits: (looked) => looked.bytes.length === REPORT_LENGTH && beginsAsReport(looked),
  open: (bytes) => Promise.resolve({ evidence: { report: bytes }, claims: {} }),
};

/** A report and what a host puts behind it. */
export const REPORT_AND_TABLE: Container = {
  doc: "report with a certificate table",
  fits: beginsAsReport,
  open: openExtendedReport,
};

/** Every container that is known, the first that fits is the one. */
const CONTAINERS: readonly Container[] = [
  alone,
  { doc: "PEM with a report", fits: ({ text }) => text?.includes(REPORT_PEM_LABEL) ?? false, open: openPem },
  REPORT_AND_TABLE,
  {
    doc: "firmware's answer (MSG_REPORT_RSP)",
    fits: ({ bytes }) => word(bytes, 0) === 0 && word(bytes, 4) === REPORT_LENGTH,
    open: openMsgReportRsp,
  },
  { doc: "TSM report, JSON", fits: has("outblob"), open: openTsmJson },
  { doc: "TSM report, CBOR", fits: ({ bytes }) => TSM.includes(cborKey(bytes) ?? ""), open: openTsmCbor },
  { doc: "ratsd token", fits: has("eat_profile", "cmw"), open: openRatsd },
  { doc: "Trustee evidence", fits: has("attestation_report"), open: openTrusteeSnp },
  { doc: "Trustee evidence, Azure vTPM", fits: has("tpm_quote", "hcl_report"), open: openTrusteeAzSnpVtpm },
  { doc: "Trustee evidence, Azure vTPM", fits: has("quote", "report"), open: openTrusteeAzSnpVtpm },
  { doc: "tinfoil attestation", fits: isTinfoil, open: openTinfoil },
  { doc: "Nitride dump", fits: has("Provider", "Attestation"), open: openNitride },
  { doc: "Azure HCL report", fits: ({ bytes }) => word(bytes, 0) === 0x414c4348, open: openAzureHcl },
  { doc: "go-sev-guest protobuf", fits: isProtobuf, open: openGoSevGuest },
  { doc: "conceptual message wrapper (CMW)", fits: isCmw, open: openCmw },
];

/** A TLS certificate with evidence in it; asked for where a certificate is none of AMD's. */
export const RA_TLS: Container = { doc: "TLS certificate with evidence (RA-TLS)", fits: () => false, open: openRaTls };

/** The container that bytes have the shape of; undefined for none. */
export function containerOf(looked: Looked): Container | undefined {
  return CONTAINERS.find((container) => container.fits(looked));
}
