import { describe, expect, it } from "vitest";
import { bindReportData } from "../../../src/binding/bind.js";
import { fromOakReferenceValues } from "../../../src/policy/import/index.js";
import type { VerifiedRecord } from "../../../src/verify/record.js";
import { askAll, type Usual } from "./reports.js";
import { type Comparison, disagreements, fieldHex, fieldNumber, notesOf, verdictsOf } from "./support.js";

const hex = (length: number, byte: number) => byte.toString(16).padStart(2, "0").repeat(length);
const octal = (length: number, byte: number) => `"${`\\${byte.toString(8).padStart(3, "0")}`.repeat(length)}"`;

/** The public key of the root layer, which the guest's report is bound to. */
const ROOT_KEY = new Uint8Array(65).fill(4);
const expected = await bindReportData("azure", { runtimeData: ROOT_KEY }, { fromEvidence: ["runtimeData"] });
const DIGEST = Buffer.from(expected.bytes.subarray(0, 32)).toString("hex");

type Components = Readonly<Partial<Record<"bootLoader" | "tee" | "snp" | "microcode" | "fmc", number>>>;

/** Reference values as Oak reads them; a line that is left out fails. */
interface OakValues {
  readonly all?: Components;
  readonly lines?: Readonly<Record<string, Components>>;
  readonly allowDebug?: boolean;
  readonly measurements?: readonly string[];
  readonly checkExpiry?: boolean;
}

/** REPORTED_TCB by the line's order of bytes; Milan and Genoa have an FMC of zero. */
function reportedTcb(bytes: Uint8Array, line: string): Required<Components> {
  const at = (index: number) => Number(fieldNumber(bytes, 0x180 + index, 1));
  if (line === "Turin") return { fmc: at(0), bootLoader: at(1), tee: at(2), snp: at(3), microcode: at(7) };
  return { fmc: 0, bootLoader: at(0), tee: at(1), snp: at(6), microcode: at(7) };
}

/** Oak's rules for an SEV-SNP report whose VCEK an ASK of AMD signed, and whose first 32 bytes name the root key. */
function oakAccepts(values: OakValues, record: VerifiedRecord): boolean {
  const { bytes, productLine, signingKey, chain } = record;
  const floor = values.all ?? values.lines?.[productLine];
  const actual = reportedTcb(bytes, productLine);
  const names = ["bootLoader", "tee", "snp", "microcode", "fmc"] as const;
  const debug = (fieldNumber(bytes, 8, 8) >> 19n) & 1n;
  return [
    signingKey === "VCEK",
    values.checkExpiry !== true || chain.leaf.notAfter >= chain.verifiedAt,
    fieldHex(bytes, 0x50, 32) === DIGEST,
    fieldNumber(bytes, 0x30, 4) === 0n,
    values.allowDebug === true || debug === 0n,
    floor !== undefined && names.every((name) => actual[name] >= (floor[name] ?? 0)),
    values.measurements === undefined || values.measurements.includes(fieldHex(bytes, 0x90, 48)),
  ].every(Boolean);
}

const MINIMUM = "minimum { boot_loader: 4 snp: 24 microcode: 219 }";
const STAGE0 = `stage0 { digests { digests { sha2_384: ${octal(48, 0x5a)} } digests { sha2_384: ${octal(48, 0x5b)} } } }`;

const SILENT = {
  "policy migrateMa turned": /MIGRATE_MA/,
  "policy with bit 26": /not known/,
  "KEY_INFO with a bit that nobody knows": /KEY_INFO 31:5/,
  "a late CRL": /CRL/,
  "no CRL": /CRL/,
} as const;
const DATES = { "an expired leaf": /dates/ } as const;

