import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { PRODUCT_LINES } from "../../src/amd/product-lines.js";
import { createForge } from "../../src/testing/index.js";

const signingKeys = ["VCEK", "VLEK"] as const;
const hierarchies = PRODUCT_LINES.flatMap((productLine) =>
  signingKeys.map((signingKey) => ({ productLine, signingKey })),
);

describe("createForge", () => {
  it.each(hierarchies)("makes a chain whose signatures hold: $productLine $signingKey", async (hierarchy) => {
    const forge = await createForge({ seed: "chain", ...hierarchy });
    const { leaf, intermediate, root } = forge.evidence();
    const [vcek, ask, ark] = [leaf, intermediate, root].map(({ der }) => new X509Certificate(der));
    expect(ark?.verify(ark.publicKey)).toBe(true);
    expect(ark && ask?.verify(ark.publicKey)).toBe(true);
    expect(ask && vcek?.verify(ask.publicKey)).toBe(true);
    expect(ark && vcek?.verify(ark.publicKey)).toBe(false);
  });

  it("makes the same bytes of the same seed and others of another", async () => {
    const [one, same, other] = await Promise.all(["a", "a", "b"].map((seed) => createForge({ seed })));
    expect(one?.evidence().evidence).toEqual(same?.evidence().evidence);
    expect(one?.evidence().evidence).not.toEqual(other?.evidence().evidence);
  });
});
