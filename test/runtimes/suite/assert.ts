import { isAttestationError } from "attestry";

/** Throws unless two texts are the same, and shows the first place where they part. */
export function same(found: string, expected: string): void {
  if (found === expected) return;
  let at = 0;
  while (found[at] === expected[at]) at++;
  const part = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 40), at + 80));
  throw new Error(`expected ${part(expected)}, found ${part(found)} (from ${Math.max(0, at - 40)} on)`);
}

/** Throws unless something is so. */
export function that(condition: boolean, what: string): void {
  if (!condition) throw new Error(`it is not so that ${what}`);
}

/** JSON of what a function answers, or the code of the refusal it ends with. Any other error goes on. */
export async function said(work: () => unknown): Promise<string> {
  try {
    return JSON.stringify(await work());
  } catch (error) {
    if (isAttestationError(error)) return error.code;
    throw error;
  }
}

/** Throws unless a function throws, or rejects with, an error of this name. */
export async function fails(work: () => unknown, name: string): Promise<void> {
  let answer: unknown;
  try {
    answer = await work();
  } catch (error) {
    return same(error instanceof Error ? error.name : String(error), name);
  }
  throw new Error(`expected a ${name}, found the answer ${JSON.stringify(answer)}`);
}
