import { createHash } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SyncDigests } from "../../src/crypto/sync-digests.js";

afterEach(() => {
  vi.doUnmock("node:crypto");
  vi.resetModules();
});

/** The digests on a Node that has, or has not, a digest in one call. */
async function digestsOn(runtime: "with hash" | "without hash"): Promise<SyncDigests> {
  vi.resetModules();
  if (runtime === "without hash") {
    vi.doMock("node:crypto", async (original) => ({ ...(await original<object>()), hash: undefined }));
  }
  const { nodeDigests } = await import("../../src/node/digests.js");
  return nodeDigests;
}

describe.each(["with hash", "without hash"] as const)("nodeDigests on a runtime %s", (runtime) => {
  it.each([0, 1, 111, 112, 128, 4096, 100_000])("digests %i bytes", async (length) => {
    const digests = await digestsOn(runtime);
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 13) & 0xff);
    const expected = createHash("sha384").update(bytes).digest();
    expect(Buffer.compare(digests.sha384(bytes), expected)).toBe(0);
    expect(digests.sha384(bytes)).toHaveLength(48);
  });

  it("digests a view as its own bytes", async () => {
    const digests = await digestsOn(runtime);
    const larger = new Uint8Array(200).fill(7);
    const view = larger.subarray(10, 60);
    expect(Buffer.compare(digests.sha384(view), digests.sha384(view.slice()))).toBe(0);
  });

  it("takes SHA-256 in pieces", async () => {
    const digests = await digestsOn(runtime);
    const hash = digests.sha256();
    for (const text of ["", "ab", "c"]) hash.update(new TextEncoder().encode(text));
    expect(Buffer.from(hash.digest()).toString("hex")).toBe(createHash("sha256").update("abc").digest("hex"));
  });

  it("says its name and cannot be changed", async () => {
    const digests = await digestsOn(runtime);
    expect(digests.name).toBe("node");
    expect(Object.isFrozen(digests)).toBe(true);
  });
});
