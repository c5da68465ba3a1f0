import type { ProductLine } from "../amd/product-lines.js";
import { copyBytes, readOptions } from "../bytes/arguments.js";
import { malformedContainer, unsupportedContainer } from "./container-error.js";
import { ATTESTATION, CHAIN, EXTRA, PRODUCT, REPORT, STEPPING } from "./go-sev-guest-fields.js";
import type { OpenedEvidence } from "./opened.js";
import { certificatesFrom, chooseLeaf, oneDer } from "./parts.js";
import { promised } from "./promised.js";
import { readMessage, type WireValues } from "./protobuf.js";
import { rebuildReport } from "./rebuild.js";

/** Genuine ones have under 10 kB. */
const MAX_BYTES = 262_144;
const NAME = "go-sev-guest Attestation";

const PRODUCTS: readonly (ProductLine | null)[] = [null, "Milan", "Genoa", "Turin"];

/** The keys under which `extras` carries a CRL: that of the certificate table, and Contrast's own. */
const CRL_KEYS: readonly string[] = ["92f81bc3-5811-4d3d-97ff-d19f88dc67ea", "00569ee4-e480-4fba-bbf4-45b629901180"];
/** The keys of certificates in the certificate table, which have fields of their own here. */
const CERTIFICATE_KEYS: readonly string[] = [
  "63da758d-e664-4564-adc5-f4b93be8accd",
  "a8074bc2-a25a-483e-aae6-39c045a0b8a1",
  "4ab7b379-bbac-4fe4-a02f-05aef327c782",
  "c0b406a4-a803-4952-9743-3fb6014cd0ae",
];

/** Something beside the certificates, by the name that it was given. */
export interface GoSevGuestExtra {
  /** Mostly a GUID, in lower case. */
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** What an `Attestation` says beside the report and its certificates. */
export interface GoSevGuestClaims {
  /** Null where the message names no product; the report and the certificate have the last word. */
  readonly product: ProductLine | null;
  /** Of the machine; null where it is not said. */
  readonly stepping: number | null;
  /** All of `extras`, a CRL among them. */
  readonly extras: readonly GoSevGuestExtra[];
  /** What the host put there to endorse its firmware; null where there is none. */
  readonly firmwareCertificate: Uint8Array | null;
}

const EMPTY = new Uint8Array(0);

function littleEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

/** The report's three CPUID bytes from Fn0000_0001 EAX, which the message has masked with 0x0FFF0FFF. */
function cpuidOf(eax: number) {
  const base = (eax >>> 8) & 0xf;
  const extended = (eax >>> 20) & 0xff;
  const family = base === 0xf ? base + extended : base;
  // The family of a report is one byte, and a base below 15 has no extension to it.
  const isWhole = (eax & 0x0fff_0fff) >>> 0 === eax && family <= 0xff && (base === 0xf || extended === 0);
  if (!isWhole) {
    throw malformedContainer(NAME, "cpuid1eax_fms", `0x${eax.toString(16)} is no family, model and stepping`);
  }
  return { cpuidFamId: family, cpuidModId: ((eax >>> 12) & 0xf0) | ((eax >>> 4) & 0xf), cpuidStep: eax & 0xf };
}

/** Version 2 has no CPUID and versions below 5 have no vectors; there zero, which is absent in protobuf, is right. */
function fieldsOf({ cpuid1eaxFms, launchMitVector, currentMitVector, signature, ...rest }: WireValues<typeof REPORT>) {
  const { version } = rest;
  const hasCpuid = version > 2 || cpuid1eaxFms !== 0;
  const cpuid = hasCpuid ? cpuidOf(cpuid1eaxFms) : undefined;
  return {
    ...rest,
    currentTcb: littleEndian(rest.currentTcb),
    reportedTcb: littleEndian(rest.reportedTcb),
    committedTcb: littleEndian(rest.committedTcb),
    launchTcb: littleEndian(rest.launchTcb),
    cpuidFamId: cpuid?.cpuidFamId,
    cpuidModId: cpuid?.cpuidModId,
    cpuidStep: cpuid?.cpuidStep,
    launchMitVector: version >= 5 || launchMitVector !== 0n ? launchMitVector : undefined,
    currentMitVector: version >= 5 || currentMitVector !== 0n ? currentMitVector : undefined,
    signature: signature ?? EMPTY,
  };
}

function keyText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).toLowerCase();
  } catch {
    throw malformedContainer(NAME, "extras", "a key that is not UTF-8");
  }
}

