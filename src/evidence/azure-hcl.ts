import { copyBytes, readOptions } from "../bytes/arguments.js";
import { concatBytes, equalBytes, isZero, toHex } from "../bytes/codecs.js";
import { rangeOf } from "../bytes/layout.js";
import { checkEngine, digestWith } from "../crypto/digest.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { webCryptoEngine } from "../crypto/webcrypto.js";
import { REPORT_LAYOUTS, REPORT_LENGTH } from "../report/layouts.js";
import {
  HARDWARE_REPORT_OFFSET,
  HCL_HEADER,
  HCL_REPORT_TYPES,
  RUNTIME_HEADER,
  RUNTIME_HEADER_OFFSET,
} from "./azure-hcl-layout.js";
import { type AzureHclRuntime, readHclRuntime } from "./azure-hcl-runtime.js";
import { malformedContainer, unboundContainer, unsupportedContainer } from "./container-error.js";
import type { OpenedEvidence } from "./opened.js";

/** Options of `openAzureHcl`; an unknown name is a TypeError. */
export interface AzureHclOptions {
  /** Digests the runtime data. Default: WebCrypto. */
  engine?: CryptoEngine;
}

/** What an HCL report holds beside the report, tied to it by REPORT_DATA: the word of whatever guest that is. */
export interface AzureHclClaims extends AzureHclRuntime {
  /** The JSON exactly as it came: the bytes that REPORT_DATA is the digest of. */
  readonly runtimeData: Uint8Array;
}

/** The NV index holds 2600 bytes; the runtime data of other places may be longer. */
export const MAX_HCL_BYTES = 65_536;

const SIGNATURE = 0x414c4348;
const VERSIONS: readonly number[] = [1, 2];
const REQUEST_AK_CERT = 2;
const RUNTIME_VERSION = 1;
const SNP = 2;
const SHA_256 = 1;
const RUNTIME_DATA_OFFSET = RUNTIME_HEADER_OFFSET + RUNTIME_HEADER.size;
const DIGEST_PADDING = 32;

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function checkHeader(container: string, blob: Uint8Array): { readonly reportSize: number } {
  const { values } = HCL_HEADER.parse(blob.subarray(0, HCL_HEADER.size));
  const { signature, version, requestType, status, reportSize } = values;
  if (signature !== SIGNATURE)
    throw malformedContainer(container, "signature", `expected HCLA, found ${hex(signature)}`);
  if (!VERSIONS.includes(version)) throw unsupportedContainer(container, "version", String(version));
  if (requestType !== REQUEST_AK_CERT) throw unsupportedContainer(container, "request_type", String(requestType));
  if (status !== 0) throw malformedContainer(container, "status", `expected 0, found ${status}`);
  return { reportSize };
}

/** Where the runtime data end; everything that says so must agree. */
function checkRuntimeHeader(container: string, blob: Uint8Array, reportSize: number): number {
  const header = RUNTIME_HEADER.parse(blob.subarray(RUNTIME_HEADER_OFFSET, RUNTIME_DATA_OFFSET)).values;
  const { version, reportType, hashType, dataSize, variableSize } = header;
  if (reportType !== SNP) {
    const name = HCL_REPORT_TYPES[reportType] ?? "unknown";
    throw unsupportedContainer(container, "report_type", `${reportType} (${name}), which is no SEV-SNP,`);
  }
  if (version !== RUNTIME_VERSION) throw unsupportedContainer(container, "runtime data version", String(version));
  if (hashType !== SHA_256) throw unsupportedContainer(container, "hash_type", String(hashType));
  const end = RUNTIME_DATA_OFFSET + variableSize;
  const sizes: readonly (readonly [string, number, number])[] = [
    ["report_size", end, reportSize],
    ["data_size", RUNTIME_HEADER.size + variableSize, dataSize],
  ];
  for (const [where, expected, found] of sizes) {
    if (expected !== found) throw malformedContainer(container, where, `expected ${expected}, found ${found}`);
  }
  if (end > blob.length) throw malformedContainer(container, "var_size", `ends at ${end}, the blob at ${blob.length}`);
  if (!isZero(blob.subarray(end)))
    throw malformedContainer(container, hex(end), "bytes behind the runtime data are not zero");
  return end;
}

