import { describe, expect, it } from "vitest";
import { fromSnpguestFlags } from "../../../src/policy/import/index.js";
import type { VerifiedRecord } from "../../../src/verify/record.js";
import { askAll, type Usual } from "./reports.js";
import { type Comparison, disagreements, fieldHex, notesOf, verdictsOf } from "./support.js";

const hex = (length: number, byte: number) => byte.toString(16).padStart(2, "0").repeat(length);

/** snpguest compares the fields that its flags name with what they give, and nothing else. */
function snpguestAccepts(exact: Readonly<Record<number, string>>, { bytes }: VerifiedRecord): boolean {
  return Object.entries(exact).every(([at, wanted]) => fieldHex(bytes, Number(at), wanted.length / 2) === wanted);
}

/** What differs since snpguest does not look. */
const SILENT = {
  "asked for by the host": /VMPL/,
  "policy debug turned": /DEBUG/,
  "policy migrateMa turned": /MIGRATE_MA/,
  "policy with bit 26": /not known/,
  "signed by a VLEK": /VLEK/,
  "a late CRL": /CRL/,
  "no CRL": /CRL/,
  "an expired leaf": /dates/,
  "KEY_INFO with a bit that nobody knows": /KEY_INFO 31:5/,
} as const;

const EXAMPLES: readonly {
  readonly name: string;
  readonly input: string;
  readonly exact: Readonly<Record<number, string>>;
  readonly usual?: Usual;
  readonly differing: Readonly<Record<string, RegExp>>;
}[] = [
  {
    name: "a command line with every field",
    input: `
      ./target/release/snpguest verify attestation ./certs "attestation report.bin" \\
        --measurement 0x${hex(48, 0x5a)} \\
        --host-data ${hex(32, 0x4d).toUpperCase()} \\
        --report-data=0x${hex(64, 0xda)} \\
        --id-key-digest '${hex(48, 0x1d)}' \\
        --author-key-digest ${hex(48, 0xa4)}
    `,
    exact: { 144: hex(48, 0x5a), 192: hex(32, 0x4d), 80: hex(64, 0xda), 224: hex(48, 0x1d), 272: hex(48, 0xa4) },
    differing: SILENT,
  },
  {
    name: "short flags alone",
    input: `-q -m ${hex(48, 0x5a)} -d ${hex(32, 0x4d)} -s`,
    exact: { 144: hex(48, 0x5a), 192: hex(32, 0x4d) },
    differing: SILENT,
  },
  {
    name: "an author key alone",
    input: `snpguest -q verify attestation certs report.bin --author-key-digest=${hex(48, 0xa4)} -t`,
    exact: { 272: hex(48, 0xa4) },
    differing: SILENT,
  },
  {
    name: "nothing but the command",
    input: "snpguest verify attestation certs report.bin",
    exact: {},
    differing: SILENT,
  },
];

