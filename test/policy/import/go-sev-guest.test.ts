import { describe, expect, it } from "vitest";
import { fromGoSevGuest } from "../../../src/policy/import/index.js";
import { type GoPolicy, goAccepts } from "./go-sev-guest-model.js";
import { askAll, type Usual } from "./reports.js";
import { type Comparison, disagreements, verdictsOf } from "./support.js";

const hex = (length: number, byte: number) => byte.toString(16).padStart(2, "0").repeat(length);
const text = (length: number, byte: number) => `"${`\\x${byte.toString(16)}`.repeat(length)}"`;
const base64 = (length: number, byte: number) => Buffer.alloc(length, byte).toString("base64");

/** A Config with everything but author keys, as an operator would keep it in a file. */
const CONFIG = `
# proto-file: check.proto
# proto-message: Config
root_of_trust {
  product_line: "Milan"
  check_crl: true
  disallow_network: false
}
policy {
  minimum_guest_svn: 5
  policy: 0x30000            # SMT, nothing else
  family_id: ${text(16, 0xfa)}
  image_id: ${text(16, 0x1a)}
  vmpl { value: 0 }
  minimum_tcb: 0xdb18000000000004
  minimum_launch_tcb: 0xdb18000000000004
  platform_info { value: 0x25 }
  report_data: ${text(64, 0xda)}
  measurement: ${text(48, 0x5a)}
  host_data: ${text(32, 0x4d)}
  report_id: ${text(32, 0x1b)}
  report_id_ma: ${text(32, 0xff)}
  chip_id: ${text(64, 0xc1)}
  minimum_version: "1.55"
  minimum_build: 21
  permit_provisional_firmware: false
  require_id_block: true
  trusted_id_key_hashes: ${text(48, 0x1d)}
  product { name: SEV_PRODUCT_MILAN machine_stepping { value: 1 } }
}`;
const CONFIG_MODEL: GoPolicy = {
  lines: ["Milan"],
  checkCrl: true,
  stepping: 1n,
  minimumGuestSvn: 5n,
  policy: 0x30000n,
  vmpl: 0n,
  minimumTcb: 0xdb18000000000004n,
  minimumLaunchTcb: 0xdb18000000000004n,
  platformInfo: 0x25n,
  minimumVersion: [1n, 55n],
  minimumBuild: 21n,
  requireIdBlock: true,
  idKeyHashes: [hex(48, 0x1d)],
  exact: {
    16: hex(16, 0xfa),
    32: hex(16, 0x1a),
    80: hex(64, 0xda),
    144: hex(48, 0x5a),
    192: hex(32, 0x4d),
    320: hex(32, 0x1b),
    352: hex(32, 0xff),
    416: hex(64, 0xc1),
  },
};

/** A Policy in JSON with both kinds of keys and every bit of the two words. */
const POLICY_JSON = JSON.stringify({
  policy: String(0x3f70132),
  platformInfo: String(0xbf),
  permitProvisionalFirmware: true,
  requireIdBlock: true,
  trustedIdKeyHashes: [base64(48, 0x1d), base64(48, 0)],
  trusted_author_key_hashes: [base64(48, 0xa4)],
  familyId: base64(16, 0xfa),
  minimumGuestSvn: 5,
  minimumTcb: String(0xdb18000000000004n),
  minimumTcbTurin: String(0xdb00000018000400n),
});
const POLICY_MODEL: GoPolicy = {
  policy: 0x3f70132n,
  platformInfo: 0xbfn,
  permitProvisional: true,
  requireIdBlock: true,
  idKeyHashes: [hex(48, 0x1d), hex(48, 0)],
  authorKeyHashes: [hex(48, 0xa4)],
  minimumGuestSvn: 5n,
  minimumTcb: 0xdb18000000000004n,
  minimumTcbTurin: 0xdb00000018000400n,
  exact: { 16: hex(16, 0xfa) },
};

/** What differs wherever nothing is said of it. */
const SILENT = { "signed by a VLEK": /VLEK/, "a late CRL": /CRL/, "no CRL": /CRL/ } as const;
const BERGAMO = { "a Bergamo host": /Bergamo/ } as const;
const HOST = { "asked for by the host": /VMPL/ } as const;
const NAMELESS = { "platformInfo nameless turned": /bit 6/ } as const;

