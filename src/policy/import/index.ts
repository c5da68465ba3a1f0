/** `attestry/policy/import`: policies of other systems, as policies of this one. */
export { fromCcfGovernance } from "./ccf.js";
export { fromConstellation } from "./constellation.js";
export { fromContrastManifest } from "./contrast.js";
export { fromGoSevGuest } from "./go-sev-guest.js";
export type { Imported, ImportNote, ImportNoteKind } from "./imported.js";
export { fromNitride } from "./nitride.js";
export type { OakOptions } from "./oak.js";
export { fromOakReferenceValues } from "./oak.js";
export type { ImportInput } from "./part.js";
export { fromSnpguestFlags } from "./snpguest.js";
export { fromTinfoil } from "./tinfoil.js";
export { fromTrustee } from "./trustee.js";
