import { isProductLine, type ProductLine } from "../amd/product-lines.js";
import { checkNow, readOptions } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import { checkEngine } from "../crypto/digest.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { webCryptoEngine } from "../crypto/webcrypto.js";
import { type RootAnchor, readAnchors } from "./anchors.js";
import type { CollateralSource, RevocationMode, VerifyObserver } from "./types.js";

/** A revocation demand with its limits filled in. */
export interface RevocationDemand {
  readonly mode: RevocationMode;
  readonly maxStaleMs: number;
  readonly maxAgeMs: number;
}

/** The options that hold for every verification of a verifier, read once and checked. */
export interface Settings {
  readonly revocation: RevocationDemand;
  readonly anchors: readonly RootAnchor[];
  readonly collateral: CollateralSource | undefined;
  readonly productLine: ProductLine | undefined;
  readonly engine: CryptoEngine;
  readonly allowMaskedChipId: boolean;
  readonly onEvent: VerifyObserver | undefined;
}

const MODES: readonly unknown[] = ["require", "if-available", "skip"] satisfies RevocationMode[];

/** Names that `readSettings` reads. */
export const SETTING_NAMES = [
  "revocation",
  "anchors",
  "collateral",
  "productLine",
  "engine",
  "allowMaskedChipId",
  "onEvent",
] as const;

type Raw = Readonly<Partial<Record<(typeof SETTING_NAMES)[number], unknown>>>;

/** Checks options that were already read once. @throws TypeError naming the option. */
export function readSettings(raw: Raw): Settings {
  const { collateral, engine, allowMaskedChipId = false } = raw;
  if (collateral !== undefined && !isSource(collateral)) {
    throw new TypeError("options.collateral must be a CollateralSource: an object with get(request, { signal })");
  }
  if (typeof allowMaskedChipId !== "boolean") throw new TypeError("options.allowMaskedChipId must be true or false");
  return {
    revocation: readRevocation(raw.revocation),
    anchors: readAnchors(raw.anchors),
    collateral,
    productLine: readProductLine(raw.productLine),
    engine: engine === undefined ? webCryptoEngine : checkEngine(engine, "options.engine"),
    allowMaskedChipId,
    onEvent: readObserver(raw.onEvent),
  };
}

function readObserver(value: unknown): VerifyObserver | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "function") return (event) => value(event);
  throw new TypeError("options.onEvent must be a function that takes an event");
}

function readProductLine(value: unknown): ProductLine | undefined {
  if (value === undefined || isProductLine(value)) return value;
  throw new TypeError(`options.productLine must be Milan, Genoa or Turin, found ${textOf(value)}`);
}

function readRevocation(value: unknown): RevocationDemand {
  const given = typeof value === "object" ? value : { mode: value ?? "require" };
  const {
    mode,
    maxStaleMs = 0,
    maxAgeMs = Number.POSITIVE_INFINITY,
  } = readOptions(given, "options.revocation", ["mode", "maxStaleMs", "maxAgeMs"]);
  if (!isMode(mode)) {
    throw new TypeError(`options.revocation must be "require", "if-available" or "skip", found ${textOf(mode)}`);
  }
  return { mode, maxStaleMs: duration(maxStaleMs, "maxStaleMs"), maxAgeMs: duration(maxAgeMs, "maxAgeMs") };
}

function isMode(value: unknown): value is RevocationMode {
  return MODES.includes(value);
}

function duration(value: unknown, name: string): number {
  if (typeof value === "number" && value >= 0) return value;
  throw new TypeError(`options.revocation.${name} must be a number of milliseconds, 0 or more, found ${textOf(value)}`);
}

/** True for what can be asked for collateral. Never throws. */
export function isSource(value: unknown): value is CollateralSource {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "get") === "function";
}

/** @throws TypeError for anything but an AbortSignal or undefined. */
export function readSignal(value: unknown): AbortSignal | undefined {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw new TypeError("options.signal must be an AbortSignal");
}

/** Settings, time and signal of one `verifyEvidence` or `verifyCertificates`. */
export function readCallOptions(options: unknown): {
  settings: Settings;
  now: number;
  signal: AbortSignal | undefined;
} {
  const raw = readOptions(options, "options", ["now", "signal", ...SETTING_NAMES]);
  return { settings: readSettings(raw), now: checkNow(raw.now, "options.now"), signal: readSignal(raw.signal) };
}