const EXAMPLES: readonly {
  readonly name: string;
  readonly input: string;
  readonly model: GoPolicy;
  readonly usual?: Usual;
  readonly differing: Readonly<Record<string, RegExp>>;
}[] = [
  {
    name: "a Config with everything",
    input: CONFIG,
    model: CONFIG_MODEL,
    differing: {
      ...NAMELESS,
      "signed by a VLEK": /VLEK/,
      "firmware 1.58.3": /any build/,
      "a version 2 report": /version 2/,
    },
  },
  {
    name: "a Policy in JSON, with both kinds of keys and provisional firmware",
    input: POLICY_JSON,
    model: POLICY_MODEL,
    usual: { policy: 0x3d20132n, platformInfo: 0x3cn },
    differing: {
      ...SILENT,
      ...BERGAMO,
      ...HOST,
      ...NAMELESS,
      // By the author's way, where no ID key is trusted.
      "another family": /author key is trusted/,
      "an older guest": /author key is trusted/,
    },
  },
  {
    name: "a Policy of the two words alone, every requirement in them",
    input: "policy: 0x3d20137 platform_info { value: 0x3c }",
    model: { policy: 0x3d20137n, platformInfo: 0x3cn },
    usual: { policy: 0x3d20137n, platformInfo: 0x3cn },
    differing: { ...SILENT, ...BERGAMO, ...HOST, ...NAMELESS },
  },
  {
    name: "a Policy that permits all that the words can permit",
    input: "policy: 0x2f0000 platform_info { value: 0x83 }",
    model: { policy: 0x2f0000n, platformInfo: 0x83n },
    differing: { ...SILENT, ...BERGAMO, ...HOST, ...NAMELESS },
  },
  {
    name: "a Config that names nothing",
    input: "root_of_trust { } policy { policy: 0x30000 permit_provisional_firmware: true }",
    model: { policy: 0x30000n, permitProvisional: true, lines: ["Milan"] },
    differing: { ...SILENT, ...HOST },
  },
  {
    name: "a Config for Turin",
    input: `root_of_trust { product: "Turin" check_crl: true }
      policy { policy: 0x30000 vmpl { } minimum_tcb_turin: 0xdb00000018000400 minimum_launch_tcb_turin: 0x100 }`,
    model: { policy: 0x30000n, vmpl: 0n, checkCrl: true, lines: ["Turin"], minimumTcbTurin: 0xdb00000018000400n },
    differing: {},
  },
  {
    name: "a Policy that requires an author key",
    input: `policy: 0x30000 vmpl { value: 3 } require_author_key: true chip_id: ${text(64, 0)}
      trusted_author_key_hashes: [${text(48, 0xa4)}, ${text(48, 0xa5)}] trusted_id_key_hashes: ${text(48, 0x99)}`,
    model: {
      policy: 0x30000n,
      vmpl: 3n,
      requireAuthorKey: true,
      authorKeyHashes: [hex(48, 0xa4), hex(48, 0xa5)],
      exact: { 416: hex(64, 0) },
    },
    usual: { vmpl: 3, chipId: new Uint8Array(64) },
    differing: { ...SILENT, ...BERGAMO },
  },
  {
    name: "a Policy with words of an ID block and no keys, and a build without a version",
    input: `policy: 0x30000 family_id: ${text(16, 0xfa)} minimum_guest_svn: 5 minimum_build: 29
      trusted_id_key_hashes: ${text(48, 0x99)}`,
    model: { policy: 0x30000n, minimumGuestSvn: 5n, minimumBuild: 29n, exact: { 16: hex(16, 0xfa) } },
    differing: {
      ...SILENT,
      ...BERGAMO,
      ...HOST,
      "no ID block": /no ID keys are trusted/,
      "another family": /no ID keys are trusted/,
      "another family, another author": /no ID keys are trusted/,
      "an older guest": /no ID keys are trusted/,
      "an older guest of another author": /no ID keys are trusted/,
      "firmware 1.55.20": /builds of different versions/,
      "firmware 1.55.21": /builds of different versions/,
      "firmware 1.58.3": /builds of different versions/,
    },
  },
  {
    name: "a Policy with a version, for provisional firmware",
    input: `policy: 0x30000 minimum_version: "1.55" permit_provisional_firmware: true`,
    model: { policy: 0x30000n, minimumVersion: [1n, 55n], permitProvisional: true },
    differing: { ...SILENT, ...BERGAMO, ...HOST, "committed version below": /committed version/ },
  },
];

describe("a go-sev-guest policy and the policy made of it", () => {
  it.each(EXAMPLES)("decide the same: $name", async ({ input, model, usual, differing }) => {
    const comparison: Comparison = {
      imported: fromGoSevGuest(input),
      source: (record) => goAccepts(model, record),
      asked: askAll(differing, usual),
    };
    expect(await disagreements(comparison)).toEqual([]);
    const { accepted, refused } = verdictsOf(comparison);
    expect(Math.min(accepted, refused)).toBeGreaterThanOrEqual(2);
  });
});
