import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

const folder = new URL("../../schemas/", import.meta.url);

type Schema = Record<string, unknown>;

/** The schemas of the package that describe what the command reads and writes, by file name. */
export function commandSchemas(): ReadonlyMap<string, Schema> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".schema.json"));
  const schemas = names.map((name): [string, Schema] => [
    name,
    JSON.parse(readFileSync(new URL(name, folder), "utf8")),
  ]);
  return new Map(schemas.filter(([, { $id }]) => String($id).startsWith("urn:attestry:schema:")));
}

/** The schema with every object shut: published schemas let members join later, our outputs may not surprise today. */
function shut(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shut);
  if (typeof value !== "object" || value === null) return value;
  const copy: Schema = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shut(item)]));
  const isObject = copy["type"] === "object" && "properties" in copy && "required" in copy;
  return isObject && !("additionalProperties" in copy) ? { ...copy, additionalProperties: false } : copy;
}

function compile(change: (schema: unknown) => unknown) {
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    strictTypes: false,
    strictRequired: false,
    validateFormats: false,
    allErrors: true,
  });
  for (const schema of commandSchemas().values()) ajv.addSchema(change(schema) as Schema);
  return (name: string, value: unknown): string[] => {
    const validate = ajv.getSchema(`urn:attestry:schema:${name}:v1`);
    if (validate === undefined) throw new Error(`there is no schema ${name}`);
    return validate(value) === true
      ? []
      : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  };
}

/** What is wrong with a value by a schema as it is published. */
export const complaints = compile((schema) => schema);

/** What is wrong with a value by a schema with every object shut. */
export const strictComplaints = compile(shut);
