import { readFileSync } from "node:fs";
import * as v from "valibot";
import { BASE64URL } from "../http/encoding.js";

/** An environment that the service cannot run with: it says which variable, and what to write. */
export class EnvironmentError extends Error {
  override name = "EnvironmentError";
}

const text = v.pipe(v.string(), v.minLength(1));
const whole = (min: number, max: number) =>
  v.pipe(v.string(), v.regex(/^\d+$/, "a whole number"), v.transform(Number), v.minValue(min), v.maxValue(max));
const flag = v.pipe(
  v.picklist(["yes", "no"]),
  v.transform((word) => word === "yes"),
);
const base64Url = v.pipe(text, v.regex(BASE64URL, "base64url"));

function json<Schema extends v.GenericSchema>(schema: Schema) {
  return v.pipe(
    text,
    v.rawTransform(({ dataset, addIssue, NEVER }): unknown => {
      try {
        return JSON.parse(dataset.value);
      } catch {
        addIssue({ message: "JSON" });
        return NEVER;
      }
    }),
    schema,
  );
}

const ChallengeKeys = v.pipe(v.array(v.strictObject({ id: text, secret: base64Url })), v.minLength(1));
const ResultKey = v.looseObject({ kid: text, alg: v.picklist(["ES256", "ES384", "EdDSA"]), kty: text, d: text });

const DAY_MS = 86_400_000;

/** Every variable. README.md and .env.example say the same for people. */
const Variables = v.object({
  HOST: v.optional(text, "127.0.0.1"),
  PORT: v.optional(whole(0, 65_535), "8080"),
  SERVICE_NAME: text,
  COPIES: v.optional(whole(1, 10_000), "1"),
  REDIS_URL: v.optional(text),
  REDIS_PREFIX: v.optional(v.pipe(text, v.maxLength(100)), "attestry:relying-party:"),
  POLICY_DIR: text,
  POLICY_RELOAD_MS: v.optional(whole(10, DAY_MS), "5000"),
  CHALLENGE_KEYS: v.optional(json(ChallengeKeys)),
  CHALLENGE_TTL_MS: v.optional(whole(1, DAY_MS), "120000"),
  RESULT_KEY: json(ResultKey),
  RESULT_TTL_MS: v.optional(whole(1, DAY_MS), "300000"),
  SECRETS: v.optional(json(v.record(text, base64Url)), "{}"),
  ANCHORS: v.optional(text),
  KDS_URL: v.optional(text),
  KDS_VCEK_INTERVAL_MS: v.optional(whole(0, DAY_MS), "10000"),
  KDS_FETCH_LEAVES: v.optional(flag, "no"),
  RATE_PER_MINUTE: v.optional(whole(1, 1_000_000), "300"),
  TRUSTED_PROXIES: v.optional(whole(0, 10), "0"),
  TRUSTEE_POLICY: v.optional(text),
  TRUSTEE_RESOURCE: v.optional(v.pipe(text, v.regex(/^[\w-]+\/[\w-]+\/[\w-]+$/, "repository/type/tag"))),
  UNREADY_MS: v.optional(whole(0, DAY_MS), "0"),
  DRAIN_MS: v.optional(whole(0, DAY_MS), "10000"),
  LOG_LEVEL: v.optional(v.picklist(["debug", "info", "warn", "error", "silent"]), "info"),
});

/** The names of all variables. */
export const VARIABLE_NAMES: readonly string[] = Object.keys(Variables.entries);

/** The settings of one copy. */
export type Environment = v.InferOutput<typeof Variables>;

type Raw = Readonly<Record<string, string | undefined>>;

/** NAME, or what the file says that NAME_FILE names: secrets mostly come as files. */
function variable(raw: Raw, name: string): string | undefined {
  const file = raw[`${name}_FILE`];
  if (file === undefined || file === "") return raw[name] === "" ? undefined : raw[name];
  if (raw[name] !== undefined) throw new EnvironmentError(`set ${name} or ${name}_FILE, not both`);
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    throw new EnvironmentError(`${name}_FILE: ${file} cannot be read`);
  }
}

/** Rules over several variables. */
function check(found: Environment): Environment {
  if (found.COPIES > 1 && found.REDIS_URL === undefined) {
    throw new EnvironmentError(
      "COPIES above 1 needs REDIS_URL: without it a copy cannot know what another one released",
    );
  }
  if (found.REDIS_URL !== undefined && found.CHALLENGE_KEYS === undefined) {
    throw new EnvironmentError("REDIS_URL needs CHALLENGE_KEYS, the same for all copies");
  }
  if (found.REDIS_URL === undefined && found.CHALLENGE_KEYS !== undefined) {
    throw new EnvironmentError("CHALLENGE_KEYS needs REDIS_URL: without it a restart forgets what was released");
  }
  if ((found.TRUSTEE_POLICY === undefined) !== (found.TRUSTEE_RESOURCE === undefined)) {
    throw new EnvironmentError("set TRUSTEE_POLICY and TRUSTEE_RESOURCE, or neither");
  }
  return found;
}

/**
 * The settings that an environment says. Variables of other programs are passed over.
 *
 * @throws EnvironmentError naming the variable, and never its value
 */
export function readEnvironment(raw: Raw): Environment {
  const given = Object.fromEntries(
    VARIABLE_NAMES.flatMap((name) => {
      const value = variable(raw, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const result = v.safeParse(Variables, given, { abortEarly: true });
  if (result.success) return check(result.output);
  const [issue] = result.issues;
  throw new EnvironmentError(`${v.getDotPath(issue)}: expected ${issue.expected ?? issue.message}; see README.md`);
}
