import { afterEach, describe, expect, it, vi } from "vitest";
import "../support/expect.js";
import { issue, issuerKey, verificationKey, verify } from "./support.js";

const token = await issue();
const { privateKey, publicKey } = issuerKey.cryptoKeys;
const key = { privateKey, algorithm: "ES256", keyId: "issuer-1" } as const;
const keys = [{ ...verificationKey(issuerKey), publicKey }];

afterEach(() => {
  vi.restoreAllMocks();
});

/** WebCrypto as it is, but for one operation that fails. */
function failing(operation: "sign" | "verify" | "importKey" | "digest"): void {
  vi.spyOn(crypto.subtle, operation).mockRejectedValue(new Error("the engine is on fire"));
}

describe("a WebCrypto that fails", () => {
  it("is no verdict on a signature", async () => {
    failing("verify");
    await expect(verify(token, { keys })).toFailWith("ERR_UNSUPPORTED_CRYPTO", { operation: "verify ES256" });
  });

  it("is no verdict on a key", async () => {
    failing("importKey");
    const operation = "import a key for ES256";
    await expect(verify(token)).toFailWith("ERR_UNSUPPORTED_CRYPTO", { operation });
    await expect(issue()).toFailWith("ERR_UNSUPPORTED_CRYPTO", { operation });
  });

  it("makes no token", async () => {
    failing("sign");
    await expect(issue({ key })).toFailWith("ERR_UNSUPPORTED_CRYPTO", { operation: "sign with ES256" });
  });

  it("makes no digest of a report", async () => {
    failing("digest");
    await expect(issue({ key })).toFailWith("ERR_UNSUPPORTED_CRYPTO", { operation: "digest" });
  });

  it("is asked again the next time", async () => {
    failing("verify");
    await expect(verify(token, { keys })).toFailWith("ERR_UNSUPPORTED_CRYPTO");
    vi.restoreAllMocks();
    await expect(verify(token, { keys })).resolves.toMatchObject({ status: "affirming" });
  });
});

describe("an algorithm that a runtime lacks", () => {
  it("is not taken for a bad key", async () => {
    vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(new DOMException("no Ed25519", "NotSupportedError"));
    await expect(verify(token)).toFailWith("ERR_UNSUPPORTED_CRYPTO");
  });
});
