/** Everything that the policy room says to people, on scenes of the test tables: what `said.json` holds. */
import { WHOLE_BLOCK } from "../../scripts/support/policy-samples.js";
import { bindReportData } from "../../src/binding/bind.js";
import { isAttestationError } from "../../src/errors.js";
import { type AdvisoryAnswer, keepAdvisoryData } from "../../src/policy/advisory-data.js";
import type { Appraisal } from "../../src/policy/appraisal.js";
import type { Check } from "../../src/policy/check.js";
import { definePolicy } from "../../src/policy/define.js";
import { explainPolicy } from "../../src/policy/explain.js";
import { policyFromReport } from "../../src/policy/starter.js";
import { DAY, makeVerified, type RecordOptions, VERIFIED_AT } from "../support/records.js";
import { BLOCK_MISTAKES, WHOLE_MISTAKES } from "./mistakes.js";
import { blockPolicy, judged, OPEN, type When } from "./support.js";
import { TWINS } from "./twins.js";

type Lines = readonly string[];
type Scene = readonly [title: string, lines: () => Lines | Promise<Lines>];

/** Repeated bytes are written once, and other long hex by its beginning. */
function short(text: string): string {
  const repeated = text.replace(/([0-9a-f]{2})\1{7,}/gi, (run, byte: string) => `${byte}*${run.length / 2}`);
  return repeated.replace(/\b[0-9a-f]{32,}\b/g, (run) => `${run.slice(0, 6)}...${run.length / 2}`);
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? "undefined";
}

function lineOf({ outcome, severity, id, pointer, implied, operator, claim, reason, ...rest }: Check): string {
  const { expected, actual, source, rule, waiver } = rest;
  const parts = [outcome, severity, id, pointer, implied ? "implied" : "written", operator, claim].join(" ");
  return short(`${parts} ${[expected, actual, source, rule, waiver].map(json).join(" ")} ${reason}`);
}

function sayAll({ verdict, checks, unexamined }: Appraisal): Lines {
  return [verdict, ...checks.map(lineOf), `unexamined ${unexamined.join(" ")}`];
}

/** The checks that a block asks for. */
function sayWritten(snp: object, appraisal: Appraisal): Lines {
  const own = appraisal.checks.filter(({ id, implied }) => !implied && Object.hasOwn(snp, id.split(".")[1] ?? ""));
  return own.map(lineOf);
}

async function refusal(run: () => unknown): Promise<Lines> {
  try {
    await run();
  } catch (error) {
    if (isAttestationError(error, "ERR_MALFORMED_POLICY")) return [short(error.message)];
    throw error;
  }
  return ["fine"];
}

const TWIN_SCENES: readonly Scene[] = TWINS.map(({ title, snp, passing, failing }) => [
  `twins: ${title}`,
  async () => {
    const policy = await blockPolicy(snp);
    return [...sayWritten(snp, judged(policy, passing)), ...sayWritten(snp, judged(policy, failing))];
  },
]);

const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);
const hex = (length: number, byte: number) => byte.toString(16).padStart(2, "0").repeat(length);
const masked: RecordOptions = { signingKey: "VLEK", report: { chipId: filled(64, 0) } };
const SIGNED: RecordOptions = {
  report: {
    keyInfo: 1,
    idKeyDigest: filled(48, 1),
    authorKeyDigest: filled(48, 2),
    guestSvn: 4,
    familyId: filled(16, 1),
    imageId: filled(16, 2),
  },
};
const ANY = {
  signingKey: ["VCEK", "VLEK"],
  cspId: "any",
  guestPolicy: Object.fromEntries(
    Object.keys(WHOLE_BLOCK.guestPolicy).flatMap((key) => (key === "minimumAbi" ? [] : [[key, "any"]])),
  ),
  platformInfo: Object.fromEntries(Object.keys(WHOLE_BLOCK.platformInfo).map((key) => [key, "any"])),
  provisionalFirmware: "any",
  idBlock: { required: false },
  reserved: "any",
};

