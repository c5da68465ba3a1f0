import { readFile } from "node:fs/promises";

/** From this file as it is packed, and as it stands in the project. */
const PLACES = ["../schemas/policy.v1.schema.json", "../../schemas/policy.v1.schema.json"];

/** The JSON Schema of policies, as it lies in the package. Throws where the package is not whole. */
export async function readPolicySchema(): Promise<string> {
  for (const place of PLACES) {
    const text = await readFile(new URL(place, import.meta.url), "utf8").catch(() => undefined);
    if (text !== undefined) return text;
  }
  throw new Error("schemas/policy.v1.schema.json is missing from the package; install it anew");
}
