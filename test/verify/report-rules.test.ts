import { describe, expect, it } from "vitest";
import { PRODUCT_LINES } from "../../src/amd/product-lines.js";
import { tcbComponents } from "../../src/amd/tcb.js";
import { fromHex } from "../../src/bytes/codecs.js";
import { isField } from "../../src/bytes/layout.js";
import { REPORT_LAYOUTS, REPORT_VERSIONS } from "../../src/report/layouts.js";
import { describeTwins, forgeOf, judge, type Trial, type Twins } from "./forged.js";

const milan = await forgeOf();
const vlek = await forgeOf("Milan", "VLEK");
const forges = { Milan: milan, Genoa: await forgeOf("Genoa"), Turin: await forgeOf("Turin") };

/** A report cut or filled up to a length. */
const ofLength =
  (length: number): NonNullable<Trial["hand"]> =>
  ({ evidence }) => {
    const report = new Uint8Array(length);
    report.set(evidence.report.subarray(0, length));
    return { ...evidence, report };
  };

const lengths: Twins[] = [0, 1183, 1185, 5280].map((length) => ({
  name: `${length} bytes`,
  forge: milan,
  sound: { hand: ofLength(1184) },
  wrong: { hand: ofLength(length) },
  code: "ERR_MALFORMED_LENGTH",
  detail: { what: "evidence.report", expected: 1184, actual: length },
}));

const versions: Twins[] = [0, 1, 6, 99, 0xffffffff].map((version) => ({
  name: `version ${version}`,
  forge: milan,
  sound: { evidence: { report: { version: 2 } } },
  wrong: { evidence: { report: { version } } },
  code: "ERR_UNSUPPORTED_REPORT_VERSION",
  detail: { version, supported: [2, 3, 4, 5] },
}));

describeTwins("a report's shape", [...lengths, ...versions]);

describe("a report of every known version", () => {
  it.each(REPORT_VERSIONS)("%i verifies on every line", (version) => {
    for (const forge of [...Object.values(forges), vlek]) {
      const verified = judge(forge, { evidence: { report: { version } } });
      expect(verified.report.version).toBe(version);
      expect(verified.productLine).toBe(forge.productLine);
    }
  });
});

const algorithms: Twins[] = [0, 2, 3, 0xffffffff].map((signatureAlgo) => ({
  name: `SIGNATURE_ALGO ${signatureAlgo}`,
  forge: milan,
  wrong: { evidence: { report: { signatureAlgo } } },
  code: "ERR_UNSUPPORTED_SIGNATURE_ALGO",
  detail: { signatureAlgo, supported: 1 },
}));

const levels: Twins[] = [4, 5, 0x80000000, 0xfffffffe].map((vmpl) => ({
  name: `VMPL ${vmpl}`,
  forge: milan,
  sound: { evidence: { report: { vmpl: 3 } } },
  wrong: { evidence: { report: { vmpl } } },
  code: "ERR_UNTRUSTED_VMPL",
  detail: { vmpl },
}));

const keys: Twins[] = [2, 3, 4, 5, 6, 7].map((signingKey) => ({
  name: `SIGNING_KEY ${signingKey}`,
  forge: milan,
  wrong: { evidence: { report: { keyInfo: signingKey << 2 } } },
  code: "ERR_UNSUPPORTED_SIGNING_KEY",
  detail: { signingKey },
}));

describeTwins("a report that no key may vouch for", [
  ...algorithms,
  ...levels,
  ...keys,
  {
    name: "VMPL 0xFFFFFFFF, the host's",
    forge: milan,
    wrong: { evidence: { report: { vmpl: 0xffffffff } } },
    code: "ERR_UNTRUSTED_HOST_REQUESTED",
    detail: { vmpl: 0xffffffff },
  },
  {
    name: "POLICY bit 17 zero",
    forge: milan,
    sound: { evidence: { report: { policy: 0x20000n } } },
    wrong: { evidence: { report: { policy: 0n } } },
    code: "ERR_UNTRUSTED_GUEST_POLICY",
    detail: { policy: "0x0", bit: 17 },
  },
  {
    name: "MASK_CHIP_KEY under a VCEK",
    forge: milan,
    wrong: { evidence: { report: { keyInfo: 0b10 } } },
    code: "ERR_UNTRUSTED_MASKED_CHIP_KEY",
    detail: { keyInfo: "0x2" },
  },
  {
    name: "MASK_CHIP_KEY and no signature, as firmware leaves it",
    forge: milan,
    wrong: { evidence: { report: { keyInfo: 0b11110, signature: "none" } } },
    code: "ERR_UNTRUSTED_MASKED_CHIP_KEY",
  },
  {
    name: "MASK_CHIP_KEY under a VLEK",
    forge: vlek,
    wrong: { evidence: { report: { keyInfo: 0b110 } } },
    code: "ERR_UNTRUSTED_MASKED_CHIP_KEY",
    detail: { keyInfo: "0x6" },
  },
]);