function extrasOf(entries: readonly Uint8Array[]): readonly GoSevGuestExtra[] {
  const extras = new Map<string, Uint8Array>();
  for (const bytes of entries) {
    const { key = EMPTY, value = EMPTY } = readMessage({ container: NAME, where: "extras", bytes }, EXTRA);
    const text = keyText(key);
    if (extras.has(text)) throw malformedContainer(NAME, "extras", "a key that stands there twice");
    if (CERTIFICATE_KEYS.includes(text)) {
      throw malformedContainer(NAME, "extras", "a certificate of the chain, which has a field of its own");
    }
    extras.set(text, value.slice());
  }
  return [...extras].map(([key, bytes]) => ({ key, bytes }));
}

function crlOf(extras: readonly GoSevGuestExtra[]): Uint8Array | undefined {
  const [crl, second] = extras.filter(({ key }) => CRL_KEYS.includes(key));
  if (second !== undefined) throw malformedContainer(NAME, "extras", "two CRLs");
  return crl === undefined ? undefined : oneDer(NAME, "extras: CRL", crl.bytes);
}

/** Empty bytes are what protobuf has for absent ones. */
function certificateOf(where: string, bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined || bytes.length === 0 ? undefined : oneDer(NAME, where, bytes);
}

function productOf(bytes: Uint8Array): Pick<GoSevGuestClaims, "product" | "stepping"> {
  const { name, stepping, machineStepping } = readMessage({ container: NAME, where: "product", bytes }, PRODUCT);
  const product = PRODUCTS[name];
  if (product === undefined) throw unsupportedContainer(NAME, "product", `a product of number ${name}`);
  if (machineStepping === undefined) return { product, stepping: stepping === 0 ? null : stepping };
  const wrapped = { container: NAME, where: "product: machine_stepping", bytes: machineStepping };
  return { product, stepping: readMessage(wrapped, STEPPING).value };
}

function certificatesOf(report: Uint8Array, chain: WireValues<typeof CHAIN>, crl: Uint8Array | undefined) {
  const leaves = { VCEK: certificateOf("vcek_cert", chain.vcekCert), VLEK: certificateOf("vlek_cert", chain.vlekCert) };
  return certificatesFrom({
    leaf: chooseLeaf(report, leaves),
    intermediate: certificateOf("ask_cert", chain.askCert),
    root: certificateOf("ark_cert", chain.arkCert),
    crl,
  });
}

/** Opens the message in bytes that are private already. */
export function openAttestationMessage(bytes: Uint8Array): OpenedEvidence<GoSevGuestClaims> {
  const message = readMessage({ container: NAME, where: "Attestation", bytes }, ATTESTATION);
  if (message.report === undefined) throw malformedContainer(NAME, "report", "the message has none");
  const fields = readMessage({ container: NAME, where: "report", bytes: message.report }, REPORT);
  const report = rebuildReport(NAME, fieldsOf(fields));
  const chainPlace = { container: NAME, where: "certificate_chain", bytes: message.certificateChain ?? EMPTY };
  const chain = readMessage(chainPlace, CHAIN);
  const extras = extrasOf(chain.extras);
  return {
    evidence: { report, certificates: certificatesOf(report, chain, crlOf(extras)) },
    claims: {
      ...productOf(message.product ?? EMPTY),
      extras,
      firmwareCertificate: chain.firmwareCert === undefined ? null : chain.firmwareCert.slice(),
    },
  };
}

/**
 * Unverified: a protobuf `Attestation` of go-sev-guest, as Contrast, Constellation and go-tpm-tools carry it.
 *
 * The message has the report field by field, and the 1184 bytes are built from it with zeros in every reserved byte.
 * What firmware wrote there is lost, and then the report's signature fails: a loss can refuse genuine evidence, it
 * cannot admit any. A CRL among `extras` under the certificate table's key or Contrast's is handed on. Of a VCEK and
 * a VLEK that are both there, the one that KEY_INFO names becomes the leaf.
 *
 * Stricter than protobuf: see the refusals below. What go-sev-guest writes has none of them.
 *
 * @param input - at most 256 KiB
 * @param options - none are known
 * @throws TypeError when `input` is no `Uint8Array`, or for an option.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above the limit; `ERR_MALFORMED_CONTAINER` for groups, varints that
 * are cut, not minimal or out of range, lengths beyond their message, a field or a key of `extras` that stands there
 * twice, a field of another length than the report's, a certificate that is neither DER nor one PEM block;
 * `ERR_MALFORMED_ENCODING` for broken PEM.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for a field, a report version or a product that is not known.
 *
 * Source: google/go-sev-guest, proto/sevsnp.proto.
 */
export function openGoSevGuest(
  input: Uint8Array,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<GoSevGuestClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    return openAttestationMessage(copyBytes(input, "input", MAX_BYTES));
  });
}
