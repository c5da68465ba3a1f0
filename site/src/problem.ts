import { isAttestationError } from "attestry";

/** Part of the report's bytes. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** What went wrong, for people, and the bytes that it is about where they are known. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly range: Range | null;
}

function rangeOf(detail: object): Range | null {
  const { what, offset, length = 1 } = detail as { what?: unknown; offset?: unknown; length?: unknown };
  if (what !== "report" || typeof offset !== "number" || typeof length !== "number") return null;
  return { offset, length };
}

/** A sentence as people write it: a capital first, a full stop last. */
export function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** An error of the library as a problem; every other error is a fault of the page and thrown on. */
export function problemOf(error: unknown): Problem {
  if (isAttestationError(error)) {
    return { code: error.code, message: sentence(error.message), range: rangeOf(error.detail) };
  }
  if (error instanceof TypeError) return { code: "wrong value", message: sentence(error.message), range: null };
  throw error;
}
