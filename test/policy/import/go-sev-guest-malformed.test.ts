import { describe, expect, it } from "vitest";
import { definePolicy } from "../../../src/policy/define.js";
import { fromGoSevGuest } from "../../../src/policy/import/index.js";
import { notesOf } from "./support.js";

const text = (length: number, byte: number) => `"${`\\x${byte.toString(16)}`.repeat(length)}"`;
const FORMAT = "go-sev-guest policy";

describe("an input that is no go-sev-guest policy", () => {
  it.each([
    ["", "policy", /bit 17/],
    ["policy: 0", "policy", /bit 17/],
    ["policy: 0x10000", "policy", /bit 17/],
    ["policy: 0x4030000", "policy", /bits 63:26/],
    ["policy { policy: 0x10000 }", "policy/policy", /bit 17/],
    ["root_of_trust { }", "policy", /a Policy, found none/],
    ["policy: 0x30000 platform_info { value: 0x40 }", "platform_info", /bit 6/],
    ["policy: 0x30000 platform_info { value: 0x100 }", "platform_info", /bit 6/],
    ["policy: 0x30000 vmpl { value: 4 }", "vmpl", /0 to 3, found 4/],
    ["policy: 0x30000 vmpl: 0", "vmpl", /a message/],
    ["policy: 0x30000 minimum_build: 256", "minimum_build", /at most 255/],
    ['policy: 0x30000 minimum_version: "1"', "minimum_version", /a version such as 1\.55/],
    ['policy: 0x30000 minimum_version: "1.256"', "minimum_version", /a version/],
    ['policy: 0x30000 minimum_version: "300.1"', "minimum_version", /a version/],
    ['policy: 0x30000 minimum_version: "1.5.6"', "minimum_version", /a version/],
    [`policy: 0x30000 family_id: ${text(15, 1)} `, "family_id", /16 bytes, found 15/],
    [`policy: 0x30000 image_id: ""`, "image_id", /16 bytes, found 0/],
    [`policy: 0x30000 report_data: ${text(63, 1)}`, "report_data", /64 bytes, found 63/],
    [`policy: 0x30000 measurement: ${text(32, 1)}`, "measurement", /48 bytes, found 32/],
    [`policy: 0x30000 host_data: ${text(33, 1)}`, "host_data", /32 bytes, found 33/],
    [`policy: 0x30000 report_id: ${text(16, 1)}`, "report_id", /32 bytes/],
    [`policy: 0x30000 report_id_ma: ${text(16, 1)}`, "report_id_ma", /32 bytes/],
    [`policy: 0x30000 chip_id: ${text(16, 1)}`, "chip_id", /64 or 8 bytes, found 16/],
    ["policy: 0x30000 minimum_tcb: 0x10000", "minimum_tcb", /zeros in the bytes/],
    ["policy: 0x30000 minimum_launch_tcb: 0x100000000", "minimum_launch_tcb", /zeros in the bytes/],
    ["policy: 0x30000 minimum_tcb_turin: 0x100000000", "minimum_tcb_turin", /zeros in the bytes/],
    ["policy: 0x30000 require_id_block: true", "trusted_id_key_hashes", /trusted keys, found none/],
    [
      `policy: 0x30000 require_author_key: true trusted_id_key_hashes: ${text(48, 1)}`,
      "trusted_author_key_hashes",
      /trusted keys, found none/,
    ],
    [
      `policy: 0x30000 require_id_block: true trusted_id_key_hashes: ${text(48, 0)}`,
      "trusted_id_key_hashes",
      /trusted keys, found none/,
    ],
    [
      `policy: 0x30000 require_id_block: true trusted_id_key_hashes: [${text(48, 1)}, ${text(32, 1)}]`,
      "trusted_id_key_hashes/1",
      /48 bytes, found 32/,
    ],
    [`policy: 0x30000 require_id_block: true trusted_id_keys: "0"`, "trusted_id_keys/0", /no certificate.*keyDigest/],
    [`policy: 0x30000 require_author_key: true trusted_author_keys: "0"`, "trusted_author_keys/0", /no certificate/],
    ["policy: 0x30000 product { name: SEV_PRODUCT_ROME }", "product/name", /SEV_PRODUCT_MILAN/],
    ["policy: 0x30000 product { stepping: 1 }", "product/stepping", /beside the name of a product/],
    ["policy: 0x30000 product { name: 1 stepping: 16 }", "product/stepping", /0 to 15/],
    [
      "policy: 0x30000 product { name: 1 stepping: 1 machine_stepping { value: 2 } }",
      "product/stepping",
      /the same as product\/machine_stepping/,
    ],
    [
      'root_of_trust { product_line: "Rome" } policy { policy: 0x30000 }',
      "root_of_trust/product_line",
      /Milan, Genoa or/,
    ],
    ['root_of_trust { product: "Milan-B0" } policy { policy: 0x30000 }', "root_of_trust/product", /Milan, Genoa or/],
    [
      'root_of_trust { product_line: "Milan" product: "Genoa" } policy { policy: 0x30000 }',
      "root_of_trust/product",
      /the same as root_of_trust\/product_line/,
    ],
    [
      'root_of_trust { product: "Genoa" } policy { policy: 0x30000 product { name: SEV_PRODUCT_MILAN } }',
      "policy/product",
      /the Genoa of root_of_trust, found Milan/,
    ],
    [
      'root_of_trust { product: "Turin" } policy { policy: 0x30000 minimum_tcb: 4 }',
      "minimum_tcb",
      /minimum_tcb_turin for Turin/,
    ],
    ["policy: 0x30000 minimum_tbc: 4", "minimum_tbc", /one of the fields minimum_guest_svn/],
    ["policy: 0x30000 policy: 0x30000", "policy", /one value/],
    ["policy: 0x30000 }", "line 1", /the name of a field/],
    ['{"policy": 196608, "policy": 196608}', "policy", /twice/],
    ['{"policy": 196608', "", /not JSON/],
    ['{"policy": "0x30000"}', "policy", /a whole number/],
    ['{"policy": {"policy": 0}}', "policy/policy", /bit 17/],
    ['{"rootOfTrust": {}}', "policy", /a Policy, found none/],
    ['{"root_of_trust": {}, "policy": {"policy": 196608, "minimumTbc": 1}}', "policy/minimumTbc", /one of the fields/],
  ])("%s", (input, where, reason) => {
    const detail = { format: FORMAT, where, reason: expect.stringMatching(reason) };
    expect(() => fromGoSevGuest(input)).toFailWith("ERR_MALFORMED_IMPORT", detail);
  });

  it("is text or bytes in UTF-8, and not too long", () => {
    const bytes = new TextEncoder().encode("policy: 0x30000");
    expect(fromGoSevGuest(bytes)).toEqual(fromGoSevGuest("policy: 0x30000"));
    expect(() => fromGoSevGuest(Uint8Array.of(0xff))).toFailWith("ERR_MALFORMED_IMPORT", { where: "" });
    const long = `policy: 0x30000 ${" ".repeat(262_144)}`;
    expect(() => fromGoSevGuest(long)).toFailWith("ERR_MALFORMED_LENGTH", { what: "input" });
    expect(() => fromGoSevGuest(new Uint8Array(262_145))).toFailWith("ERR_MALFORMED_LENGTH", { what: "input" });
    for (const odd of [undefined, null, 5, {}, ["policy"]]) {
      expect(() => Reflect.apply(fromGoSevGuest, undefined, [odd])).toThrow(TypeError);
    }
  });
});