const EXAMPLES: readonly {
  readonly name: string;
  readonly input: string;
  readonly model: OakValues;
  readonly differing: Readonly<Record<string, RegExp>>;
}[] = [
  {
    name: "Oak Containers, every line with its own floor",
    input: `
      # proto-message: oak.attestation.v1.ReferenceValues
      oak_containers {
        root_layer {
          amd_sev {
            milan { ${MINIMUM} }
            genoa { minimum: { boot_loader: 4 tee: 0 snp: 25 microcode: 84 } }
            turin { minimum { boot_loader: 4, snp: 24, microcode: 219, fmc: 0 } }
            ${STAGE0}
            check_vcek_cert_expiry: true
          }
        }
        kernel_layer { kernel { digests { image { digests { sha2_256: "x" } } } } kernel_cmd_line_text { skip {} } }
        system_layer { system_image { skip {} } }
        container_layer { binary { skip { } } configuration { skip { } } }
      }`,
    model: {
      lines: {
        Milan: { bootLoader: 4, snp: 24, microcode: 219 },
        Genoa: { bootLoader: 4, snp: 25, microcode: 84 },
        Turin: { bootLoader: 4, snp: 24, microcode: 219 },
      },
      measurements: [hex(48, 0x5a), hex(48, 0x5b)],
      checkExpiry: true,
    },
    differing: SILENT,
  },
  {
    name: "Oak Restricted Kernel, Turin with an FMC, Genoa left out, debugging allowed",
    input: `
      oak_restricted_kernel {
        root_layer {
          amd_sev {
            milan { skip { } }
            turin { minimum { fmc: 9 snp: 24 } }
            allow_debug: true
            stage0 { skip {} }
          }
          intel_tdx { }
          insecure { }
        }
        kernel_layer { }
        application_layer { }
      }`,
    model: { lines: { Milan: {}, Turin: { fmc: 9, snp: 24 } }, allowDebug: true },
    differing: { ...SILENT, ...DATES },
  },
  {
    name: "the floor of old for all lines, which the lines' own do not change",
    input: `amd_sev { min_tcb_version { ${MINIMUM.replace("minimum {", "").replace("}", "")} } genoa { skip {} } ${STAGE0} }`,
    model: { all: { bootLoader: 4, snp: 24, microcode: 219 }, measurements: [hex(48, 0x5a), hex(48, 0x5b)] },
    differing: { ...SILENT, ...DATES },
  },
  {
    name: "an FMC for a line that has none",
    input: `milan { minimum { fmc: 1 } } turin { } genoa { minimum { snp: 24 } } ${STAGE0} check_vcek_cert_expiry: true`,
    model: {
      lines: { Milan: { fmc: 1 }, Genoa: { snp: 24 } },
      measurements: [hex(48, 0x5a), hex(48, 0x5b)],
      checkExpiry: true,
    },
    differing: {},
  },
];

const USUAL: Usual = { reportData: expected.bytes };

describe("Oak's reference values and the policy made of them", () => {
  it.each(EXAMPLES)("decide the same: $name", async ({ input, model, differing }) => {
    const comparison: Comparison = {
      imported: fromOakReferenceValues(input),
      source: (record) => oakAccepts(model, record),
      asked: askAll(differing, USUAL),
      inputs: { reportData: expected },
    };
    expect(await disagreements(comparison)).toEqual([]);
    const { accepted, refused } = verdictsOf(comparison);
    expect(Math.min(accepted, refused)).toBeGreaterThanOrEqual(1);
  });

  it("look at the second half of REPORT_DATA, which the notes say", async () => {
    const imported = fromOakReferenceValues(`milan { ${MINIMUM} } ${STAGE0}`);
    const half = expected.bytes.slice();
    half[63] = 1;
    const { "as launched": asked } = askAll({}, { ...USUAL, reportData: half });
    const source = (record: VerifiedRecord) => oakAccepts({ lines: { Milan: {} } }, record);
    const all = { half: { evidence: asked?.evidence ?? {}, differs: /second half/ } };
    expect(await disagreements({ imported, source, asked: all, inputs: { reportData: expected } })).toEqual([]);
  });

  it("say what is left out: other layers and platforms, and lines that an old floor overrides", () => {
    const [containers, kernel, old] = EXAMPLES.map(({ input }) => fromOakReferenceValues(input));
    const wheres = (of: typeof old, kind: string) =>
      of?.notes.filter((note) => note.kind === kind).map((note) => note.where);
    expect(wheres(containers, "not-carried")).toEqual(
      ["kernel_layer", "system_layer", "container_layer"].map((name) => `oak_containers/${name}`),
    );
    expect(wheres(kernel, "not-carried")?.sort()).toEqual([
      "oak_restricted_kernel/application_layer",
      "oak_restricted_kernel/kernel_layer",
      "oak_restricted_kernel/root_layer/insecure",
      "oak_restricted_kernel/root_layer/intel_tdx",
    ]);
    expect(wheres(old, "meant")).toEqual(["amd_sev/genoa"]);
    if (kernel === undefined) throw new Error("no such example");
    expect(notesOf(kernel, "meant")).toEqual([
      expect.stringMatching(/^Any measurement/),
      expect.stringMatching(/^Any TCB of Milan passes/),
    ]);
  });

  it("are read from Confidential-Computing-by-event-log values too, and other digests are left out", () => {
    const input = `cb { root_layer { amd_sev { genoa { skip {} }
      stage0 { digests { digests { sha2_384: ${octal(48, 1)} sha2_256: "x" } } } } } layers { event { } } layers { } }`;
    const { policy, notes } = fromOakReferenceValues(input);
    expect(policy).toMatchObject({ snp: { measurement: [hex(48, 1)] } });
    expect(notes.filter(({ kind }) => kind === "not-carried").map(({ where }) => where)).toEqual([
      "cb/layers/0",
      "cb/layers/1",
      "cb/root_layer/amd_sev/stage0/digests/digests/0/sha2_256",
    ]);
  });
});

