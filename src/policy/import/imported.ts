import { deepFreeze } from "../json.js";
import type { PolicyDocument } from "../schema.js";
import { shortLine } from "./malformed.js";

/**
 * How the imported policy differs at a place: it refuses more than the source (`tightened`), accepts more
 * (`loosened`), leaves out what no policy can say (`not-carried`), or says the same by other means (`meant`).
 */
export type ImportNoteKind = "tightened" | "loosened" | "not-carried" | "meant";

/** One difference between the source's rules and the imported policy, for people to read. */
export interface ImportNote {
  readonly kind: ImportNoteKind;
  /** The place in the input; empty for the whole of it, or for what the source's own program does unasked. */
  readonly where: string;
  /** JSON Pointer into the policy; null where nothing of it stands there. */
  readonly pointer: string | null;
  readonly text: string;
}

/** A policy made of another system's: frozen plain JSON for `definePolicy`, and what to know of it. */
export interface Imported {
  readonly policy: PolicyDocument;
  readonly notes: readonly ImportNote[];
}

/** A note without its kind. */
export type NoteParts = Omit<ImportNote, "kind">;

/** Gathers notes while an importer works. */
export interface Notes {
  readonly all: readonly ImportNote[];
  add(kind: ImportNoteKind, note: NoteParts): void;
}

/** An empty list of notes. Places are foreign text, and become one short line of visible ASCII. */
export function createNotes(): Notes {
  const all: ImportNote[] = [];
  return {
    all,
    add: (kind, { where, pointer, text }) => void all.push({ kind, where: shortLine(where), pointer, text }),
  };
}

/** What an importer answers. */
export function imported(policy: PolicyDocument, notes: Notes): Imported {
  return deepFreeze({ policy, notes: [...notes.all] });
}