describe("notes on a go-sev-guest policy", () => {
  const notesFor = (input: string) => fromGoSevGuest(input).notes;

  it("are frozen, and so is the policy", () => {
    const made = fromGoSevGuest("policy: 0x30000");
    expect(Object.isFrozen(made) && Object.isFrozen(made.policy) && Object.isFrozen(made.notes)).toBe(true);
    expect(made.notes.every((note) => Object.isFrozen(note))).toBe(true);
  });

  it("say where REPORT_DATA, measurement and TCB are left open, and where bytes are never fresh", () => {
    const open = fromGoSevGuest("policy: 0x30000");
    expect(notesOf(open, "meant")).toEqual([
      expect.stringMatching(/^Any TCB/),
      expect.stringMatching(/^Any measurement/),
      expect.stringMatching(/^Any REPORT_DATA/),
    ]);
    const exact = notesFor(`policy: 0x30000 report_data: ${text(64, 1)}`);
    expect(exact).toContainEqual({
      kind: "meant",
      where: "report_data",
      pointer: "/snp/reportData",
      text: expect.stringMatching(/fresh/),
    });
  });

  it("say that an author key is not part of what is compared where it is not required", () => {
    const notes = notesFor(`policy: 0x30000 trusted_author_key_hashes: ${text(48, 1)} trusted_id_keys: "x"`);
    const ignored = notes.filter(({ text: said }) => /only with require_id_block/.test(said));
    expect(ignored.map(({ where }) => where)).toEqual(["trusted_author_key_hashes/0", "trusted_id_keys/0"]);
  });

  it("say that roots and the network belong to verification", () => {
    const input = `root_of_trust { cabundle_paths: "a.pem" cabundles: ["b", "c"] disallow_network: true }
      policy { policy: 0x30000 }`;
    const left = notesFor(input).filter(({ kind }) => kind === "not-carried");
    expect(left.map(({ where }) => where)).toEqual([
      "root_of_trust/cabundle_paths/0",
      "root_of_trust/cabundles/0",
      "root_of_trust/cabundles/1",
      "root_of_trust/disallow_network",
    ]);
  });

  it("say that Turin has no floors, that Milan is the tool's default, and that zeros are no key", () => {
    expect(notesOf(fromGoSevGuest("policy: 0x30000"), "tightened")).toContainEqual(
      expect.stringMatching(/^Turin is refused/),
    );
    const config = fromGoSevGuest("root_of_trust { } policy { policy: 0x30000 }");
    expect(notesOf(config, "meant")).toContainEqual(expect.stringMatching(/tool's default/));
    expect(config.policy).toMatchObject({ snp: { productLine: ["Milan"] } });
    const zeros = `policy: 0x30000 require_id_block: true trusted_id_key_hashes: [${text(48, 0)}, ${text(48, 1)}]`;
    expect(notesOf(fromGoSevGuest(zeros), "tightened")).toContainEqual(expect.stringMatching(/zeros mean/));
  });

  it("point into the policy where they name a place", async () => {
    const keys = `require_id_block: true trusted_id_key_hashes: ${text(48, 1)} trusted_author_key_hashes: ${text(48, 2)}`;
    const rest = `minimum_version: "1.2" minimum_build: 3 permit_provisional_firmware: true platform_info { }`;
    for (const input of [`policy: 0x30000 ${rest}`, `policy: 0x30000 ${keys} ${rest}`]) {
      const { policy, notes } = fromGoSevGuest(input);
      await definePolicy(policy);
      const pointers = notes.flatMap(({ pointer }) => (pointer === null ? [] : [pointer]));
      expect(pointers.length).toBeGreaterThan(4);
      for (const pointer of pointers) expect(at(policy, pointer), pointer).toBeDefined();
    }
  });
});

function at(value: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce((part, step) => Reflect.get(Object(part), step), value);
}