describe("what is the guest's business", () => {
  it.each([0, 1, 2, 3])("VMPL %i verifies", (vmpl) => {
    expect(judge(milan, { evidence: { report: { vmpl } } }).report.vmpl).toBe(vmpl);
  });

  it("AUTHOR_KEY_EN and unknown bits of KEY_INFO, POLICY and PLATFORM_INFO are kept for the policy", () => {
    const policy = (1n << 63n) | 0xa0000n;
    const report = { keyInfo: 0xffffffe1, policy, platformInfo: (1n << 63n) | 0x25n };
    const verified = judge(milan, { evidence: { report } }).report;
    expect(verified.keyInfo).toMatchObject({ raw: 0xffffffe1, authorKeyEn: true });
    expect(verified.policy).toMatchObject({ raw: policy, debug: true });
    expect(verified.platformInfo.raw).toBe((1n << 63n) | 0x25n);
  });
});

const componentRows = PRODUCT_LINES.flatMap((productLine) =>
  tcbComponents(productLine).map((component) => ({ productLine, component, forge: forges[productLine] })),
);

const reportedOrder: Twins[] = componentRows.map(({ productLine, component, forge }) => {
  const chip = { tcb: { [component]: 5 } };
  const report = { committedTcb: { [component]: 4 } };
  return {
    name: `reportedTcb.${component} above currentTcb on ${productLine}`,
    forge,
    sound: { evidence: { ...chip, report } },
    wrong: { evidence: { ...chip, report: { ...report, currentTcb: { [component]: 4 } } } },
    code: "ERR_UNTRUSTED_TCB_ORDER",
    detail: { field: "reportedTcb", component, value: 5, current: 4 },
  };
});

const committedOrder: Twins[] = componentRows.map(({ productLine, component, forge }) => {
  const chip = { tcb: { [component]: 4 } };
  const report = { committedTcb: { [component]: 5 } };
  return {
    name: `committedTcb.${component} above currentTcb on ${productLine}`,
    forge,
    sound: { evidence: { ...chip, report: { ...report, currentTcb: { [component]: 5 } } } },
    wrong: { evidence: { ...chip, report } },
    code: "ERR_UNTRUSTED_TCB_ORDER",
    detail: { field: "committedTcb", component, value: 5, current: 4 },
  };
});

describeTwins("the order of TCBs", [...reportedOrder, ...committedOrder]);

describe("a current TCB above the others", () => {
  it.each(componentRows)("verifies: $component on $productLine", ({ component, forge }) => {
    const verified = judge(forge, {
      evidence: { tcb: { [component]: 4 }, report: { currentTcb: { [component]: 9 } } },
    });
    expect(verified.tcb.current[component]).toBe(9);
    expect(verified.tcb.reported[component]).toBe(4);
    expect(verified.tcb.committed[component]).toBe(4);
    expect(verified.tcb.launch[component]).toBe(4);
  });
});

const firmware = { currentMajor: 2, currentMinor: 2, currentBuild: 2 };
const same = { committedMajor: 2, committedMinor: 2, committedBuild: 2 };

const firmwareOrder: Twins[] = [
  { committedMajor: 3, committedMinor: 0, committedBuild: 0 },
  { committedMajor: 2, committedMinor: 3, committedBuild: 0 },
  { committedMajor: 2, committedMinor: 2, committedBuild: 3 },
].map((committed) => ({
  name: `committed firmware ${Object.values(committed).join(".")} above 2.2.2`,
  forge: milan,
  sound: { evidence: { report: { ...firmware, ...same } } },
  wrong: { evidence: { report: { ...firmware, ...committed } } },
  code: "ERR_UNTRUSTED_FIRMWARE_ORDER",
  detail: { committed: Object.values(committed).join("."), current: "2.2.2" },
}));

describeTwins("the order of firmware", firmwareOrder);

/** The first and the last byte of each reserved range of each version. */
const reservedBytes = REPORT_VERSIONS.flatMap((version) =>
  REPORT_LAYOUTS[version].rows.flatMap((row) => {
    if (isField(row)) return [];
    const last = row.offset + row.size - 1;
    const offsets = row.offset === last ? [last] : [row.offset, last];
    return offsets.map((offset) => ({ version, offset, kind: row.reserved, start: row.offset, size: row.size }));
  }),
);

const one = (offset: number) => [{ offset, bytes: Uint8Array.of(1) }];

