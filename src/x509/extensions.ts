import { DerCursor, TAG } from "../der/cursor.js";
import { readBoolean, readOctetString, readOid } from "../der/values.js";

/** One extension, its value not looked into. */
export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** No certificate or CRL of the profile has more than 11. */
const MAX_EXTENSIONS = 32;

/** Reads Extensions: at least one, each OID once. Source: RFC 5280 section 4.1.2.9 and 4.2. */
export function readExtensions(cursor: DerCursor): Extension[] {
  const list = cursor.enter(TAG.sequence);
  const extensions: Extension[] = [];
  const seen = new Set<string>();
  while (list.peek() !== undefined) {
    const extension = readItem(list);
    if (seen.has(extension.oid)) list.fail(`extension ${extension.oid} twice`);
    seen.add(extension.oid);
    extensions.push(extension);
    if (extensions.length > MAX_EXTENSIONS) list.fail(`more than ${MAX_EXTENSIONS} extensions`);
  }
  if (extensions.length === 0) list.fail("a list of extensions without one");
  return extensions;
}

function readItem(list: DerCursor): Extension {
  const item = list.enter(TAG.sequence);
  const oid = readOid(item);
  const stated = item.peek() === TAG.boolean;
  const critical = stated && readBoolean(item);
  if (stated && !critical) item.fail("critical FALSE, the default, spelled out");
  const value = readOctetString(item);
  item.finish();
  return { oid, critical, value };
}

/** Reads the DER inside an extension's value, all of it; null for an extension that is not there. */
export function readExtension<T>(
  extension: Extension | undefined,
  what: string,
  read: (value: DerCursor) => T,
): T | null {
  if (extension === undefined) return null;
  const cursor = DerCursor.over(extension.value, `${what}: extension ${extension.oid}`);
  const value = read(cursor);
  cursor.finish();
  return value;
}
