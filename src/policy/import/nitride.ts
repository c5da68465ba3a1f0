import type { ProductLine, SigningKey } from "../../amd/product-lines.js";
import { toHex } from "../../bytes/codecs.js";
import type { SnpBlock } from "../schema.js";
import { anyBlock, blockAt, some } from "./block.js";
import { createNotes, type Imported, imported, type Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import { firmwareFloor } from "./nitride-firmware.js";
import {
  fieldsOf,
  flagOf,
  hexOf,
  type ImportInput,
  itemsOf,
  jsonPart,
  membersOf,
  needed,
  type Part,
  textOf,
  wrong,
} from "./part.js";

const FORMAT = "Nitride policy";

const ROOTS: Readonly<Record<string, readonly [ProductLine, SigningKey]>> = {
  "amd-sev-snp-milan-vcek": ["Milan", "VCEK"],
  "amd-sev-snp-milan-vlek": ["Milan", "VLEK"],
  "amd-sev-snp-genoa-vcek": ["Genoa", "VCEK"],
  "amd-sev-snp-genoa-vlek": ["Genoa", "VLEK"],
};

const PROVIDERS: readonly string[] = ["azure-sev-snp-vtpm", "aws-sev-snp-raw", "gcp-sev-snp-raw"];

/** What was registered under a type and a name, and where notes go. */
interface World {
  readonly identities: ReadonlyMap<string, Part>;
  readonly notes: Notes;
}

/** An identity that a policy names: its values, and those of them that the policy does not have compared. */
interface Chosen {
  readonly part: Part;
  readonly values: ReadonlyMap<string, Part>;
  readonly skipped: ReadonlySet<string>;
}

function keyOf(type: string, name: string): string {
  return `${type} ${name}`;
}

/** The identities by type and name: of several with one name the newest counts, so each must say when it was made. */
function identitiesOf(part: Part): ReadonlyMap<string, Part> {
  const found = new Map<string, Part>();
  for (const item of itemsOf(part)) {
    const { type, name, values } = fieldsOf(item, ["type", "name", "values", "created"]);
    const key = keyOf(textOf(needed(type, item, "type")), textOf(needed(name, item, "name")));
    if (found.has(key)) {
      throw malformedImport(
        FORMAT,
        item.where,
        "expected a name once, found it twice; keep the identity that is newest",
      );
    }
    found.set(key, needed(values, item, "values"));
  }
  return found;
}

function chosen({ identities }: World, type: string, selector: Part): Chosen {
  const { name, policy } = fieldsOf(selector, ["name", "policy"]);
  const named = needed(name, selector, "name");
  const part = identities.get(keyOf(type, textOf(named)));
  if (part === undefined) throw wrong(named, `the name of a ${type} identity that stands beside the policy`);
  const values = membersOf(part);
  const selections = policy === undefined ? [] : [...membersOf(policy)];
  const skipped = selections.filter(([, each]) => !flagOf(each)).map(([key]) => key);
  return { part, values, skipped: new Set(skipped) };
}

function allChosen(world: World, type: string, part: Part): readonly Chosen[] {
  return some(itemsOf(part), part, `without a ${type} Nitride has nothing to compare`).map((selector) =>
    chosen(world, type, selector),
  );
}

/** A value that is compared; undefined where the policy does not have it compared, which is noted. */
function compared(world: World, { part, values, skipped }: Chosen, key: string): Part | undefined {
  const value = needed(values.get(key), part, key);
  if (!skipped.has(key)) return value;
  const text = "Not compared: the policy says so.";
  world.notes.add("meant", { where: value.where, pointer: null, text });
  return undefined;
}

function checkKeys({ part, skipped }: Chosen, keys: readonly string[]): void {
  fieldsOf(part, keys);
  const stray = [...skipped].find((key) => !keys.includes(key));
  if (stray !== undefined)
    throw malformedImport(FORMAT, part.where, "expected a value that the identity has to be skipped");
}

/** Where a platform stands among the alternatives. */
interface Place {
  readonly pointer: string;
  readonly measurement: string[] | "any";
}

function platformBlock(world: World, platform: Chosen, { pointer, measurement }: Place): SnpBlock {
  checkKeys(platform, ["firmware", "root_of_trust"]);
  const root = needed(platform.values.get("root_of_trust"), platform.part, "root_of_trust");
  if (platform.skipped.has("root_of_trust")) {
    throw malformedImport(FORMAT, root.where, "expected a root of trust that is compared; without one nothing holds");
  }
  const found = ROOTS[textOf(root)];
  if (found === undefined) throw wrong(root, `one of ${Object.keys(ROOTS).join(", ")}`);
  const [line, signer] = found;
  if (signer === "VLEK") {
    const text = "The VLEK of any provider passes, as in Nitride: list the providers that you use.";
    world.notes.add("meant", { where: root.where, pointer: `${pointer}/cspId`, text });
  }
  const range = compared(world, platform, "firmware");
  const floor = range === undefined ? null : firmwareFloor(range, { pointer, notes: world.notes });
  return {
    productLine: [line],
    signingKey: [signer],
    ...(signer === "VLEK" ? { cspId: "any" } : {}),
    measurement,
    reportData: { scheme: "exact" },
    minimumTcb: "any",
    ...(floor === null ? {} : { minimumFirmware: { current: floor } }),
  };
}

/** The launch digests of all firmware that is listed; "any" where the policy does not have one compared. */
function measurementOf(world: World, firmware: readonly Chosen[]): string[] | "any" {
  const digests = firmware.flatMap((each) => {
    checkKeys(each, ["measurement"]);
    const value = compared(world, each, "measurement");
    return value === undefined ? [] : [toHex(hexOf(value, 48))];
  });
  return digests.length < firmware.length ? "any" : digests;
}

/** PCRs and other things of which no report speaks. */
function noteOthers(world: World, workload: Part | undefined, metadata: Part | undefined): void {
  const pcrs =
    "PCRs are not checked: verify the TPM's quote beside this policy, or any workload passes that the firmware starts.";
  if (workload !== undefined) {
    chosen(world, "workload", workload);
    world.notes.add("not-carried", { where: workload.where, pointer: null, text: pcrs });
  }
  if (metadata !== undefined) {
    const text = "Left out: metadata describe, and are compared with no report.";
    world.notes.add("not-carried", { where: metadata.where, pointer: null, text });
  }
}

function noteWhole(notes: Notes, provider: string): void {
  const note = (kind: "meant" | "tightened" | "loosened", text: string) =>
    notes.add(kind, { where: "", pointer: null, text });
  note("meant", `How ${provider} fills REPORT_DATA is not part of the policy: bring the 64 bytes by the scheme exact.`);
  note("meant", "Nitride asks for no TCB: write floors into minimumTcb, or firmware with known weaknesses passes.");
  note(
    "tightened",
    "The strict defaults hold: no debugging, no migration agent, no bits of POLICY without a name, reserved bytes of " +
      "zero, a current CRL. Nitride's policy speaks of none of them.",
  );
}

/**
 * The policy that enclaive's Nitride has by a policy and the identities that it names: JSON with the members `policy`
 * (as for `vhsm nitride policy create`) and `identities` (a list of them, as for `vhsm nitride identity create`).
 *
 * Any platform and any firmware of the lists may match. PCRs are no part of a report and are left out, with a note.
 *
 * @throws TypeError for anything but text or bytes.
 * @throws MalformedError `ERR_MALFORMED_IMPORT` with the place of what is no such policy, or names what does not stand
 * there; `ERR_MALFORMED_LENGTH` above 262,144 bytes.
 * @see enclaive's documentation of Nitride, "Policy" and "Identity".
 */
export function fromNitride(input: ImportInput): Imported {
  const whole = jsonPart(FORMAT, input);
  const { policy, identities } = fieldsOf(whole, ["policy", "identities"]);
  const notes = createNotes();
  const world = { identities: identitiesOf(needed(identities, whole, "identities")), notes };
  const rules = needed(policy, whole, "policy");
  const { name, identities: selectors } = fieldsOf(rules, ["name", "identities", "created"]);
  if (name !== undefined) textOf(name);
  const named = needed(selectors, rules, "identities");
  const fields = fieldsOf(named, ["provider", "platform", "firmware", "workload", "metadata"]);
  const provider = needed(fields.provider, named, "provider");
  if (!PROVIDERS.includes(textOf(provider))) throw wrong(provider, `one of ${PROVIDERS.join(", ")}`);
  const platforms = allChosen(world, "platform", needed(fields.platform, named, "platform"));
  const measurement = measurementOf(world, allChosen(world, "firmware", needed(fields.firmware, named, "firmware")));
  const blocks = platforms.map((platform, index) =>
    platformBlock(world, platform, { pointer: blockAt(index, platforms.length), measurement }),
  );
  noteOthers(world, fields.workload, fields.metadata);
  noteWhole(notes, textOf(provider));
  return imported(anyBlock("imported from a Nitride policy", blocks), notes);
}
