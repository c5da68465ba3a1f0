import { advisory, dataSet, floor, ORIGIN, proofsOf } from "./support.js";

/** A mistake in a data set: the document, the pointer, the message. */
export type MistakeRow = readonly [title: string, document: unknown, pointer: string, message: RegExp];

const A = "/advisories/0";
const P = `${A}/proofs/0/anyOf/0/0`;
const one = (more: object) => dataSet([advisory(more)]);
const proof = (step: object) => one({ proofs: proofsOf([step]) });
const unprovable = { provable: false, why: "because", sources: ["s"], proofs: undefined };
const without = (document: object, key: string) =>
  Object.fromEntries(Object.entries(document).filter(([name]) => name !== key));
const bare = (key: string) => dataSet([without(advisory(), key)]);

/** What the schema sees, and the published one as well. */
export const FORM_MISTAKES: readonly MistakeRow[] = [
  ["a list", [], "/version", /expected the key "version", found none/],
  ["no object", "x", "", /expected Object, found "x"/],
  ["null", null, "", /expected Object, found null/],
  ["another version", dataSet([advisory()], { version: 2 }), "/version", /expected 1, found 2/],
  ["an unknown key", dataSet([advisory()], { advisory: [] }), "/advisory", /found "advisory"; correct its spelling/],
  ["a key of Object.prototype", dataSet([advisory()], { toString: 1 }), "/toString", /correct its spelling/],
  ["no id", without(dataSet(), "id"), "/id", /expected the key "id", found none; add it/],
  ["no date", without(dataSet(), "publishedAt"), "/publishedAt", /found none; add it/],
  ["a day for a time", dataSet([advisory()], { publishedAt: "2026-05-01" }), "/publishedAt", /expected a time such as/],
  ["no sources", dataSet([advisory()], { sources: {} }), "/sources", /expected at least one key/],
  ["a source without a title", dataSet([advisory()], { sources: { s: {} } }), "/sources/s/title", /found none; add it/],
  ["no advisories", dataSet([]), "/advisories", /expected at least one entry/],
  ["too many processors", one({ affected: Array(10_001).fill("Milan") }), `${A}/affected`, /at most 10000 entries/],
  ["an advisory without sources", bare("sources"), `${A}/sources`, /found none; add it/],
  ["an unknown key of an advisory", one({ fixedIn: 3 }), `${A}/fixedIn`, /correct its spelling/],
  ["an advisory without an id", bare("id"), `${A}/id`, /found none; add it/],
  ["an advisory without CVEs", bare("cves"), `${A}/cves`, /found none; add it/],
  ["an advisory without a date", bare("published"), `${A}/published`, /found none; add it/],
  ["an advisory that affects nobody", one({ affected: [] }), `${A}/affected`, /expected at least one entry/],
  [
    "a line that nobody knows",
    one({ affected: ["Rome"] }),
    `${A}/affected/0`,
    /expected Milan, Genoa, Turin or a proc/,
  ],
  ["a CPUID in capitals", one({ affected: ["0x19-0X01-0x01"] }), `${A}/affected/0`, /found "0x19-0X01/],
  ["no CVE", one({ cves: ["2024-1"] }), `${A}/cves/0`, /expected a CVE id such as/],
  ["a time for a day", one({ published: "2024-12-10T00:00:00Z" }), `${A}/published`, /expected a date such as/],
  ["nobody says whether it can be proved", bare("provable"), `${A}/provable`, /found/],
  ["a word for whether", one({ provable: "no" }), `${A}/provable`, /expected \(true \| false\), found "no"/],
  ["provable without proofs", bare("proofs"), `${A}/proofs`, /found none; add it/],
  ["not provable with proofs", one({ ...unprovable, proofs: [] }), `${A}/proofs`, /correct its spelling or remove it/],
  ["no proofs", one({ proofs: [] }), `${A}/proofs`, /expected at least one entry/],
  ["no ways", one({ proofs: proofsOf() }), `${A}/proofs/0/anyOf`, /expected at least one entry/],
  ["a way of nothing", one({ proofs: proofsOf([]) }), `${A}/proofs/0/anyOf/0`, /expected at least one entry/],
  ["a proof that nobody knows", proof({ check: "luck", ...ORIGIN }), `${P}/check`, /found "luck"/],
  ["a component that nobody knows", proof(floor("ucode", 1)), `${P}/component`, /found "ucode"/],
  ["a floor of zero", proof(floor("snp", 0)), `${P}/minimum`, /expected a whole number of 1 to 255, found 0/],
  ["a floor above a byte", proof(floor("snp", 256)), `${P}/minimum`, /expected a whole number of 1 to 255/],
  ["a floor in hex", proof({ ...floor("snp", 1), minimum: "0x18" }), `${P}/minimum`, /expected number, found "0x18"/],
  ["a floor of half a level", proof(floor("snp", 1.5)), `${P}/minimum`, /expected a whole number/],
  [
    "two numbers of firmware",
    proof({ check: "firmware", minimum: "1.55", ...ORIGIN }),
    `${P}/minimum`,
    /such as 1\.55/,
  ],
  [
    "zeros before a number",
    proof({ check: "firmware", minimum: "1.055.1", ...ORIGIN }),
    `${P}/minimum`,
    /such as 1\.55/,
  ],
  [
    "a bit of the other word",
    proof({ check: "platformInfo", bit: "debug", state: "set", ...ORIGIN }),
    `${P}/bit`,
    /found "debug"/,
  ],
  [
    "a policy's word",
    proof({ check: "guestPolicy", bit: "smt", state: "forbidden", ...ORIGIN }),
    `${P}/state`,
    /"set"/,
  ],
  ["a mitigation beyond 63", proof({ check: "mitigation", bit: 64, ...ORIGIN }), `${P}/bit`, /of 0 to 63/],
  ["a mitigation in text", proof({ check: "mitigation", bit: "4", ...ORIGIN }), `${P}/bit`, /expected number/],
  ["a number from nowhere", proof({ ...floor("snp", 1), sources: [] }), `${P}/sources`, /expected at least one entry/],
  ["a number without confidence", proof(without(floor("snp", 1), "confidence")), `${P}/confidence`, /found none/],
  ["an unknown confidence", proof({ ...floor("snp", 1), confidence: "sure" }), `${P}/confidence`, /found "sure"/],
  [
    "spared without a source",
    one({ affected: ["Milan"], notAffected: [{ for: ["Turin"], confidence: "low" }] }),
    `${A}/notAffected/0/sources`,
    /found none; add it/,
  ],
];

const spare = (...keys: readonly string[]) => [{ for: keys, ...ORIGIN }];
const onMilan = (steps: readonly object[], ...keys: readonly string[]) => ({
  affected: ["Milan"],
  proofs: [{ for: keys, anyOf: [steps] }],
});

/** What only the parts together show. */
export const SENSE_MISTAKES: readonly MistakeRow[] = [
  [
    "a day that there is not",
    dataSet([advisory()], { publishedAt: "2026-02-30T00:00:00Z" }),
    "/publishedAt",
    /a day that/,
  ],
  ["an advisory's day that there is not", one({ published: "2025-02-29" }), `${A}/published`, /a day that there is/],
  [
    "an advisory of the future",
    one({ published: "2026-05-02" }),
    `${A}/published`,
    /expected a day before the data set/,
  ],
  ["an id twice", dataSet([advisory(), advisory()]), "/advisories/1/id", /expected each id once, found "A-1" again/],
  ["a processor of no line", one({ affected: ["0x17-0x31-0x00"] }), `${A}/affected/0`, /a Milan, Genoa or Turin proc/],
  ["affected twice", one({ affected: ["Milan", "Genoa", "Turin", "Milan"] }), `${A}/affected/3`, /found "Milan" again/],
  ["affected and not", one({ notAffected: spare("Milan") }), `${A}/notAffected/0/for/0`, /found "Milan" again/],
  [
    "proved twice",
    one({ proofs: [...proofsOf([floor("snp", 1)]), { for: ["Turin"], anyOf: [[floor("snp", 1)]] }] }),
    `${A}/proofs/1/for/0`,
    /found "Turin" again/,
  ],
  [
    "a proof for what is not affected",
    one(onMilan([floor("snp", 1)], "Milan", "Genoa")),
    `${A}/proofs/0/for/1`,
    /expected a processor that "affected" names, found "Genoa"/,
  ],
  [
    "a component that the line has not",
    one(onMilan([floor("snp", 1), floor("fmc", 1)], "Milan")),
    `${A}/proofs/0/anyOf/0/1/component`,
    /expected a component of Milan, which has no fmc/,
  ],
  [
    "a component that the processor's line has not",
    one(onMilan([floor("fmc", 1)], "0x19-0x01-0x01")),
    `${P}/component`,
    /expected a component of 0x19-0x01-0x01/,
  ],
  [
    "firmware beyond a byte",
    proof({ check: "firmware", minimum: "1.55.256", ...ORIGIN }),
    `${P}/minimum`,
    /expected numbers of at most 255, found 1\.55\.256/,
  ],
  ["a source that is not listed", proof({ ...floor("snp", 1), sources: ["s", "t"] }), `${P}/sources/1`, /found "t"/],
  ["a source of Object.prototype", proof({ ...floor("snp", 1), sources: ["valueOf"] }), `${P}/sources/0`, /"valueOf"/],
  [
    "a source of what is spared that is not listed",
    one({
      ...onMilan([floor("snp", 1)], "Milan"),
      notAffected: [{ for: ["Turin"], sources: ["t"], confidence: "low" }],
    }),
    `${A}/notAffected/0/sources/0`,
    /expected a name of \/sources, found "t"/,
  ],
  [
    "a source of what cannot be proved that is not listed",
    dataSet([without(advisory({ provable: false, why: "w", sources: ["t"] }), "proofs")]),
    `${A}/sources/0`,
    /expected a name of \/sources/,
  ],
];

/** What JSON cannot say, or not within the budget. */
export const COPY_MISTAKES: readonly MistakeRow[] = [
  ["undefined", undefined, "", /expected a JSON value, found undefined/],
  [
    "not a number",
    dataSet([advisory()], { version: Number.NaN }),
    "/version",
    /expected a JSON value, found number NaN/,
  ],
  [
    "an undefined key",
    dataSet([advisory()], { $schema: undefined }),
    "/$schema",
    /expected a JSON value, found undefined/,
  ],
  ["a class", new Date(), "", /an object that is not plain/],
  ["a lone surrogate", dataSet([advisory()], { id: "\ud800" }), "/id", /lone surrogate/],
  ["__proto__ as a key", JSON.parse('{"__proto__":{"version":1}}'), "/__proto__", /no key of the language/],
  [
    "too many values",
    dataSet([advisory({ cves: Array(100_001).fill("CVE-2024-1111") })]),
    `${A}/cves/99988`,
    /split the data set/,
  ],
];
