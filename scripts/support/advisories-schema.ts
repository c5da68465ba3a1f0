import { join } from "node:path";
import { toJsonSchema } from "@valibot/to-json-schema";
import { DOCUMENT_SCHEMA } from "../../src/advisories/schema.js";
import { projectRoot } from "./packed.js";

/** Where the schema lies in the package. */
export const ADVISORIES_SCHEMA_PATH = join(projectRoot, "schemas/advisories.v1.schema.json");

/** The JSON Schema of data sets of advisories, made of what validates them. */
export function makeAdvisoriesSchema(): unknown {
  const { $schema, ...document } = toJsonSchema(DOCUMENT_SCHEMA, { target: "draft-2020-12" });
  return {
    $schema,
    $id: "urn:attestry:schema:advisories:v1",
    title: "A data set of advisories: what shows that a weakness of the platform is fixed",
    description: "Made from the validator by scripts/make-advisories.ts; docs/advisories.md explains the language.",
    ...document,
  };
}
