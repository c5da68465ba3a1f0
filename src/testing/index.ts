/**
 * `attestry/testing`: a forge of fake AMD hierarchies and reports, so that relying parties can test their policies
 * and their handling of attacks without AMD hardware.
 */
import * as der from "./der.js";

export type { CaRole } from "../amd/anchors.js";
export type { AlgorithmOption, ForeignAlgorithm } from "./algorithm.js";
export type { CaOptions } from "./authority.js";
export type { BasicConstraintsOption, KeyUsage, KeyUsageOption } from "./ca-extensions.js";
export type { CertificateOptions, Signed, SignerKey, SigningOptions } from "./certificate.js";
export type { TableEntryOption } from "./certificate-table.js";
export { CERTIFICATE_TABLE_GUID, certificateTableEntries, encodeCertificateTable } from "./certificate-table.js";
export type { Chip, LeafOptions } from "./chip.js";
export type { CrlOptions, RevokedOption } from "./crl.js";
export type { EvidenceOptions, ForgedEvidence } from "./evidence.js";
export type { ExtensionEdits, ForgedExtension } from "./extension.js";
export type { Forge, LeafChoice, LineOption } from "./forge.js";
export { createForge } from "./forge.js";
export type { Derive } from "./keys.js";
export type { NameOption, NameParts } from "./name.js";
export type { ForgedP384Key } from "./p384.js";
export { twinSignature } from "./p384.js";
export type { BytePatch, ForgedReport, ReportFields, ReportOptions } from "./report.js";
export type { ReportValues } from "./report-values.js";
export type { ForgedRsaKey, PssHash, PssParameters } from "./rsa.js";
export { p384Spki, rsaSpki } from "./spki.js";
export type { TimeForm, TimeOption } from "./time.js";
export type { ChipOptions, ForgeOptions } from "./workshop.js";
/** A writer of DER, for hooks such as `patchTbs` and for extension values; it also writes what no encoder would. */
export { der };
