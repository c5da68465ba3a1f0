import { NAME_ATTRIBUTE } from "../amd/oids.js";
import { type DerCursor, TAG } from "../der/cursor.js";
import { readOid, readText } from "../der/values.js";

/** A distinguished name: its DER, by which names are compared, and the two attributes that are read. */
export interface DistinguishedName {
  readonly der: Uint8Array;
  /** Null where the name has none or more than one. */
  readonly commonName: string | null;
  /** Null where the name has none or more than one. */
  readonly organization: string | null;
}

/** Reads a Name. What the attributes say is not judged; ones other than CN and O are only held to strict DER. */
export function readName(cursor: DerCursor): DistinguishedName {
  const element = cursor.take(TAG.sequence);
  const rdns = cursor.inside(element.content, element.end);
  const attributes: { oid: string; text: string }[] = [];
  while (rdns.peek() !== undefined) attributes.push(readRdn(rdns));
  const only = (oid: string): string | null => {
    const [first, second] = attributes.filter((attribute) => attribute.oid === oid);
    return first !== undefined && second === undefined ? first.text : null;
  };
  return {
    der: cursor.wholeOf(element),
    commonName: only(NAME_ATTRIBUTE.commonName),
    organization: only(NAME_ATTRIBUTE.organization),
  };
}

/** One relative name: a SET of one attribute. Several in one SET have an order of their own that nobody here needs. */
function readRdn(rdns: DerCursor): { oid: string; text: string } {
  const set = rdns.enter(TAG.set);
  const attribute = set.enter(TAG.sequence);
  const oid = readOid(attribute);
  const text = readText(attribute);
  attribute.finish();
  set.finish();
  return { oid, text };
}