const PLAIN: RecordOptions = {};
const EVIDENCE: readonly (readonly [title: string, evidence: RecordOptions])[] = [
  ["plain", PLAIN],
  ["version 2", { report: { version: 2 } }],
  ["version 5", { report: { version: 5, launchMitVector: 0xbn, currentMitVector: 1n << 63n } }],
  ["Turin", { productLine: "Turin" }],
  ["a provider that hides its chips", masked],
  ["an ID block", SIGNED],
  ["much that nobody knows", { report: { policy: (1n << 63n) | 0xb0000n, platformInfo: 0x165n, keyInfo: 0x20 } }],
  ["firmware that is not committed", { report: { currentBuild: 30, committedBuild: 29 } }],
  ["a reserved byte", { report: { patch: [{ offset: 0x1eb, bytes: Uint8Array.of(7) }] } }],
  ["a stale CRL", { revocation: { status: "stale" } }],
  ["no CRL", { revocation: { status: "unavailable", thisUpdate: null, nextUpdate: null, number: null } }],
  ["callers' anchors", { anchors: "caller", hwId: filled(64, 3) }],
];

const BLOCKS: readonly (readonly [title: string, snp: object])[] = [
  ["by default", {}],
  ["open", ANY],
  ["by all keys", WHOLE_BLOCK],
];

/** What a block says of some evidence and not of plain evidence. */
async function differing(snp: object, evidence: RecordOptions): Promise<Lines> {
  const policy = await blockPolicy(snp);
  const usual = evidence === PLAIN ? [] : sayAll(judged(policy, PLAIN));
  return sayAll(judged(policy, evidence)).filter((line) => !usual.includes(line));
}

/** Floors of some TCBs for some lines, and evidence of another, of which the policy then has none. */
const FLOORS: readonly Scene[] = [
  { Milan: { launch: { snp: 1 } }, Genoa: { reported: { snp: 1 } } },
  { Turin: { launch: { snp: 1 }, reported: { fmc: 1 } } },
].map(
  (minimumTcb, index): Scene => [
    `floors ${index}`,
    async () => sayWritten({ minimumTcb }, judged(await blockPolicy({ minimumTcb }))),
  ],
);

const LISTS: readonly Scene[] = [[0], [0, 1], [0, 1, 2], [0, 1, 2, 2]].map(
  (vmpl): Scene => [
    `a list of ${vmpl.length}`,
    async () => sayWritten({ vmpl }, judged(await blockPolicy({ vmpl }), { report: { vmpl: 3 } })),
  ],
);

const EVIDENCE_SCENES: readonly Scene[] = EVIDENCE.flatMap(([title, evidence]): Scene[] => [
  ...BLOCKS.map(([block, snp]): Scene => [`${block}: ${title}`, () => differing(snp, evidence)]),
  [`shown: ${title}`, async () => [short(json(judged(await blockPolicy({}), evidence).evidence))]],
  [`starter: ${title}`, () => [short(json(policyFromReport(makeVerified(evidence))))]],
]);

const LENIENT = [{ idBlock: { required: false, idKeyDigests: [hex(48, 1)], authorKeyDigests: [hex(48, 2)] } }, ANY];
const ID_BLOCKS: readonly Scene[] = LENIENT.flatMap((snp) =>
  [
    SIGNED,
    {},
    { report: { ...SIGNED.report, keyInfo: 0 } },
    { report: { ...SIGNED.report, idKeyDigest: filled(48, 0) } },
    { report: { ...SIGNED.report, authorKeyDigest: filled(48, 0) } },
    { report: { familyId: filled(16, 1) } },
    { report: { imageId: filled(16, 1) } },
  ].map(
    (evidence, index): Scene => [
      `ID block ${index}, ${json(snp).length}`,
      async () => sayWritten({ idBlock: 0 }, judged(await blockPolicy(snp), evidence)),
    ],
  ),
);

const nonce = filled(32, 7);
const bytes = { report: { reportData: Uint8Array.from([...nonce, ...filled(32, 0)]) } };
const SCHEME = { reportData: { scheme: "nonce" } };