const refused: Twins[] = reservedBytes
  .filter(({ kind }) => kind === "refuse")
  .map(({ version, offset }) => ({
    name: `version ${version}, byte 0x${offset.toString(16)}`,
    forge: milan,
    sound: { evidence: { report: { version } } },
    // Inside the signed range the signature covers the byte, so that nothing else is wrong.
    wrong: { evidence: { report: { version, [offset < 0x2a0 ? "patch" : "patchSigned"]: one(offset) } } },
    code: "ERR_MALFORMED_RESERVED",
    detail: { offset },
  }));

describeTwins("reserved bytes that must be zero", refused);

describe("reserved bytes that are kept", () => {
  const kept = reservedBytes.filter(({ kind }) => kind === "keep");
  it.each(kept)("version $version, byte $offset: signed it is reported, altered it is refused", (row) => {
    const { version, offset, start, size } = row;
    const verified = judge(milan, { evidence: { report: { version, patch: one(offset) } } });
    expect(verified.report.reserved).toMatchObject([{ offset: start }]);
    expect(verified.report.reserved[0]?.bytes).toHaveLength(size);
    const altered = { evidence: { report: { version, patchSigned: one(offset) } } };
    expect(() => judge(milan, altered)).toFailWith("ERR_UNTRUSTED_REPORT_SIGNATURE");
  });
});

const ORDER = fromHex(
  "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
);
const orderMinusOne = Uint8Array.from(ORDER, (byte, index) => (index === 47 ? byte - 1 : byte));

/** Numbers that r and s may not be, and how they are refused. */
const scalars = [
  { what: "zero", value: new Uint8Array(48), reason: /not in 1\.\.n-1/ },
  { what: "n", value: ORDER, reason: /not in 1\.\.n-1/ },
  { what: "all ones", value: new Uint8Array(48).fill(0xff), reason: /not in 1\.\.n-1/ },
  { what: "n - 1, in range but wrong", value: orderMinusOne, reason: /did not sign/ },
];

describeTwins(
  "a signature out of range",
  (["signatureR", "signatureS"] as const).flatMap((field) =>
    scalars.map(
      ({ what, value, reason }): Twins => ({
        name: `${field} ${what}`,
        forge: milan,
        wrong: { evidence: { report: { [field]: value.slice().reverse() } } },
        code: "ERR_UNTRUSTED_REPORT_SIGNATURE",
        detail: { reason: expect.stringMatching(reason) },
      }),
    ),
  ),
);

describeTwins(
  "a signature above 384 bits",
  [0x2d0, 0x2e7, 0x318, 0x32f].map(
    (offset): Twins => ({
      name: `byte 0x${offset.toString(16)}`,
      forge: milan,
      wrong: { evidence: { report: { patchSigned: one(offset) } } },
      code: "ERR_MALFORMED_RESERVED",
      detail: { offset },
    }),
  ),
);

describeTwins("a signature that is not this key's over these bytes", [
  {
    name: "another key",
    forge: milan,
    wrong: { evidence: { report: { signWith: milan.foreignLeafKey() } } },
    code: "ERR_UNTRUSTED_REPORT_SIGNATURE",
  },
  {
    name: "REPORT_DATA altered after signing",
    forge: milan,
    wrong: { evidence: { report: { patchSigned: one(0x50) } } },
    code: "ERR_UNTRUSTED_REPORT_SIGNATURE",
  },
  {
    name: "r and s exchanged",
    forge: milan,
    wrong: {
      hand: ({ evidence }) => {
        const report = evidence.report.slice();
        report.copyWithin(0x2a0, 0x2e8, 0x2e8 + 48);
        report.set(evidence.report.subarray(0x2a0, 0x2a0 + 48), 0x2e8);
        return { ...evidence, report };
      },
    },
    code: "ERR_UNTRUSTED_REPORT_SIGNATURE",
  },
  {
    name: "the signature of another report of the same chip",
    forge: milan,
    wrong: {
      hand: ({ evidence }) => {
        const other = milan.report({ reportData: new Uint8Array(64).fill(7) }).bytes;
        const report = evidence.report.slice();
        report.set(other.subarray(0x2a0), 0x2a0);
        return { ...evidence, report };
      },
    },
    code: "ERR_UNTRUSTED_REPORT_SIGNATURE",
  },
]);

describe("the twin of a signature", () => {
  it("s replaced by n - s verifies: a report's bytes or hash are no key against replay", () => {
    for (const forge of [milan, vlek, forges.Turin]) {
      const [report, twin] = (["sign", "twin"] as const).map((signature) =>
        judge(forge, { evidence: { report: { signature } } }),
      );
      expect(twin?.reportBytes).not.toEqual(report?.reportBytes);
      expect(twin?.reportBytes.subarray(0, 0x2e8)).toEqual(report?.reportBytes.subarray(0, 0x2e8));
    }
  });
});