describe("an endorsement of stage0", () => {
  const input = "milan { skip {} } stage0 { endorsement { endorser { keys { } } } }";

  it("stands for launch digests that the caller brings", () => {
    const measurements = [hex(48, 1), hex(48, 2)];
    const { policy, notes } = fromOakReferenceValues(input, { measurements });
    expect(policy).toMatchObject({ snp: { measurement: measurements } });
    expect(notes).toContainEqual({
      kind: "not-carried",
      where: "stage0/endorsement",
      pointer: "/snp/measurement",
      text: expect.stringMatching(/not verified here/),
    });
  });

  it.each([{}, { measurements: [] }])("is refused without them: %j", (options) => {
    expect(() => fromOakReferenceValues(input, options)).toFailWith("ERR_MALFORMED_IMPORT", {
      where: "stage0/endorsement",
      reason: expect.stringMatching(/options\.measurements/),
    });
  });

  it.each([
    [{ measurements: "00" }],
    [{ measurements: [hex(47, 1)] }],
    [{ measurements: [5] }],
    [{ measurement: [] }],
    [null],
    [[]],
  ])("takes no option %j", (options) => {
    expect(() => Reflect.apply(fromOakReferenceValues, undefined, [input, options])).toThrow(TypeError);
  });

  it("is what the digests are for: elsewhere they are a mistake", () => {
    const options = { measurements: [hex(48, 1)] };
    expect(() => fromOakReferenceValues("milan { skip {} } stage0 { skip {} }", options)).toThrow(TypeError);
  });
});

describe("what are no reference values of SEV-SNP", () => {
  const line = "milan { skip {} }";
  it.each([
    ["", "", /exactly one of oak_restricted_kernel/],
    ["oak_containers { } cb { }", "", /exactly one of/],
    ["oak_containers { }", "oak_containers/root_layer", /a root layer/],
    ["oak_containers { root_layer { intel_tdx { } } }", "root_layer/amd_sev", /AMD SEV-SNP, found none/],
    ["intel_tdx { }", "root_layer/amd_sev", /found none/],
    ["certificate_based { }", "certificate_based", /oak_restricted_kernel, oak_containers, cb/],
    ["confidential_space { }", "confidential_space", /oak_restricted_kernel/],
    [line, "stage0", /exactly one of skip, endorsement, digests/],
    [`${line} stage0 { }`, "stage0", /exactly one/],
    [`${line} stage0 { skip { } digests { } }`, "stage0", /exactly one/],
    [`${line} stage0 { digests { } }`, "stage0/digests", /at least one digest/],
    [`${line} stage0 { digests { digests { } } }`, "stage0/digests/digests/0/sha2_384", /48 bytes/],
    [`${line} stage0 { digests { digests { sha2_384: "x" } } }`, "stage0/digests/digests/0/sha2_384", /48 bytes/],
    [`${line} stage0 { digests { digests { sha2_256: "x" } } }`, "stage0/digests/digests/0/sha2_384", /48 bytes/],
    ["stage0 { skip { } }", "", /at least one of milan, genoa, turin/],
    ["milan { } stage0 { skip { } }", "", /at least one of/],
    ["milan { minimum { fmc: 1 } } stage0 { skip { } }", "", /at least one of/],
    ["milan { skip { } minimum { } } stage0 { skip { } }", "milan/minimum", /skip or minimum, found both/],
    ["milan { minimum { snp: 256 } } stage0 { skip { } }", "milan/minimum/snp", /at most 255, found 256/],
    ["turin { minimum { fmc: 256 } } stage0 { skip { } }", "turin/minimum/fmc", /at most 255/],
    ["venice { skip { } } stage0 { skip { } }", "venice", /one of the fields min_tcb_version/],
    ["milan { minimum { ucode: 1 } } stage0 { skip { } }", "milan/minimum/ucode", /boot_loader, tee/],
    ["allow_debug: maybe", "allow_debug", /true or false/],
    ["amd_sev { {", "line 1", /the name of a field/],
    ['{ "milan": {} }', "line 1", /the name of a field/],
  ])("%s", (input, where, reason) => {
    const detail = { format: "Oak reference values", where, reason: expect.stringMatching(reason) };
    expect(() => fromOakReferenceValues(input)).toFailWith("ERR_MALFORMED_IMPORT", detail);
  });
});
