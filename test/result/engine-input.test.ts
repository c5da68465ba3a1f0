import { expect, it } from "vitest";
import type { CryptoEngine } from "../../src/crypto/engine.js";
import { webCryptoEngine } from "../../src/crypto/webcrypto.js";
import { appraisal, issue, partsOf, verify } from "./support.js";

/** An engine that does with its input what it likes, as one may that hands it to another thread. */
const careless: CryptoEngine = {
  ...webCryptoEngine,
  name: "careless",
  async digest(algorithm, data) {
    const digest = await webCryptoEngine.digest(algorithm, data.slice());
    data.fill(0);
    return digest;
  },
};

it("an engine that overwrites what it is given changes neither evidence nor nonce", async () => {
  const of = appraisal();
  const [first, second, sound] = [
    await issue({ engine: careless }, of),
    await issue({ engine: careless }, of),
    await issue({}, of),
  ];
  const payload = partsOf(sound).payload;
  expect(partsOf(first).payload).toEqual(payload);
  expect(partsOf(second).payload).toEqual(payload);
  await expect(verify(second)).resolves.toMatchObject({ nonceInReport: true });
});
