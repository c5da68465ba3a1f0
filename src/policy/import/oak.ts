import { readOptions } from "../../bytes/arguments.js";
import { toHex } from "../../bytes/codecs.js";
import type { PolicyDocument, SnpBlock } from "../schema.js";
import { createNotes, type Imported, imported, type Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import { AMD_SEV, type AmdSev, FORMAT, REFERENCE_VALUES, ROOT_LAYER, type RootLayer } from "./oak-messages.js";
import { minimumTcb } from "./oak-tcb.js";
import { type ImportInput, inputText } from "./part.js";
import { type Located, type RawValue, readProto } from "./proto.js";
import { textMessage, textReader } from "./proto-text.js";
import { noteOpen, noteStrictDefaults } from "./silence.js";
import type { TextField, TextValue } from "./textproto.js";

/** Options of `fromOakReferenceValues`; an unknown name is a TypeError. */
export interface OakOptions {
  /**
   * Launch digests, 48 bytes in hex each, that stand for an endorsement of stage0: whoever imports has verified the
   * endorsement and knows them. Needed exactly where the reference values ask for an endorsement.
   */
  measurements?: readonly string[];
}

const READER = /* @__PURE__ */ textReader(FORMAT);

function noteLeftOut(notes: Notes, fields: readonly (Located<unknown> | undefined)[], text: string): void {
  for (const field of fields) {
    if (field !== undefined) notes.add("not-carried", { where: field.where, pointer: null, text });
  }
}

const LAYERS =
  "Left out: a report says nothing of this layer but what the launch digest covers. Oak compares it with the event log " +
  "or the DICE chain.";

function rootOfAll(whole: RawValue<TextValue>, notes: Notes): RootLayer {
  const { oak_restricted_kernel, oak_containers, cb } = readProto(READER, whole, REFERENCE_VALUES);
  const [system, other] = [oak_restricted_kernel, oak_containers, cb].filter((field) => field !== undefined);
  if (system === undefined || other !== undefined) {
    throw malformedImport(FORMAT, "", "expected exactly one of oak_restricted_kernel, oak_containers, cb");
  }
  const { root_layer, ...layers } = system.value;
  if (root_layer === undefined) throw malformedImport(FORMAT, `${system.where}/root_layer`, "expected a root layer");
  noteLeftOut(notes, Object.values(layers).flat(), LAYERS);
  return root_layer.value;
}

function amdSevOf({ amd_sev, intel_tdx, insecure }: RootLayer, notes: Notes): AmdSev {
  noteLeftOut(notes, [intel_tdx], "Left out: it is about Intel TDX.");
  noteLeftOut(
    notes,
    [insecure],
    "Left out: Oak takes evidence without a TEE here; a policy appraises SEV-SNP reports alone.",
  );
  if (amd_sev !== undefined) return amd_sev.value;
  throw malformedImport(FORMAT, "root_layer/amd_sev", "expected reference values of AMD SEV-SNP, found none");
}

/** The SEV-SNP part of the input, which may be the whole, a root layer, or that part alone. */
function readValues(text: string, notes: Notes): AmdSev {
  const { fields, message } = textMessage(FORMAT, text);
  const has = (table: object) => fields.some(({ name }: TextField) => Object.hasOwn(table, name));
  if (has(AMD_SEV)) return readProto(READER, message, AMD_SEV);
  return amdSevOf(has(ROOT_LAYER) ? readProto(READER, message, ROOT_LAYER) : rootOfAll(message, notes), notes);
}

type Stage0 = NonNullable<AmdSev["stage0"]>;
type Digest = NonNullable<Stage0["value"]["digests"]>["value"]["digests"][number];

function digestOf({ where, value }: Digest, notes: Notes): string {
  const { sha2_384, ...others } = value;
  noteLeftOut(notes, Object.values(others), "Left out: a launch digest is a SHA-384.");
  if (sha2_384?.value.length === 48) return toHex(sha2_384.value);
  throw malformedImport(FORMAT, `${where}/sha2_384`, "expected a SHA-384 of 48 bytes, which is what a report has");
}

function endorsed({ where }: Located<boolean>, known: readonly string[] | undefined, notes: Notes): string[] {
  if (known === undefined || known.length === 0) {
    const advice = "verify the endorsement, and pass the launch digests that it is of as options.measurements";
    throw malformedImport(FORMAT, where, `expected digests, found an endorsement, which no policy verifies; ${advice}`);
  }
  const text = "The endorsement is not verified here: the launch digests are those that the caller gave for it.";
  notes.add("not-carried", { where, pointer: "/snp/measurement", text });
  return [...known];
}

function measurement(stage0: Stage0 | undefined, known: readonly string[] | undefined, notes: Notes): string[] | "any" {
  const { skip, endorsement, digests } = stage0?.value ?? {};
  const [said, other] = [skip, endorsement, digests].filter((field) => field !== undefined);
  if (said === undefined || other !== undefined) {
    throw malformedImport(FORMAT, stage0?.where ?? "stage0", "expected exactly one of skip, endorsement, digests");
  }
  if (known !== undefined && endorsement === undefined) {
    throw new TypeError("options.measurements stands for an endorsement, and the reference values have none");
  }
  if (endorsement !== undefined) return endorsed(endorsement, known, notes);
  if (digests === undefined) {
    noteOpen(notes, "measurement");
    return "any";
  }
  const list = digests.value.digests.map((digest) => digestOf(digest, notes));
  if (list.length > 0) return list;
  throw malformedImport(FORMAT, digests.where, "expected at least one digest; write skip { } to accept any");
}

const REPORT_DATA =
  "Oak puts SHA-256 of its root layer's public key into the first half of REPORT_DATA: bring that key as the " +
  "runtimeData of the scheme azure, which is the same. The second half must be zero here; Oak does not look at it.";

function knownMeasurements(options: OakOptions): readonly string[] | undefined {
  const { measurements } = readOptions(options, "options", ["measurements"]);
  if (measurements === undefined) return undefined;
  if (Array.isArray(measurements) && measurements.every((entry) => /^[0-9a-fA-F]{96}$/.test(String(entry)))) {
    return measurements.map(String);
  }
  throw new TypeError("options.measurements must be a list of launch digests, 96 hex digits each");
}

/**
 * The policy that Oak's reference values mean for SEV-SNP: protobuf's text format of `ReferenceValues`,
 * `RootLayerReferenceValues` or `AmdSevReferenceValues`.
 *
 * What Oak compares with the event log or the DICE chain is not in a report, and is left out with a note.
 *
 * @throws TypeError for anything but text or bytes, and for wrong options.
 * @throws MalformedError `ERR_MALFORMED_IMPORT` with the place of what is no such message, and of what lets no report
 * pass; `ERR_MALFORMED_LENGTH` above 262,144 bytes.
 * @see project-oak/oak, proto/attestation/reference_value.proto.
 */
export function fromOakReferenceValues(input: ImportInput, options: OakOptions = {}): Imported {
  const known = knownMeasurements(options);
  const notes = createNotes();
  const values = readValues(inputText(FORMAT, input), notes);
  const snp: SnpBlock = {
    measurement: measurement(values.stage0, known, notes),
    reportData: { scheme: "azure", parts: { runtimeData: "fromEvidence" } },
    vmpl: [0],
    guestPolicy: { debug: values.allow_debug?.value === true ? "any" : "forbidden" },
    minimumTcb: minimumTcb(values, notes),
  };
  notes.add("tightened", { where: "", pointer: "/snp/reportData", text: REPORT_DATA });
  noteStrictDefaults(notes, ["migrateMa", "unknownBits", "reserved", "revocation"]);
  if (values.check_vcek_cert_expiry?.value !== true) noteStrictDefaults(notes, ["dates"]);
  const policy: PolicyDocument = { version: 1, id: "imported from Oak reference values", snp };
  return imported(policy, notes);
}
