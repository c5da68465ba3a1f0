import { describe, expect, it } from "vitest";
import { createTableSource } from "../../src/kds/index.js";
import {
  CERTIFICATE_TABLE_GUID,
  certificateTableEntries,
  createForge,
  encodeCertificateTable,
} from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { CollateralRequest } from "../../src/verify/types.js";
import { HIERARCHIES } from "../verify/forged.js";

const forge = await createForge({ seed: "table source" });
const { evidence, chip, leaf, intermediate, crl } = forge.evidence();
const vlek = forge.vlek().der;
const table = encodeCertificateTable(certificateTableEntries("VCEK", evidence.certificates ?? {}));
const both = encodeCertificateTable([
  ...certificateTableEntries("VCEK", evidence.certificates ?? {}),
  { guid: CERTIFICATE_TABLE_GUID.VLEK, bytes: vlek },
]);

const base = { productLine: "Milan", signingKey: "VCEK" } as const;
const leafRequest: CollateralRequest = { ...base, role: "leaf", hwId: chip.hwId, reportedTcb: chip.tcb };

describe.each(HIERARCHIES)("a table source of $productLine, $signingKey", ({ productLine, signingKey }) => {
  it("completes evidence that then verifies", async () => {
    const forged = forge.evidence({ productLine, signingKey });
    const bytes = encodeCertificateTable(certificateTableEntries(signingKey, forged.evidence.certificates ?? {}));
    const options = { now: forged.now, anchors: forged.anchors, collateral: createTableSource(bytes) };
    const verified = await verifyEvidence({ report: forged.evidence.report }, options);
    expect(verified).toMatchObject({
      productLine,
      signingKey,
      revocation: { status: "checked", source: "collateral" },
    });
  });
});

describe("a table source", () => {
  it.each<[string, CollateralRequest, Uint8Array | undefined]>([
    ["the leaf", leafRequest, leaf.der],
    ["the intermediate", { ...base, role: "intermediate" }, intermediate.der],
    ["the CRL", { ...base, role: "crl" }, crl.der],
    ["the CRL at the other branch", { ...base, role: "crl", signingKey: "VLEK" }, crl.der],
    ["another chip", { ...leafRequest, hwId: chip.hwId.map((byte) => byte ^ 1) }, undefined],
    ["a chip id of another length", { ...leafRequest, hwId: chip.hwId.subarray(1) }, undefined],
    ["another TCB", { ...leafRequest, reportedTcb: { ...chip.tcb, tee: 1 } }, undefined],
    ["another line", { ...leafRequest, productLine: "Genoa" }, undefined],
    ["the other key", { ...leafRequest, signingKey: "VLEK" }, undefined],
    ["the other branch", { ...base, role: "intermediate", signingKey: "VLEK" }, undefined],
    ["another line's intermediate", { ...base, role: "intermediate", productLine: "Turin" }, undefined],
    ["another line's CRL", { ...base, role: "crl", productLine: "Genoa" }, undefined],
  ])("asked for %s answers that or nothing", async (_, request, expected) => {
    expect(await createTableSource(table).get(request, {})).toEqual(expected);
  });

  it("with both leaves gives each to whom it is for, whatever the chip of a VLEK", async () => {
    const source = createTableSource(both);
    expect(await source.get(leafRequest, {})).toEqual(leaf.der);
    const tcb = forge.chip({ signingKey: "VLEK" }).tcb;
    const request: CollateralRequest = {
      ...leafRequest,
      signingKey: "VLEK",
      hwId: new Uint8Array(64),
      reportedTcb: tcb,
    };
    expect(await source.get(request, {})).toEqual(vlek);
  });

  it("of an empty table has nothing", async () => {
    expect(await createTableSource(new Uint8Array()).get(leafRequest, {})).toBeUndefined();
  });

  it("is not changed by what happens to the bytes, or to its answers", async () => {
    const bytes = table.slice();
    const source = createTableSource(bytes);
    bytes.fill(0);
    (await source.get(leafRequest, {}))?.fill(0);
    expect(await source.get(leafRequest, {})).toEqual(leaf.der);
  });

  it.each([
    ["a leaf", leafRequest, CERTIFICATE_TABLE_GUID.VCEK],
    ["an intermediate", { ...base, role: "intermediate" }, CERTIFICATE_TABLE_GUID.ASK],
    ["a CRL", { ...base, role: "crl" }, CERTIFICATE_TABLE_GUID.CRL],
  ] as const)("fails with %s that cannot be read", async (_, request, guid) => {
    const source = createTableSource(encodeCertificateTable([{ guid, bytes: Uint8Array.of(0x30, 1, 0) }]));
    await expect(source.get(request, {})).toFailWith("ERR_COLLATERAL_UNAVAILABLE", { role: request.role });
    await expect(source.get(request, {})).rejects.toMatchObject({ retryable: false });
  });

  it("refuses a broken table at once, and what is no table", () => {
    expect(() => createTableSource(table.subarray(0, 60))).toFailWith("ERR_MALFORMED_CERTIFICATE_TABLE");
    expect(() => createTableSource("table" as unknown as Uint8Array)).toThrow(TypeError);
  });
});
