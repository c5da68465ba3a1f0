import type { CryptoEngine } from "../../src/crypto/engine.js";
import { webCryptoEngine } from "../../src/crypto/webcrypto.js";
import { nobleEngine } from "../../src/noble/engine.js";
import { nodeEngine } from "../../src/node/engine.js";

/** Every engine of the project: what one of them says, all must say. */
export const ENGINES: readonly CryptoEngine[] = [webCryptoEngine, nobleEngine, nodeEngine];
