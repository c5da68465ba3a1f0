import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { dataModule } from "./data-module.js";

const FILE = join(import.meta.dirname, "../../schemas/policy.v1.schema.json");

/** `virtual:schema`: the JSON Schema of policies, which completion is made of. */
export function schemaPlugin(): Plugin {
  return dataModule("virtual:schema", () => Promise.resolve({ SCHEMA: JSON.parse(readFileSync(FILE, "utf8")) }));
}
