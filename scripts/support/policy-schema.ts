import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ConversionConfig, toJsonSchema } from "@valibot/to-json-schema";
import { SCHEMAS } from "../../src/policy/schema.js";
import { projectRoot } from "./packed.js";

type JsonObject = Record<string, unknown>;

/** Where the schema lies in the package. */
export const SCHEMA_PATH = join(projectRoot, "schemas/policy.v1.schema.json");

const NAMED_LIST = { $ref: "#/$defs/namedList" };

const CONFIG = {
  target: "draft-2020-12",
  definitions: { rule: SCHEMAS.rule, snp: SCHEMAS.block },
  // The one thing that is a function to valibot says beside itself what it asks for: `exactlyOne`.
  overrideAction: ({ valibotAction, jsonSchema }) => (valibotAction.type === "check" ? jsonSchema : undefined),
} satisfies ConversionConfig;

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a schema that takes text alone. */
function isText(schema: unknown): boolean {
  if (!isObject(schema)) return false;
  if (Array.isArray(schema["anyOf"])) return schema["anyOf"].every(isText);
  return schema["type"] === "string" || typeof schema["const"] === "string";
}

/** What the language says once lists are written out, as an author writes it: a named list may stand for one of text. */
function finish(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(finish);
  if (!isObject(value)) return value;
  const { exactlyOne, ...rest } = value;
  const done: JsonObject = Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, finish(inner)]));
  if (Array.isArray(done["required"]) && done["required"].length === 0) delete done["required"];
  if (Array.isArray(exactlyOne)) done["oneOf"] = exactlyOne.map((key: unknown) => ({ required: [key] }));
  return done["type"] === "array" && isText(done["items"]) ? { anyOf: [done, NAMED_LIST] } : done;
}

/** What docs/policy.md says of a key first. */
function describeKeys(properties: JsonObject, page: string): void {
  for (const [key, schema] of Object.entries(properties)) {
    const [, text] = new RegExp(`\\n### \`${key}\`[^\\n]*\\n\\n([^\\n]+)`).exec(page) ?? [];
    if (text === undefined || !isObject(schema)) throw new Error(`docs/policy.md says nothing of ${key}`);
    schema["description"] = text.replaceAll(/\[([^\]]+)\]\([^)]*\)|`/g, "$1");
  }
}

function propertiesOf(schema: unknown): JsonObject {
  if (isObject(schema) && isObject(schema["properties"])) return schema["properties"];
  throw new Error("expected the schema of an object");
}

/** The JSON Schema of policies, made of what validates them. */
export function makePolicySchema(): JsonObject {
  const { $schema, $defs, ...document } = toJsonSchema(SCHEMAS.document, CONFIG);
  const { lists, ...properties } = propertiesOf(document);
  const schema = finish({ ...document, properties });
  const definitions = finish($defs);
  if (!isObject(schema) || !isObject(definitions)) throw new Error("expected the schema of an object");
  // Lists themselves are written out.
  Object.assign(propertiesOf(schema), { lists });
  describeKeys(propertiesOf(definitions["snp"]), readFileSync(join(projectRoot, "docs/policy.md"), "utf8"));
  const namedList = { type: "object", properties: { list: { type: "string" } }, required: ["list"] };
  return {
    $schema,
    $id: "urn:attestry:schema:policy:v1",
    title: "A policy: what to demand of verified evidence",
    description: "Made from the validator by scripts/make-policy-schema.ts; docs/policy.md explains the language.",
    ...schema,
    $defs: {
      ...definitions,
      namedList: { ...namedList, description: "A list of `lists`, by its name.", additionalProperties: false },
    },
  };
}
