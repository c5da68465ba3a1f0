import { type ProductLine, productOf } from "../../amd/product-lines.js";
import { decodeTcb } from "../../amd/tcb.js";
import { toHex } from "../../bytes/codecs.js";
import type { SnpBlock } from "../schema.js";
import { some } from "./block.js";
import { createNotes, type Imported, imported, type Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import {
  fieldsOf,
  hexOf,
  type ImportInput,
  integerOf,
  itemsOf,
  jsonPart,
  membersOf,
  needed,
  type Part,
  textOf,
} from "./part.js";

const FORMAT = "CCF join policy";

const COMPONENTS = [
  ["fmc", "fmc"],
  ["boot_loader", "bootLoader"],
  ["tee", "tee"],
  ["snp", "snp"],
  ["microcode", "microcode"],
] as const;
type Component = (typeof COMPONENTS)[number][1];
type Floor = Partial<Record<Component, number>>;

/** A key of an object, as a part of its own. */
function keyPart({ format, where }: Part, key: string): Part {
  return { format, where, value: key };
}

/** A processor as CCF names it, CPUID Fn0000_0001 EAX in hex. */
interface Processor {
  readonly name: string;
  readonly productLine: ProductLine;
}

/**
 * Family and model of CPUID come in two pieces each; those of report and policy are put together.
 *
 * Source: AMD APM volume 3, CPUID Fn0000_0001 EAX.
 */
function processorOf(part: Part, key: string): Processor {
  const eax = Number.parseInt(toHex(hexOf(keyPart(part, key), 4)), 16);
  const family = ((eax >> 8) & 0xf) + ((eax >> 20) & 0xff);
  const model = ((eax >> 12) & 0xf0) | ((eax >> 4) & 0xf);
  const stepping = eax & 0xf;
  const productLine = productOf({ family, model, stepping })?.productLine ?? null;
  const whole = ((eax >> 8) & 0xf) === 0xf && (eax & 0xf000f000) === 0;
  if (productLine === null || !whole) {
    throw malformedImport(FORMAT, part.where, "expected the CPUID of a Milan, Genoa or Turin processor, found another");
  }
  const name = [family, model, stepping].map((number) => `0x${number.toString(16).padStart(2, "0")}`).join("-");
  return { name, productLine };
}

/** The components in the 8 bytes that CCF writes as one number, most significant byte first. */
function packedFloor(part: Part, line: ProductLine): Floor {
  const tcb = decodeTcb(line, hexOf(part, 8).reverse());
  return Object.fromEntries(COMPONENTS.flatMap(([, name]) => (tcb[name] === undefined ? [] : [[name, tcb[name]]])));
}

function floorOf(part: Part, line: ProductLine): Floor {
  const members = fieldsOf(part, [...COMPONENTS.map(([member]) => member), "hexstring"]);
  const floor: Floor = {};
  for (const [member, name] of COMPONENTS) {
    const value = members[member];
    if (value === undefined) continue;
    if (name === "fmc" && line !== "Turin") {
      throw malformedImport(FORMAT, value.where, `expected no fmc for ${line}, which has none; remove it`);
    }
    floor[name] = integerOf(value, 255);
  }
  const { hexstring } = members;
  if (hexstring === undefined) {
    if (Object.keys(floor).length > 0) return floor;
    throw malformedImport(FORMAT, part.where, "expected components of a TCB, found none; add them");
  }
  const packed = packedFloor(hexstring, line);
  const other = Object.keys(floor).find((name) => floor[name as Component] !== packed[name as Component]);
  if (other === undefined) return packed;
  throw malformedImport(FORMAT, hexstring.where, `expected the same ${other} in hexstring and beside it, found two`);
}

/** The processors that are accepted, and what each must report. */
function processors(part: Part | undefined, notes: Notes): Pick<SnpBlock, "cpu" | "minimumTcb"> {
  if (part === undefined) {
    const text =
      "There is no tcbVersions, as in CCF before version 6: no floor is asked for, and any processor passes.";
    notes.add("loosened", { where: "snp", pointer: "/snp/minimumTcb", text });
    return { minimumTcb: "any" };
  }
  const entries = [...membersOf(part)];
  some(entries, part, "CCF accepts no processor that it does not list");
  const floors = new Map<string, { reported: Floor }>();
  for (const [key, entry] of entries) {
    const { name, productLine } = processorOf(entry, key);
    // Two spellings of one number are two keys of JSON.
    if (floors.has(name)) throw malformedImport(FORMAT, entry.where, "expected a processor once, found it twice");
    floors.set(name, { reported: floorOf(entry, productLine) });
  }
  return { cpu: [...floors.keys()], minimumTcb: Object.fromEntries(floors) };
}

/** What signed statements say of measurements, which a policy cannot follow. */
function noteEndorsements(part: Part | undefined, notes: Notes): void {
  const issuers = part === undefined ? [] : [...membersOf(part)];
  for (const [, issuer] of issuers) {
    for (const [, feed] of membersOf(issuer)) {
      const { svn } = fieldsOf(feed, ["svn"]);
      const least = needed(svn, feed, "svn");
      if (typeof least.value === "number") integerOf(least, Number.MAX_SAFE_INTEGER);
      else textOf(least);
    }
  }
  if (issuers.length === 0) return;
  const text =
    "Measurements that an issuer of uvmEndorsements signed are not accepted, only those that are listed: add the " +
    "measurement of each utility VM whose endorsement you have verified.";
  notes.add("tightened", { where: "snp/uvmEndorsements", pointer: "/snp/measurement", text });
}

function noteWhole(notes: Notes): void {
  const text =
    "REPORT_DATA is SHA-256 of the node's public key (SubjectPublicKeyInfo) and 32 zeros: bring it by exact. Nothing " +
    "in it is fresh; the node shows that it has the key.";
  notes.add("meant", { where: "", pointer: "/snp/reportData", text });
  notes.add("tightened", {
    where: "",
    pointer: "/snp",
    text: "A current CRL is asked for, which CCF does not look at.",
  });
  notes.add("tightened", {
    where: "",
    pointer: "/snp",
    text: "Bits of POLICY that have no name, and reserved bytes that are not zero, are refused; CCF ignores both.",
  });
}

/**
 * The policy that a CCF service has for nodes that join on SEV-SNP: what `GET /gov/service/join-policy` answers, or
 * its member `snp` with the brackets around it.
 *
 * The floors are those of exact processors, as in CCF. Endorsements of utility VMs are signed statements, which a
 * policy cannot follow: at least one measurement must be listed.
 *
 * @throws TypeError for anything but text or bytes.
 * @throws MalformedError `ERR_MALFORMED_IMPORT` with the place of what is no join policy, or accepts nothing;
 * `ERR_MALFORMED_LENGTH` above 262,144 bytes.
 * @see CCF's documentation, "AMD SEV-SNP".
 */
export function fromCcfGovernance(input: ImportInput): Imported {
  const whole = jsonPart(FORMAT, input);
  const notes = createNotes();
  const { snp: found, sgx, virtual } = fieldsOf(whole, ["snp", "sgx", "virtual"]);
  const snp = needed(found, whole, "snp");
  const { measurements, hostData, uvmEndorsements, tcbVersions } = fieldsOf(snp, [
    "measurements",
    "hostData",
    "uvmEndorsements",
    "tcbVersions",
  ]);
  noteEndorsements(uvmEndorsements, notes);
  const digests = itemsOf(needed(measurements, snp, "measurements"));
  const advice = "without one HOST_DATA would be worth nothing: add the measurement of the utility VM";
  const measurement = some(digests, needed(measurements, snp, "measurements"), advice);
  const policies = [...membersOf(needed(hostData, snp, "hostData")).entries()];
  some(policies, needed(hostData, snp, "hostData"), "CCF accepts no security policy that it does not list");
  const block: SnpBlock = {
    measurement: measurement.map((digest) => toHex(hexOf(digest, 48))),
    reportData: { scheme: "exact" },
    hostData: policies.map(([key, part]) => toHex(hexOf(keyPart(part, key), 32))),
    ...processors(tcbVersions, notes),
  };
  for (const part of [sgx, virtual]) {
    const text = "Left out: it is not about SEV-SNP.";
    if (part !== undefined) notes.add("not-carried", { where: part.where, pointer: null, text });
  }
  noteWhole(notes);
  return imported({ version: 1, id: "imported from a CCF join policy", snp: block }, notes);
}