/** The rule of the paravisor: SHA-256 of the runtime data as they came, then zeros. */
async function checkBinding(engine: CryptoEngine, container: string, opened: Parts): Promise<void> {
  const { offset, length } = rangeOf(REPORT_LAYOUTS[2], "reportData");
  const actual = opened.report.subarray(offset, offset + length);
  const digest = await digestWith(engine, "SHA-256", opened.runtimeData);
  const expected = concatBytes(digest, new Uint8Array(DIGEST_PADDING));
  if (!equalBytes(actual, expected)) throw unboundContainer(container, toHex(expected), toHex(actual));
}

interface Parts {
  readonly report: Uint8Array;
  readonly runtimeData: Uint8Array;
}

/** Takes an HCL report apart without looking at what ties the parts together. */
function takeApart(container: string, blob: Uint8Array): Parts {
  if (blob.length < RUNTIME_DATA_OFFSET) {
    const reason = `expected at least ${RUNTIME_DATA_OFFSET} bytes, found ${blob.length}; the blob is cut`;
    throw malformedContainer(container, "length", reason);
  }
  const { reportSize } = checkHeader(container, blob);
  const end = checkRuntimeHeader(container, blob, reportSize);
  return {
    report: blob.slice(HARDWARE_REPORT_OFFSET, HARDWARE_REPORT_OFFSET + REPORT_LENGTH),
    runtimeData: blob.slice(RUNTIME_DATA_OFFSET, end),
  };
}

/** Opens an HCL report for the container that it is, or stands in; `blob` is the opener's own copy. */
export async function openHcl(
  engine: CryptoEngine,
  container: string,
  blob: Uint8Array,
): Promise<OpenedEvidence<AzureHclClaims>> {
  const parts = takeApart(container, blob);
  await checkBinding(engine, container, parts);
  const { report, runtimeData } = parts;
  return { evidence: { report }, claims: { runtimeData, ...readHclRuntime(container, runtimeData) } };
}

/** The engine of the options. @throws TypeError for an unknown option, or an engine that is none. */
export function hclEngine(options: unknown): CryptoEngine {
  const { engine } = readOptions(options, "options", ["engine"]);
  return engine === undefined ? webCryptoEngine : checkEngine(engine, "options.engine");
}

/**
 * Unverified: the report of an Azure confidential VM, which its vTPM keeps in NV index 0x01400001 (an HCL report).
 *
 * Checks that REPORT_DATA is SHA-256 of the runtime data, byte for byte as they came, and 32 zeros. Before the report
 * is verified, that shows nothing. Afterwards it shows that the guest asked for a report over these data, and any guest
 * can ask so: they are the paravisor's where a policy finds the paravisor's measurement, at VMPL 0.
 *
 * It brings no certificates: they come from THIM (`openThim`) or a source. The key `HCLAkPub` means something for a
 * quote that it signed; quotes are not looked at here.
 *
 * @param input - up to 64 KiB; zeros behind the runtime data are allowed
 * @throws TypeError when `input` is no `Uint8Array`, for an unknown option, or an engine that is none.
 * @throws MalformedError `ERR_MALFORMED_CONTAINER` for lengths that disagree, bytes behind the end, runtime data that
 * are no JSON of the known shape; `ERR_MALFORMED_LENGTH`, `ERR_MALFORMED_RESERVED`, `ERR_MALFORMED_ENCODING`.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for another version, a report of TDX, VBS, TVM or CCA, another
 * digest than SHA-256, a key that is not RSA; `ERR_UNSUPPORTED_CRYPTO` when the engine cannot digest.
 * @throws UntrustedError `ERR_UNTRUSTED_CONTAINER_BINDING` when REPORT_DATA is anything else.
 *
 * Source: Microsoft, openvmm, openhcl_attestation_protocol; Azure confidential VM guest attestation.
 */
export async function openAzureHcl(
  input: Uint8Array,
  options: AzureHclOptions = {},
): Promise<OpenedEvidence<AzureHclClaims>> {
  const engine = hclEngine(options);
  return await openHcl(engine, "azure-hcl", copyBytes(input, "input", MAX_HCL_BYTES));
}
