import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKdsClient } from "../../src/kds/index.js";
import { createForge, type Forge } from "../../src/testing/index.js";
import { type FakeKds, startFakeKds } from "../../src/testing/kds/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";

let forge: Forge;
let kds: FakeKds;

beforeAll(async () => {
  forge = await createForge({ seed: "kds sockets" });
  kds = await startFakeKds({ forge, lineEnd: "\r\n" });
});
afterAll(() => kds.close());

describe("a client over sockets", () => {
  it("completes evidence that is a report alone, and asks for each thing once", async () => {
    const { evidence, anchors, now } = forge.evidence({ omit: ["leaf", "intermediate", "root", "crl"] });
    const collateral = createKdsClient({ now: () => now, anchors, baseUrl: kds.url });
    for (let round = 0; round < 3; round++) {
      const verified = await verifyEvidence(evidence, { now, anchors, collateral });
      expect(verified.revocation).toMatchObject({ status: "checked", source: "collateral" });
    }
    expect(kds.requests.map(({ kind }) => kind).sort()).toEqual(["cert_chain", "crl", "vcek"]);
  });
});
