import { readOptions } from "../bytes/arguments.js";
import { checkEngine } from "../crypto/digest.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { webCryptoEngine } from "../crypto/webcrypto.js";

/** The engine that a caller named, or WebCrypto. @throws TypeError for anything that is no engine. */
export function engineOrDefault(value: unknown, name: string): CryptoEngine {
  return value === undefined ? webCryptoEngine : checkEngine(value, name);
}

/** The engine of options that name nothing else. @throws TypeError for an unknown option, or no engine. */
export function engineOf(options: unknown, name: string): CryptoEngine {
  return engineOrDefault(readOptions(options, name, ["engine"]).engine, `${name}.engine`);
}