describe("flags of snpguest and the policy made of them", () => {
  it.each(EXAMPLES)("decide the same: $name", async ({ input, exact, usual, differing }) => {
    const comparison: Comparison = {
      imported: fromSnpguestFlags(input),
      source: (record) => snpguestAccepts(exact, record),
      asked: askAll(differing, usual),
    };
    expect(await disagreements(comparison)).toEqual([]);
    expect(verdictsOf(comparison).accepted).toBeGreaterThan(20);
    expect(verdictsOf(comparison).refused > 0).toBe(Object.keys(exact).length > 0);
  });

  it.each([
    ["milan", "Milan", ["a Genoa host", "a Bergamo host"]],
    ["genoa", "Genoa", ["as launched"]],
    ["Bergamo", "Genoa", ["as launched"]],
    ["siena", "Genoa", ["as launched"]],
    ["turin", "Turin", ["as launched", "a Genoa host"]],
  ])("hold the report to the model %s, which the notes say", async (model, line, others) => {
    const imported = fromSnpguestFlags(`-p ${model}`);
    expect(imported.policy).toMatchObject({ snp: { productLine: [line] } });
    const all = askAll(Object.fromEntries(others.map((name) => [name, /processor model/])));
    const asked = Object.fromEntries(others.map((name) => [name, all[name] ?? { evidence: {} }]));
    expect(await disagreements({ imported, source: () => true, asked })).toEqual([]);
  });

  it("say what is left open, and that everything is verified whatever -t and -s say", () => {
    const imported = fromSnpguestFlags("-t -s");
    expect(notesOf(imported, "meant")).toEqual([
      expect.stringMatching(/^Any measurement/),
      expect.stringMatching(/^Any REPORT_DATA/),
      expect.stringMatching(/^Any TCB/),
    ]);
    const whole = imported.notes.filter(({ text }) => /verified all the same/.test(text));
    expect(whole.map(({ kind, where }) => [kind, where])).toEqual([
      ["tightened", "--tcb"],
      ["tightened", "--signature"],
    ]);
    expect(imported.policy).toEqual({
      version: 1,
      id: "imported from snpguest flags",
      snp: { measurement: "any", reportData: "any", minimumTcb: "any" },
    });
  });

  it("take words as a shell does", () => {
    const digits = hex(48, 0x5a);
    const plain = fromSnpguestFlags(`--measurement ${digits}`);
    for (const input of [
      `--measurement "${digits}"`,
      `--measurement '${digits.slice(0, 7)}'"${digits.slice(7, 9)}"${digits.slice(9)}`,
      `--measurement \\\n\t${digits}`,
      `"--measurement"=${digits}`,
      `--meas\\urement ${digits}`,
    ]) {
      expect(fromSnpguestFlags(input)).toEqual(plain);
    }
  });
});

describe("words that are no flags of snpguest verify attestation", () => {
  it.each([
    ["--measurement", "--measurement", /a value/],
    [`-m ${hex(47, 1)}`, "--measurement", /96 hex digits/],
    [`-m ${hex(48, 1)}0`, "--measurement", /96 hex digits/],
    [`-m 0X${hex(48, 1)}`, "--measurement", /96 hex digits/],
    [`-m ${"g".repeat(96)}`, "--measurement", /96 hex digits/],
    [`-m ''`, "--measurement", /96 hex digits, found ""/],
    [`-d ${hex(31, 1)}`, "--host-data", /64 hex digits/],
    [`-r ${hex(32, 1)}`, "--report-data", /128 hex digits/],
    [`--id-key-digest ${hex(47, 1)}`, "--id-key-digest", /96 hex digits/],
    [`--id-key-digest ${hex(48, 0)}`, "--id-key-digest", /zeros/],
    [`--author-key-digest ${hex(48, 0)}`, "--author-key-digest", /zeros/],
    [`-m ${hex(48, 1)} --measurement ${hex(48, 1)}`, "--measurement", /once/],
    ["-t -t", "--tcb", /once/],
    ["--tcb=yes", "--tcb", /no value/],
    ["-p rome", "--processor-model", /milan, genoa/],
    ["--measurment 00", '"--measurment"', /a flag/],
    ["-x", '"-x"', /a flag/],
    ["-t a b c", '"c"', /two paths/],
    ["snpguest verify attestation a b c", '"c"', /two paths/],
    ["snpguest verify certs ./certs", "word 3", /found "certs"/],
    ["snpguest report", "word 2", /found "report"/],
    ["snphost verify attestation", "word 1", /found "snphost"/],
    ["sudo snpguest verify attestation", "word 1", /found "sudo"/],
    ["snpguest", "word 2", /found ""/],
    ["-m $MEASUREMENT", "word 2", /a shell interprets/],
    ['-m "$MEASUREMENT"', "word 2", /a shell interprets/],
    ["-m $(cat m.txt)", "word 2", /a shell interprets/],
    ["-m `cat m.txt`", "word 2", /a shell interprets/],
    ["-t | tee log", "word 2", /a shell interprets/],
    ["-t; rm", "word 1", /a shell interprets/],
    ["-t 'open", "word 2", /a shell interprets/],
    ["-t # why", "word 2", /a shell interprets/],
    ["-t \\", "word 2", /a shell interprets/],
  ])("%s", (input, where, reason) => {
    const detail = { format: "snpguest flags", where, reason: expect.stringMatching(reason) };
    expect(() => fromSnpguestFlags(input)).toFailWith("ERR_MALFORMED_IMPORT", detail);
  });
});