async function bindings(): Promise<Lines> {
  const expected = await bindReportData("nonce", { nonce });
  const other = await bindReportData("azure", { runtimeData: filled(91, 1) }, { fromEvidence: ["runtimeData"] });
  const allowing = { reportData: { scheme: "azure", parts: { runtimeData: "fromEvidence" } } };
  const runs: readonly [object, RecordOptions, When][] = [
    [SCHEME, bytes, { reportData: expected }],
    [SCHEME, {}, { reportData: expected }],
    [SCHEME, bytes, { reportData: other }],
    [SCHEME, bytes, {}],
    [allowing, bytes, { reportData: other }],
    [{ reportData: { scheme: "azure" } }, bytes, { reportData: other }],
    [{ reportData: { exact: hex(64, 0xab) } }, bytes, { reportData: expected }],
    [{}, {}, { reportData: expected }],
  ];
  const said = runs.map(async ([snp, evidence, when]) => judged(await blockPolicy(snp), evidence, when));
  return (await Promise.all(said)).flatMap(({ checks }) =>
    checks.filter(({ claim }) => claim === "reportData").map(lineOf),
  );
}

async function advisories(): Promise<Lines> {
  const policy = await blockPolicy({ advisories: { ...WHOLE_BLOCK.advisories, maxAgeSeconds: 60 } });
  const data = (status: AdvisoryAnswer["status"], digest: string, publishedAt: number) =>
    keepAdvisoryData({ digest, publishedAt, assess: () => ({ status, reason: "SNP is 1" }) });
  const runs: readonly When[] = [
    {},
    { advisories: data("fixed", hex(48, 0xad), VERIFIED_AT) },
    { advisories: data("not-affected", hex(48, 1), VERIFIED_AT - 61_000) },
    { advisories: data("vulnerable", hex(48, 1), VERIFIED_AT + 1) },
  ];
  return runs.flatMap((when) => sayWritten({ advisories: 0 }, judged(policy, {}, when)));
}

async function excuses(): Promise<Lines> {
  const until = "2026-06-02T00:00:00Z";
  const entry = { check: "/snp/cpu", until, reason: "INC-7", only: { productLine: ["Milan"] } };
  const snp = { ...OPEN, cpu: ["0x19-0x11-0x01"], platformInfo: { smtEn: "required" } };
  const document = { version: 1, id: "x", snp };
  const policy = await definePolicy({
    ...document,
    waivers: [entry],
    warn: [{ ...entry, check: "/snp/platformInfo/smtEn" }],
  });
  const notes = await definePolicy({
    version: 1,
    id: "x",
    require: {
      allOf: [
        { snp: OPEN },
        {
          id: "r",
          reason: "why",
          anyOf: [{ snp: { vmpl: [0] } }, { reason: "no", snp: { vmpl: [1], hostData: [hex(32, 1)] } }],
        },
      ],
    },
  });
  const off: RecordOptions = { report: { platformInfo: 0n } };
  const runs = [
    judged(policy, off),
    judged(policy, off, { now: VERIFIED_AT + 2 * DAY }),
    judged(notes),
    judged(policy),
  ];
  return runs.flatMap(sayAll);
}

async function times(): Promise<Lines> {
  const validity = { notBefore: "2026-06-01T12:00:00Z", notAfter: "2026-06-02T00:00:00Z" };
  const policy = await definePolicy({ version: 1, id: "x", snp: OPEN, validity });
  const moments = [VERIFIED_AT - DAY, VERIFIED_AT, VERIFIED_AT + DAY - 1, VERIFIED_AT + 4000 * DAY];
  const runs = moments.map((now) => judged(policy, {}, { now }));
  const stale = judged(policy, { revocation: { status: "stale", usableUntil: VERIFIED_AT } }, { now: VERIFIED_AT + 1 });
  return [...runs, stale].flatMap(({ checks }) => checks.filter(({ claim }) => claim === "now").map(lineOf));
}

