import { byteLengthOf, copyBytes, readOptions } from "../bytes/arguments.js";
import type { DigestAlgorithm } from "../crypto/engine.js";

/** How many bytes a part of a scheme may have, both ends included. */
export interface PartRule {
  readonly min: number;
  readonly max: number;
  readonly optional?: true;
}

/** The parts of a scheme by name. */
export type PartRules = Readonly<Record<string, PartRule>>;

type OptionalNames<Rules extends PartRules> = {
  [Name in keyof Rules]: Rules[Name] extends { readonly optional: true } ? Name : never;
}[keyof Rules];

/** What a caller passes for the parts of a scheme. */
export type PartsOf<Rules extends PartRules> = {
  readonly [Name in Exclude<keyof Rules, OptionalNames<Rules>>]: Uint8Array;
} & { readonly [Name in OptionalNames<Rules>]?: Uint8Array };

/** A digest by the caller's engine. */
export type Digest = (algorithm: DigestAlgorithm, data: Uint8Array) => Promise<Uint8Array>;

/** What a scheme makes of its parts. */
export interface Bound {
  /** The 64 bytes of REPORT_DATA. */
  readonly bytes: Uint8Array;
  /** The public key that they bind; null where the scheme binds none, or the caller named none. */
  readonly publicKey: Uint8Array | null;
}

/** One way to make the 64 bytes of REPORT_DATA. */
export interface BindingScheme<Rules extends PartRules = PartRules> {
  readonly parts: Rules;
  /** Of private copies of the parts, whose lengths have been checked. */
  bind(parts: PartsOf<Rules>, digest: Digest): Bound | Promise<Bound>;
}

/** The length of REPORT_DATA. */
const REPORT_DATA_LENGTH = 64;

/** The least length of a nonce: 128 bits cannot be guessed and do not repeat. */
export const LEAST_NONCE = 16;

/** The greatest length of a key, a context or a manifest; more is a mistake. */
export const GREATEST_PART = 65_536;

/** Keeps the names of a scheme's parts in its type. */
export function defineScheme<const Rules extends PartRules>(scheme: BindingScheme<Rules>): BindingScheme<Rules> {
  return scheme;
}

/** The bytes, then zeros up to the length of REPORT_DATA. */
export function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(REPORT_DATA_LENGTH);
  whole.set(bytes);
  return whole;
}

function takePart(value: unknown, name: string, rule: PartRule): Uint8Array | undefined {
  if (value === undefined && rule.optional === true) return undefined;
  const length = byteLengthOf(value, name);
  if (length >= rule.min && length <= rule.max) return copyBytes(value, name);
  const expected = rule.min === rule.max ? `${rule.min}` : `${rule.min} to ${rule.max}`;
  throw new TypeError(`${name} must have ${expected} bytes, found ${length}`);
}

/**
 * Private copies of a caller's parts, each read once.
 *
 * @throws TypeError for a missing part, an unknown name, no `Uint8Array`, or a length outside its rule.
 */
export function takeParts(parts: unknown, rules: PartRules): Readonly<Record<string, Uint8Array>> {
  const given = readOptions(parts, "parts", Object.keys(rules));
  const taken: Record<string, Uint8Array> = {};
  for (const [name, rule] of Object.entries(rules)) {
    const part = takePart(given[name], `parts.${name}`, rule);
    if (part !== undefined) taken[name] = part;
  }
  return taken;
}
