/** Verifies with nothing but node:crypto, as often as it is told, and answers with the CPU that each one took. */
import { generateKeyPairSync, sign, verify } from "node:crypto";

const SIGNED_BYTES = 0x2a0;
const dsaEncoding = "ieee-p1363";
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
const message = Buffer.alloc(SIGNED_BYTES, 0x5a);
const signature = sign("sha384", message, { key: privateKey, dsaEncoding });

process.on("message", (count: number) => {
  const before = process.cpuUsage();
  for (let done = 0; done < count; done++) {
    if (!verify("sha384", message, { key: publicKey, dsaEncoding }, signature)) process.exit(1);
  }
  const { user, system } = process.cpuUsage(before);
  process.send?.((user + system) / count);
});
process.on("disconnect", () => process.exit(0));
