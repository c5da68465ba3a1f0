import type { ProductLine } from "../../amd/product-lines.js";
import { isZero, toHex } from "../../bytes/codecs.js";
import type { PolicyDocument, SnpBlock } from "../schema.js";
import { guestPolicy, leastFirmware, minimumTcb, platformInfo } from "./go-sev-guest-host.js";
import { keyWays, withBlockClaims } from "./go-sev-guest-keys.js";
import { CONFIG, FORMAT, POLICY, type PolicyMessage, type RootMessage, type Source } from "./go-sev-guest-messages.js";
import { cpuOf, linesOf, noteGenoa } from "./go-sev-guest-product.js";
import { createNotes, type Imported, imported, type Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import { type ImportInput, inputText, jsonPart } from "./part.js";
import { type Located, type ProtoReader, type RawValue, readProto } from "./proto.js";
import { asRaw, jsonReader } from "./proto-json.js";
import { textMessage, textReader } from "./proto-text.js";
import { noteOpen, noteStrictDefaults } from "./silence.js";

/** The input by its shape: a Config has a message where a Policy has a number. */
function read<Raw>(reader: ProtoReader<Raw>, whole: RawValue<Raw>, isConfig: boolean): Source {
  if (!isConfig) return { message: readProto(reader, whole, POLICY), root: null };
  const { policy, root_of_trust } = readProto(reader, whole, CONFIG);
  if (policy === undefined) throw malformedImport(FORMAT, "policy", "expected a Policy, found none; add it");
  return { message: policy.value, root: root_of_trust?.value ?? EMPTY_ROOT };
}

const EMPTY_ROOT: RootMessage = {
  product: undefined,
  cabundle_paths: [],
  cabundles: [],
  check_crl: undefined,
  disallow_network: undefined,
  product_line: undefined,
};

function readSource(input: ImportInput): Source {
  const text = inputText(FORMAT, input);
  // No message in text format begins with a brace.
  if (!/^\s*\{/.test(text)) {
    const whole = textMessage(FORMAT, text);
    const isConfig = whole.fields.some(
      ({ name, values }) => name === "root_of_trust" || (name === "policy" && values[0]?.kind === "message"),
    );
    return read(textReader(FORMAT), whole.message, isConfig);
  }
  const part = jsonPart(FORMAT, text);
  const members = Object.entries(Object(part.value));
  const isConfig = members.some(
    ([key, value]) => key === "root_of_trust" || key === "rootOfTrust" || (key === "policy" && value === Object(value)),
  );
  return read(jsonReader(FORMAT), asRaw(part), isConfig);
}

/** Fields that must be some bytes. */
const VERBATIM = [
  ["host_data", "hostData", 32],
  ["report_id", "reportId", 32],
  ["report_id_ma", "reportIdMa", 32],
] as const;

function bytesOf({ where, value }: Located<Uint8Array>, ...lengths: readonly number[]): string {
  if (lengths.includes(value.length)) return toHex(value);
  throw malformedImport(FORMAT, where, `expected ${lengths.join(" or ")} bytes, found ${value.length}`);
}

function verbatim(message: PolicyMessage): SnpBlock {
  const entries = VERBATIM.flatMap(([field, key, length]) => {
    const found = message[field];
    return found === undefined ? [] : [[key, [bytesOf(found, length)]] as const];
  });
  const chip = message.chip_id;
  if (chip === undefined) return Object.fromEntries(entries);
  const id = bytesOf(chip, 64, 8);
  // Zeros are what a masked id is compared with.
  return { ...Object.fromEntries(entries), chipId: [isZero(chip.value) ? "masked" : id] };
}

function vmplOf({ vmpl }: PolicyMessage, notes: Notes): SnpBlock {
  if (vmpl === undefined) {
    noteStrictDefaults(notes, ["vmpl"]);
    return {};
  }
  if (vmpl.value <= 3) return { vmpl: [vmpl.value] };
  throw malformedImport(FORMAT, vmpl.where, `expected 0 to 3, found ${vmpl.value}`);
}

function firmware(message: PolicyMessage, pointer: string, notes: Notes): SnpBlock {
  const least = leastFirmware(message);
  const { minimum_build: build, permit_provisional_firmware } = message;
  if (build !== undefined && build.value > 0) {
    const what = "go-sev-guest compares the build by itself, whatever the version";
    if (least === undefined) {
      const text = `Left out: ${what}; builds of different versions have no order. Write minimumFirmware.`;
      notes.add("not-carried", { where: build.where, pointer: null, text });
    } else {
      const text = `A newer version passes with any build; ${what}.`;
      notes.add("loosened", { where: build.where, pointer: `${pointer}/minimumFirmware`, text });
    }
  }
  const provisional = permit_provisional_firmware?.value === true;
  if (provisional && least !== undefined) {
    const text =
      "The committed version must reach the floor too, as the tool's documents say; its code looks at the current.";
    notes.add("tightened", { where: "minimum_version", pointer: `${pointer}/minimumFirmware/committed`, text });
  }
  return {
    ...(least === undefined ? {} : { minimumFirmware: { current: least, committed: least } }),
    provisionalFirmware: provisional ? "any" : "forbidden",
  };
}

/** The part that all ways share. */
function commonBlock({ message, root }: Source, pointer: string, notes: Notes): SnpBlock {
  const lines: readonly ProductLine[] = linesOf({ message, root }, pointer, notes);
  const cpu = cpuOf(message, pointer, notes);
  if (lines.includes("Genoa") && cpu.cpu === undefined) noteGenoa(pointer, notes);
  const floors = minimumTcb(message, lines);
  const { measurement, report_data, platform_info } = message;
  if (floors === "any") noteOpen(notes, "minimumTcb", pointer);
  if (measurement === undefined) noteOpen(notes, "measurement", pointer);
  if (report_data === undefined) noteOpen(notes, "reportData", pointer);
  else {
    const text = "The same bytes for every report: nothing in them is fresh. A scheme with a nonce is.";
    notes.add("meant", { where: report_data.where, pointer: `${pointer}/reportData`, text });
  }
  if (platform_info !== undefined) {
    const text =
      "Bits of PLATFORM_INFO without a name pass and are reported, since genuine hosts set bit 6; go-sev-guest refuses them.";
    notes.add("loosened", { where: platform_info.where, pointer: `${pointer}/platformInfo`, text });
  }
  return {
    productLine: [...lines],
    ...cpu,
    ...verbatim(message),
    measurement: measurement === undefined ? "any" : [bytesOf(measurement, 48)],
    reportData: report_data === undefined ? "any" : { exact: bytesOf(report_data, 64) },
    ...vmplOf(message, notes),
    guestPolicy: guestPolicy(message),
    ...(platform_info === undefined ? {} : { platformInfo: platformInfo(platform_info) }),
    minimumTcb: floors,
    ...firmware(message, pointer, notes),
  };
}

function noteRoot(root: RootMessage | null, notes: Notes): void {
  noteStrictDefaults(notes, root?.check_crl?.value === true ? ["signingKey"] : ["signingKey", "revocation"]);
  if (root === null) return;
  for (const { where } of [...root.cabundle_paths, ...root.cabundles]) {
    const text = "Left out: roots are trusted when evidence is verified. Pass them as anchors.";
    notes.add("not-carried", { where, pointer: null, text });
  }
  if (root.disallow_network === undefined) return;
  const text =
    "Left out: appraising uses no network. Whether certificates are fetched is said when evidence is verified.";
  notes.add("not-carried", { where: root.disallow_network.where, pointer: null, text });
}

const ID = "imported from a go-sev-guest policy";

/**
 * The policy that go-sev-guest's `check` makes of a `check.Policy` or a `check.Config`, in protobuf's text format or
 * JSON. Flags of the command line, which override the message, are not part of it.
 *
 * What its code always checks beside the policy (the certificate's TCB against the report's, TCBs in their order) is
 * checked when evidence is verified.
 *
 * @throws TypeError for anything but text or bytes.
 * @throws MalformedError `ERR_MALFORMED_IMPORT` with the place of what is no such message, of what go-sev-guest would
 * not load, and of trusted keys as certificates; `ERR_MALFORMED_LENGTH` above 262,144 bytes.
 * @see google/go-sev-guest, proto/check.proto and tools/check.
 */
export function fromGoSevGuest(input: ImportInput): Imported {
  const source = readSource(input);
  const notes = createNotes();
  const ways = withBlockClaims(keyWays(source.message, notes), source.message, notes);
  const [only] = ways;
  const single = only !== undefined && ways.length === 1;
  const common = commonBlock(source, single ? "/snp" : "/require/allOf/0/snp", notes);
  noteRoot(source.root, notes);
  const policy: PolicyDocument = single
    ? { version: 1, id: ID, snp: { ...common, ...only } }
    : { version: 1, id: ID, require: { allOf: [{ snp: common }, { anyOf: ways.map((snp) => ({ snp })) }] } };
  return imported(policy, notes);
}
