import { tcbComponents } from "../amd/tcb.js";
import { pointerTo, shown } from "../policy/malformed.js";
import { malformed } from "./malformed.js";
import { lineOfKey } from "./processors.js";
import type { Advisory, AdvisoryDocument, AdvisoryProof, ProvableAdvisory } from "./schema.js";

/** A list of processors, and where it stands. */
interface Place {
  readonly keys: readonly string[];
  readonly pointer: string;
}

const BYTE = 255;

/** The names of a data set must be there, and the numbers must be ones that a report can have. */
function checkOrigin(names: readonly string[], pointer: string, sources: AdvisoryDocument["sources"]): void {
  const unknown = names.findIndex((name) => !Object.hasOwn(sources, name));
  if (unknown < 0) return;
  const place = pointerTo(`${pointer}/sources`, unknown);
  throw malformed(place, `expected a name of /sources, found ${shown(names[unknown])}; add the source or correct it`);
}

function checkNumber(proof: AdvisoryProof, place: Place): void {
  if (proof.check === "firmware" && proof.minimum.split(".").some((part) => Number(part) > BYTE)) {
    throw malformed(`${place.pointer}/minimum`, `expected numbers of at most 255, found ${proof.minimum}; correct it`);
  }
  if (proof.check !== "tcb") return;
  const { component } = proof;
  const foreign = place.keys.find((key) => {
    const line = lineOfKey(key);
    return line !== null && !tcbComponents(line).includes(component);
  });
  if (foreign === undefined) return;
  throw malformed(
    `${place.pointer}/component`,
    `expected a component of ${foreign}, which has no ${component}; remove it`,
  );
}

/** Every key is of a processor that has a line, and stands once in all of some places. */
function checkKeys(places: readonly Place[]): void {
  const seen = new Set<string>();
  for (const { keys, pointer } of places) {
    for (const [index, key] of keys.entries()) {
      const place = pointerTo(pointer, index);
      if (lineOfKey(key) === null) {
        throw malformed(place, `expected a Milan, Genoa or Turin processor, found ${shown(key)}; correct the CPUID`);
      }
      if (seen.has(key)) throw malformed(place, `expected each processor once, found ${shown(key)} again; remove it`);
      seen.add(key);
    }
  }
}

/** A proof for what is not affected would never be looked at: somebody meant something else. */
function checkCovered({ keys, pointer }: Place, affected: ReadonlySet<string>): void {
  const stray = keys.findIndex((key) => !affected.has(key) && !affected.has(String(lineOfKey(key))));
  if (stray < 0) return;
  throw malformed(
    pointerTo(pointer, stray),
    `expected a processor that "affected" names, found ${shown(keys[stray])}; add it there or remove it`,
  );
}

function checkProofs(advisory: ProvableAdvisory, pointer: string, sources: AdvisoryDocument["sources"]): void {
  const places = advisory.proofs.map((entry, index) => ({
    keys: entry.for,
    pointer: `${pointer}/proofs/${index}/for`,
  }));
  checkKeys(places);
  const affected = new Set(advisory.affected);
  for (const place of places) checkCovered(place, affected);
  for (const [index, entry] of advisory.proofs.entries()) {
    for (const [way, proofs] of entry.anyOf.entries()) {
      for (const [step, proof] of proofs.entries()) {
        const place = { keys: entry.for, pointer: `${pointer}/proofs/${index}/anyOf/${way}/${step}` };
        checkOrigin(proof.sources, place.pointer, sources);
        checkNumber(proof, place);
      }
    }
  }
}

function checkAdvisory(advisory: Advisory, pointer: string, sources: AdvisoryDocument["sources"]): void {
  const { affected, notAffected = [] } = advisory;
  const spared = notAffected.map((entry, index) => ({
    keys: entry.for,
    pointer: `${pointer}/notAffected/${index}/for`,
  }));
  checkKeys([{ keys: affected, pointer: `${pointer}/affected` }, ...spared]);
  for (const [index, entry] of notAffected.entries()) {
    checkOrigin(entry.sources, `${pointer}/notAffected/${index}`, sources);
  }
  checkOrigin(advisory.sources, pointer, sources);
  if (advisory.provable) checkProofs(advisory, pointer, sources);
}

/** The time of a text; months have no more days than the calendar gives them. */
export function timeOf(text: string, pointer: string): number {
  const time = Date.parse(text);
  const canonical = Number.isNaN(time) ? "" : new Date(time).toISOString();
  if (canonical.startsWith(text.slice(0, 19))) return time;
  throw malformed(pointer, `expected a day that there is, found ${shown(text)}; correct it`);
}

function checkDates({ publishedAt, advisories }: AdvisoryDocument): void {
  const end = timeOf(publishedAt, "/publishedAt");
  for (const [index, { published }] of advisories.entries()) {
    if (published === null) continue;
    const pointer = `/advisories/${index}/published`;
    if (timeOf(`${published}T00:00:00Z`, pointer) <= end) continue;
    throw malformed(pointer, `expected a day before the data set's own, found ${published}; correct one of them`);
  }
}

/**
 * Checks what the parts of a data set have to do with each other: names that must exist, processors that must be
 * covered and stand once, components that a line must have, days of the calendar.
 *
 * @throws MalformedError `ERR_MALFORMED_ADVISORIES` with the place of the first mistake.
 */
export function checkConsistency(document: AdvisoryDocument): void {
  checkDates(document);
  const ids = new Set<string>();
  for (const [index, advisory] of document.advisories.entries()) {
    const pointer = `/advisories/${index}`;
    if (ids.has(advisory.id)) {
      throw malformed(`${pointer}/id`, `expected each id once, found ${shown(advisory.id)} again; remove one`);
    }
    ids.add(advisory.id);
    checkAdvisory(advisory, pointer, document.sources);
  }
}
