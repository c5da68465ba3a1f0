/** `attestry/policy/import`: policies of other systems, as policies of this one. */
export type { Imported, ImportNote, ImportNoteKind } from "./imported.js";
export type { ImportInput } from "./part.js";
