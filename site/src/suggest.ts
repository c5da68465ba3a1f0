import type { Place } from "./json-walk.js";

/** A part of a JSON Schema, as far as completion reads it. */
interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema | boolean;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

function referred(root: Schema, { $ref }: Schema): Schema | null {
  const name = $ref?.replace("#/$defs/", "");
  return name === undefined ? null : (root.$defs?.[name] ?? (name === "#" ? root : null));
}

/** A schema and everything that it refers to or chooses from, each once. */
function spread(root: Schema, start: readonly Schema[]): readonly Schema[] {
  const found = new Set<Schema>();
  const waiting = [...start];
  for (let schema = waiting.pop(); schema !== undefined; schema = waiting.pop()) {
    if (found.has(schema)) continue;
    found.add(schema);
    const target = referred(root, schema);
    waiting.push(...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? []));
    if (target !== null) waiting.push(target);
  }
  return [...found];
}

function isSchema(value: Schema | boolean | undefined): value is Schema {
  return typeof value === "object";
}

function below(schema: Schema, step: string): readonly Schema[] {
  const own =
    schema.properties !== undefined && Object.hasOwn(schema.properties, step) ? schema.properties[step] : null;
  if (own !== null && own !== undefined) return [own];
  const other = /^\d+$/.test(step) ? schema.items : schema.additionalProperties;
  return isSchema(other) ? [other] : [];
}

/** The words that a schema allows as a value; text only where it is a fixed one. */
function valuesOf({ const: fixed, enum: several = [], type }: Schema): readonly string[] {
  const values = fixed === undefined ? several : [fixed, ...several];
  const words = values.map((value) => JSON.stringify(value));
  const shells = { array: "[]", object: "{}" } as const;
  return type === "array" || type === "object" ? [...words, shells[type]] : words;
}

/** What may be written at a place of a policy, by its JSON Schema; keys that are there already are left out. */
export function suggestions(rootSchema: unknown, { path, expects, prefix, used }: Place): readonly string[] {
  // A JSON Schema is what schemas/policy.v1.schema.json holds; every member is optional here.
  const root = rootSchema as Schema;
  let here = spread(root, [root]);
  for (const step of path)
    here = spread(
      root,
      here.flatMap((schema) => below(schema, step)),
    );
  const isOpen = (key: string) => !used.includes(key) || key === prefix;
  const words =
    expects === "key"
      ? here
          .flatMap((schema) => Object.keys(schema.properties ?? {}))
          .filter(isOpen)
          .map((key) => JSON.stringify(key))
      : here.flatMap(valuesOf);
  const unique = [...new Set(words)];
  return unique.filter((word) => word.replaceAll('"', "").toLowerCase().startsWith(prefix.toLowerCase()));
}