const document = { version: 1, id: "x", snp: OPEN };
const waiver = { check: "/snp/cpu", until: "2026-06-02T00:00:00Z", reason: "x", only: { productLine: ["Milan"] } };
const LATER_MISTAKES: readonly unknown[] = [
  { ...document, waivers: [waiver] },
  { ...document, warn: [{ ...waiver, check: "/snp/vmpl" }] },
  { ...document, snp: { ...OPEN, cpu: ["0x19-0x11-0x01"] }, waivers: [{ ...waiver, until: "2026-02-30T00:00:00Z" }] },
  { ...document, snp: { ...OPEN, cpu: ["0x19-0x11-0x01"] }, warn: [{ ...waiver, only: { chipId: [hex(8, 0)] } }] },
  { ...document, validity: { notBefore: "2027-01-01T00:00:00Z", notAfter: "2026-01-01T00:00:00Z" } },
  { ...document, validity: { notBefore: "2026-02-31T00:00:00Z" } },
  { ...document, lists: { a: ["x"] }, snp: { ...OPEN, hostData: { list: "b" } } },
  { ...document, lists: { a: ["x"] }, snp: { ...OPEN, hostData: { list: "a" } } },
  { ...document, lists: [["x"]] },
  { ...document, lists: { a: Array(9999).fill("x") }, require: Array(11).fill({ list: "a" }) },
  {
    ...document,
    more: Array(39)
      .fill(0)
      .reduce((inner: unknown) => [inner], 0),
  },
  { ...document, id: "x".repeat(8_000_001) },
  { ...document, id: "\ud800" },
  { ...document, id: Symbol("x") },
  { ...document, id: Symbol("x".repeat(60)) },
  { ...document, version: "x".repeat(58) },
  { ...document, version: "x".repeat(59) },
  { ...document, [Symbol("key")]: 1 },
  { ...document, id: new Date(0) },
  { ...document, id: Number.NaN },
  { ...document, id: 10n },
  JSON.parse('{ "version": 1, "__proto__": 1 }'),
  { ...document, constructor: 1 },
  { ...document, prototype: 1 },
  { version: 1, id: "x", snp: {} },
  { version: 1, id: "x", snp: { measurement: "any" } },
  { version: 1, id: "x", snp: { measurement: "any", reportData: "any" } },
  { ...document, snp: { ...OPEN, cpu: ["0x1a-0x50-0x00"] } },
  { ...document, snp: { ...OPEN, reportVersion: { minimum: 5, maximum: 5 } } },
  { ...document, snp: { ...OPEN, reportData: { scheme: "tinfoil-v2", parts: { manifest: "fromEvidence" } } } },
  { version: 1, id: "x", require: { anyOf: [{ snp: OPEN }, { snp: { vmpl: [0] } }] } },
  { version: 1, id: "x", require: { allOf: [{ snp: OPEN }, { anyOf: [{ snp: { signingKey: ["VLEK"] } }] }] } },
  { version: 1, id: "x", require: { anyOf: [{ snp: { vmpl: [0] } }, { snp: OPEN }, { snp: { vmpl: [1] } }] } },
  Object.defineProperty({}, "version", {
    enumerable: true,
    get() {
      throw new Error("no");
    },
  }),
];

const MISTAKES: readonly Scene[] = [
  ...BLOCK_MISTAKES.map(
    ([title, snp]): Scene => [`mistake: ${title}, ${json(snp).slice(0, 40)}`, () => refusal(() => blockPolicy(snp))],
  ),
  ...WHOLE_MISTAKES.map(([title, whole]): Scene => [`mistake: ${title}`, () => refusal(() => definePolicy(whole))]),
  ...LATER_MISTAKES.map((whole, index): Scene => [`later mistake ${index}`, () => refusal(() => definePolicy(whole))]),
];

async function explained(snp: object, more: object = {}): Promise<Lines> {
  const { demands, open, warnings } = explainPolicy(
    await definePolicy({ ...document, snp: { ...OPEN, ...snp }, ...more }),
  );
  return [...demands, ...open, ...warnings].map((one) => short(json(one)));
}

const CAREFUL = { guestPolicy: { smt: "forbidden" }, platformInfo: { smtEn: "forbidden" } };
const WARNED: readonly object[] = [
  { productLine: ["Turin"] },
  { productLine: ["Genoa"] },
  { cpu: ["0x19-0x01-0x01", "0x19-0x11-0x01"] },
  { cpu: ["0x1a-0x02-0x01"] },
  { minimumTcb: { Genoa: { reported: { microcode: 1 } }, Turin: { reported: { microcode: 255 } } } },
  { minimumTcb: { Genoa: { launch: { microcode: 255 } } }, productLine: ["Genoa", "Turin"] },
  { measurement: [`${"00".repeat(47)}01`, `01${"00".repeat(47)}`] },
  { ...CAREFUL, hostData: [hex(32, 0)], reportIdMa: [hex(32, 0)] },
  { guestPolicy: { smt: "forbidden" } },
  { platformInfo: { smtEn: "forbidden" } },
];

