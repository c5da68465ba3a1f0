import { isZero, toHex } from "../../bytes/codecs.js";
import type { PolicyDocument, SnpBlock } from "../schema.js";
import { createNotes, type Imported, imported, type Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import {
  type Fields,
  fieldsOf,
  flagOf,
  hexOf,
  type ImportInput,
  inputText,
  integerOf,
  itemsOf,
  jsonPart,
  membersOf,
  needed,
  type Part,
  textOf,
  wrong,
} from "./part.js";
import { yamlPart } from "./yaml-part.js";

const FORMAT = "Constellation configuration";

const VARIANTS = ["azureSEVSNP", "awsSEVSNP", "gcpSEVSNP"] as const;
type Variant = (typeof VARIANTS)[number];

const FLOORS = [
  ["bootloaderVersion", "bootLoader"],
  ["teeVersion", "tee"],
  ["snpVersion", "snp"],
  ["microcodeVersion", "microcode"],
] as const;
type Component = (typeof FLOORS)[number][1];

const KEYS = [
  "measurements",
  ...FLOORS.map(([key]) => key),
  "firmwareSignerConfig",
  "amdRootKey",
  "amdSigningKey",
] as const;

/** A variant's configuration as it is imported. */
interface Settings {
  readonly variant: Variant;
  readonly part: Part;
  readonly fields: Fields<(typeof KEYS)[number]>;
  readonly notes: Notes;
}

/** The floor as far as it has numbers: what must be the latest is known to Constellation's own service alone. */
function floorOf({ part, fields, notes }: Settings): Partial<Record<Component, number>> {
  const floor: Partial<Record<Component, number>> = {};
  for (const [key, name] of FLOORS) {
    const version = needed(fields[key], part, key);
    if (version.value !== "latest") {
      floor[name] = integerOf(version, 255);
      continue;
    }
    const text =
      'There is no floor for what is "latest": Constellation asks its own service for the number. Write the number ' +
      "that it uses into the policy.";
    notes.add("loosened", { where: version.where, pointer: "/snp/minimumTcb", text });
  }
  return floor;
}

/** Azure compares the floor with REPORTED_TCB as well; the others with LAUNCH_TCB alone. */
function minimumTcb(settings: Settings): NonNullable<SnpBlock["minimumTcb"]> {
  const floor = floorOf(settings);
  if (Object.keys(floor).length === 0) return "any";
  return { Milan: settings.variant === "azureSEVSNP" ? { reported: floor, launch: floor } : { launch: floor } };
}

function digests(part: Part): string[] {
  const items = typeof part.value === "string" ? [part] : itemsOf(part);
  return items.map((item) => {
    const digest = hexOf(item, 48);
    if (!isZero(digest)) return toHex(digest);
    throw malformedImport(
      FORMAT,
      item.where,
      "expected the digest of a key, found zeros, which mean that there is none",
    );
  });
}

/** How firmly the signer is asked for: by a word in any case, or as older versions wrote it, by true and false. */
function enforcement(part: Part): "equal" | "warnonly" | "maafallback" {
  if (typeof part.value === "boolean") return flagOf(part) ? "equal" : "warnonly";
  const word = textOf(part).toLowerCase();
  if (word === "equal" || word === "warnonly" || word === "maafallback") return word;
  throw wrong(part, "equal, warnOnly or MAAFallback");
}

/** Whose firmware may run, on Azure. */
function idBlock({ part, fields, notes }: Settings): Pick<SnpBlock, "idBlock"> {
  const signer = needed(fields.firmwareSignerConfig, part, "firmwareSignerConfig");
  const { acceptedKeyDigests, enforcementPolicy, maaURL } = fieldsOf(signer, [
    "acceptedKeyDigests",
    "enforcementPolicy",
    "maaURL",
  ]);
  const accepted = needed(acceptedKeyDigests, signer, "acceptedKeyDigests");
  const idKeyDigests = digests(accepted);
  const policy = needed(enforcementPolicy, signer, "enforcementPolicy");
  const how = enforcement(policy);
  if (maaURL !== undefined) textOf(maaURL);
  if (how === "warnonly") {
    const text =
      "Any signer of the firmware passes, as in Constellation, which writes a warning for one that is not listed: no " +
      "warning stands in the result here. To refuse others, add idBlock.idKeyDigests.";
    notes.add("not-carried", { where: policy.where, pointer: null, text });
    return {};
  }
  if (idKeyDigests.length === 0) {
    const reason =
      "expected at least one digest, found none; without one nothing could pass, or Microsoft would decide";
    throw malformedImport(FORMAT, accepted.where, reason);
  }
  if (how === "maafallback") {
    const text =
      "A signer that is not listed is refused; Constellation would ask Microsoft's attestation service (MAA) instead.";
    notes.add("tightened", { where: policy.where, pointer: "/snp/idBlock/idKeyDigests", text });
  }
  return { idBlock: { idKeyDigests } };
}

/** What belongs to TPM and certificates, and so to no policy of reports. */
function noteLeftOut({ part, fields, notes }: Settings): void {
  const { measurements } = fields;
  const registers = measurements === undefined ? [] : [...membersOf(measurements).keys()];
  const listed = registers.every((register) => /^\d{1,2}$/.test(register));
  if (!listed && measurements !== undefined) throw wrong(measurements, "PCRs by their numbers");
  const pcrs = registers.length === 0 ? "" : ` (PCRs ${registers.join(", ")})`;
  notes.add("not-carried", {
    where: measurements?.where ?? part.where,
    pointer: "/snp/measurement",
    text:
      `TPM measurements${pcrs} are not checked: verify the TPM's quote beside this policy, or any image passes. ` +
      "MEASUREMENT may be anything, as in Constellation; list the digests of the firmware where you know them.",
  });
  for (const key of [fields.amdRootKey, fields.amdSigningKey]) {
    if (key === undefined) continue;
    textOf(key);
    const text = "AMD's roots are built in. To trust another root, give it to verifyEvidence as an anchor.";
    notes.add("not-carried", { where: key.where, pointer: null, text });
  }
}

const REPORT_DATA: Readonly<Record<Variant, readonly [scheme: "azure" | "exact", text: string]>> = {
  azureSEVSNP: [
    "azure",
    "REPORT_DATA is SHA-256 of the HCL's runtime data, which name the TPM's key: bring it by azure.",
  ],
  awsSEVSNP: ["exact", "REPORT_DATA is SHA-512 of the TPM's public key (SubjectPublicKeyInfo): bring it by exact."],
  gcpSEVSNP: ["exact", "REPORT_DATA is SHA-512 of the TPM's public key (SubjectPublicKeyInfo): bring it by exact."],
};

function noteWhole({ variant, notes }: Settings): void {
  notes.add("meant", { where: "", pointer: "/snp/reportData", text: REPORT_DATA[variant][1] });
  const note = (kind: "tightened" | "meant", pointer: string, text: string) =>
    notes.add(kind, { where: "", pointer, text });
  note(
    variant === "azureSEVSNP" ? "tightened" : "meant",
    "/snp/productLine",
    "Milan alone is accepted: Constellation's root is that of Milan, and its numbers are those of Milan's firmware.",
  );
  if (variant === "awsSEVSNP") {
    note("meant", "/snp/signingKey", "A VLEK is asked for, as in Constellation, whose chain for AWS is that of VLEKs.");
    note("meant", "/snp/cspId", "The VLEK of any provider passes; list the regions that you use in cspId.");
  }
  note("tightened", "/snp", "A current CRL is asked for, which Constellation does not look at.");
}

function documentOf(settings: Settings): PolicyDocument {
  const { variant } = settings;
  const vlek = variant === "awsSEVSNP";
  const snp: SnpBlock = {
    productLine: ["Milan"],
    ...(vlek ? { signingKey: ["VLEK"], cspId: "any" } : {}),
    measurement: "any",
    reportData: { scheme: REPORT_DATA[variant][0] },
    ...(variant === "azureSEVSNP" ? {} : { vmpl: [0] }),
    guestPolicy: { smt: "any", debug: "forbidden", migrateMa: "forbidden", cxlAllow: "forbidden" },
    minimumTcb: minimumTcb(settings),
    ...(variant === "azureSEVSNP" ? idBlock(settings) : {}),
  };
  return { version: 1, id: `imported from a Constellation configuration (${variant})`, snp };
}

/** The one variant that is configured, below `attestation` of a whole configuration or alone. */
function settingsOf(whole: Part, notes: Notes): Settings {
  const members = membersOf(whole);
  const attestation = members.get("attestation");
  if (attestation !== undefined) {
    const others = [...members.keys()].filter((key) => key !== "attestation");
    const text = `Left out: what is not attestation${others.length === 0 ? "" : ` (${others.length} other keys)`}.`;
    notes.add("not-carried", { where: "", pointer: null, text });
  }
  const above = attestation ?? whole;
  const configured = Object.entries(fieldsOf(above, VARIANTS)).filter(([, part]) => part !== undefined);
  const [name, part] = configured[0] ?? [];
  const variant = VARIANTS.find((each) => each === name);
  if (variant === undefined || part === undefined || configured.length > 1) {
    const found = configured.length === 0 ? "none" : "several";
    throw malformedImport(FORMAT, above.where, `expected one of ${VARIANTS.join(", ")}, found ${found}`);
  }
  const fields = fieldsOf(part, KEYS);
  for (const key of ["firmwareSignerConfig", "amdSigningKey"] as const) {
    const stray = (key === "firmwareSignerConfig") !== (variant === "azureSEVSNP") ? fields[key] : undefined;
    if (stray !== undefined) throw malformedImport(FORMAT, stray.where, `expected no ${key} in ${variant}; remove it`);
  }
  return { variant, part, fields, notes };
}

/**
 * The policy that a Constellation configuration (YAML or JSON) means for SEV-SNP: `azureSEVSNP`, `awsSEVSNP` or
 * `gcpSEVSNP`, of a whole configuration file or of its section `attestation`.
 *
 * TPM measurements, and with them the image, are no part of a report: the policy does not check them, and a note says
 * so. The YAML reader is loaded for input that does not begin with a brace.
 *
 * @throws TypeError for anything but text or bytes.
 * @throws MalformedError `ERR_MALFORMED_IMPORT` with the place of what is no such configuration; YAML must be 1.2, one
 * document, without aliases and directives. `ERR_MALFORMED_LENGTH` above 262,144 bytes.
 * @see Constellation's `internal/config`.
 */
export async function fromConstellation(input: ImportInput): Promise<Imported> {
  const json = /^\s*\{/.test(inputText(FORMAT, input));
  const whole = json ? jsonPart(FORMAT, input) : await yamlPart(FORMAT, input);
  const notes = createNotes();
  const settings = settingsOf(whole, notes);
  const policy = documentOf(settings);
  noteLeftOut(settings);
  noteWhole(settings);
  return imported(policy, notes);
}
