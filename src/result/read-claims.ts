import { PRODUCT_LINES } from "../amd/product-lines.js";
import { type Tcb, tcbComponents } from "../amd/tcb.js";
import { BINDING_SCHEMES } from "../binding/expected.js";
import type { ResultClaims } from "./claims.js";
import { hex, list, members, nullOr, pattern, type Reader, text, wholeNumber, word } from "./readers.js";

const time = pattern("a time as RFC 3339", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
const mask = pattern("a word as hex with 0x", /^0x[0-9a-f]{1,16}$/);
const version = pattern("a version", /^\d{1,3}\.\d{1,3}\.\d{1,3}$/);
const cpuid = pattern("family, model and stepping", /^0x[0-9a-f]{2}-0x[0-9a-f]{2}-0x[0-9a-f]{2}$/);
const byte = wholeNumber(0xff);
const ids = list(text);

/** The components of either layout; that they are those of the product line is checked when that is known. */
const tcb: Reader<Tcb> = members(
  { bootLoader: byte, tee: byte, snp: byte, microcode: byte, spl5: byte, spl6: byte, spl7: byte },
  { fmc: byte, spl4: byte },
);

const binding = members({
  scheme: word(...BINDING_SCHEMES),
  fromEvidence: ids,
  key: nullOr(word("spki", "raw", "jwk", "bytes")),
});

const waiver = members({ check: text, pointer: text, until: time });

const advisories = members({ dataSet: hex(48), vulnerable: ids, notProvable: ids, fixed: ids });

/** The private claims of a token, each of its type and none besides. */
export const readClaims: Reader<ResultClaims> = /* @__PURE__ */ members(
  {
    vmId: hex(32),
    reportVersion: wholeNumber(0xff),
    reportDigest: hex(48),
    measurement: hex(48),
    idKeyDigest: nullOr(hex(48)),
    vmpl: wholeNumber(3),
    guestPolicy: mask,
    platformInfo: mask,
    productLine: word(...PRODUCT_LINES),
    cpuid: nullOr(cpuid),
    tcb: members({ current: tcb, reported: tcb, committed: tcb, launch: tcb }),
    firmware: members({ current: version, committed: version }),
    signingKey: word("VCEK", "VLEK"),
    anchors: word("amd", "caller"),
    revocation: word("checked", "stale", "unavailable", "skipped"),
    verifiedAt: time,
    policy: members({ id: text, digest: hex(48) }),
    binding: nullOr(binding),
    waivers: list(waiver),
    failures: ids,
    advisories: nullOr(advisories),
  },
  { chipId: nullOr(hex(64)), cspId: nullOr(text) },
);

/** The first TCB that has not the components of the token's product line; undefined where all have. */
export function foreignTcb({ productLine, tcb: all }: ResultClaims): string | undefined {
  const wanted = [...tcbComponents(productLine)].sort().join();
  return Object.entries(all).find(([, one]) => Object.keys(one).sort().join() !== wanted)?.[0];
}