const APART: readonly (readonly object[])[] = [
  [{ productLine: ["Genoa", "Turin"] }, { minimumTcb: { Genoa: { reported: { snp: 1 } } } }],
  [{ minimumTcb: { Genoa: { reported: { snp: 1 } } } }, { productLine: ["Milan"] }, { cpu: ["0x1a-0x02-0x01"] }],
];

const WARNINGS: readonly Scene[] = [
  ...WARNED.map((snp, index): Scene => [`warned ${index}`, () => warned({ snp: { ...OPEN, ...snp } })]),
  ...APART.flatMap((blocks, index) =>
    ["allOf", "anyOf"].map((kind): Scene => {
      const rules = blocks.map((snp) => ({ snp }));
      return [
        `warned apart ${index} ${kind}`,
        () => warned({ require: { allOf: [{ snp: OPEN }, { [kind]: rules }] } }),
      ];
    }),
  ),
];

async function warned(rule: object): Promise<Lines> {
  const { warnings } = explainPolicy(await definePolicy({ version: 1, id: "x", ...rule }));
  return warnings.map((one) => short(json(one)));
}

const EXPLANATIONS: readonly Scene[] = [
  ["explained: all keys", () => explained(WHOLE_BLOCK)],
  [
    "explained: open",
    () => explained({ ...ANY, chipId: ["masked", hex(64, 1)], minimumTcb: { Genoa: { launch: { snp: 1 } } } }),
  ],
  [
    "explained: lists and validity",
    () =>
      explained(
        { reportData: { exact: hex(64, 1) } },
        { lists: { a: ["x"] }, validity: { notAfter: "2026-06-02T00:00:00Z" } },
      ),
  ],
  [
    "explained: weak",
    () =>
      explained({
        productLine: ["Milan", "Turin"],
        measurement: [hex(48, 0)],
        guestPolicy: { debug: "any", smt: "any" },
        platformInfo: { smtEn: "any" },
        minimumTcb: { Turin: { reported: { snp: 1 } } },
        revocation: { status: "skipped" },
      }),
  ],
  [
    "explained: rules",
    async () => {
      const policy = await definePolicy({
        version: 1,
        id: "x",
        require: { allOf: [{ snp: OPEN }, { anyOf: [{ snp: { cpu: ["0x19-0x01-0x01"] } }, { snp: { vmpl: [0] } }] }] },
        waivers: [{ ...waiver, check: "/require/allOf/1/anyOf/0/snp/cpu" }],
      });
      return [short(json(explainPolicy(policy)))];
    },
  ],
];

/** What one alternative speaks of says nothing for another. */
const ALTERNATIVES: readonly Scene[] = [
  [{ snp: { guestPolicy: { debug: "any" }, cpu: ["0x19-0x11-0x01"] } }, { snp: { vmpl: [0] } }],
  [{ snp: { vmpl: [0] } }, { snp: { guestPolicy: { debug: "any" }, cpu: ["0x19-0x11-0x01"] } }],
  [
    { id: "a", snp: { vmpl: [0] } },
    { reason: "b", snp: { vmpl: [1] } },
  ],
].map(
  (anyOf, index): Scene => [
    `alternatives ${index}`,
    async () => {
      const policy = await definePolicy({ version: 1, id: "x", require: { allOf: [{ snp: OPEN }, { anyOf }] } });
      const runs = [judged(policy), judged(policy, { report: { policy: 0xb0000n } })];
      return runs.flatMap(({ verdict, checks }) => [
        verdict,
        ...checks.filter(({ claim }) => claim !== "now").map(lineOf),
      ]);
    },
  ],
);

/** Every scene; what each says is worked out when it is asked for. */
export const SAID: readonly Scene[] = [
  ...TWIN_SCENES,
  ...EVIDENCE_SCENES,
  ...FLOORS,
  ...LISTS,
  ...ID_BLOCKS,
  ["bindings", bindings],
  ["advisories", advisories],
  ["excuses", excuses],
  ["times", times],
  ...ALTERNATIVES,
  ...MISTAKES,
  ...EXPLANATIONS,
  ...WARNINGS,
];
