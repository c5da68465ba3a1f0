/**
 * The layer table of docs/architecture.md as rules: each room of src/, and the rooms it may open.
 * A room that is not in the table may not exist; a door that is not in the table is shut.
 */
const level0 = ["errors.ts", "bytes"];
const level1 = [...level0, "der", "crypto"];
const level2 = [...level1, "amd", "x509"];
const level3 = [...level2, "report", "evidence"];
const level4 = [...level3, "verify"];
const level5 = [...level4, "policy"];

const doors = {
  "errors.ts": [],
  bytes: ["errors.ts"],
  der: level0,
  crypto: level0,
  amd: level1,
  x509: [...level1, "amd"],
  report: level2,
  evidence: [...level2, "report"],
  binding: level2,
  verify: level3,
  policy: [...level0, "amd", "report"],
  "policy/import": [...level0, "amd", "report"],
  advisories: [...level0, "crypto", "amd", "report", "policy"],
  attest: [...level5, "binding"],
  result: [...level5, "binding", "advisories"],
  release: [...level5, "binding", "challenge", "result"],
  challenge: [...level0, "crypto"],
  kds: [...level4],
  noble: [...level0, "crypto", "verify"],
  node: [...level4, "kds"],
  "id-block": [...level4],
  measure: [...level0, "crypto"],
  testing: [...level5, "binding"],
  "testing/kds": [...level5, "binding", "testing", "kds"],
  cli: [...level5, "policy/import", "binding", "advisories", "attest", "kds", "noble", "node", "id-block", "measure"],
  "index.ts": [...level5, "binding", "attest"],
};

/** Rooms that a room may name in types alone, and the files whose values it may take all the same. */
const typeDoors = {
  policy: {
    rooms: ["evidence", "binding", "verify"],
    // The two guards that tell genuine handles from look-alikes.
    values: ["^src/verify/record\\.ts$", "^src/binding/expected\\.ts$"],
  },
  "policy/import": { rooms: ["policy"], values: ["^src/policy/import/", "^src/policy/json\\.ts$"] },
  advisories: { rooms: ["verify"], values: ["^src/verify/record\\.ts$"] },
  noble: { rooms: ["evidence"], values: [] },
};

/** A door for one file alone: defining a policy computes its digest, appraising by it computes nothing. */
const fileDoors = { "policy/define.ts": ["crypto"] };

/** Third-party code and Node's own modules, and the one room (or two) that may reach for each. */
const outside = [
  { module: "valibot", rooms: ["policy", "advisories"] },
  { module: "@noble/(curves|hashes)", rooms: ["noble", "testing", "measure"] },
  { module: "micro-rsa-dsa-dh", rooms: ["noble"] },
  { module: "(asn1js|pkijs)", rooms: ["testing"] },
  { module: "undici", rooms: ["node"] },
  { module: "cborg", rooms: ["evidence"] },
  { module: "jose", rooms: ["result", "release"] },
  { module: "@hpke/core", rooms: ["release"] },
  { module: "yaml", rooms: ["policy/import"] },
];
const nodeRooms = ["node", "cli", "testing/kds"];

const path = (room) => `^src/${room.replace(".", "\\.")}(/|$)`;
const anyOf = (rooms) => rooms.map(path);

const roomRules = Object.entries(doors).flatMap(([room, open]) => {
  const filesWithDoors = Object.keys(fileDoors).filter((file) => file.startsWith(`${room}/`));
  const roomsInside = Object.keys(doors).filter((inner) => inner.startsWith(`${room}/`));
  const reachable = [room, ...open, ...(typeDoors[room]?.rooms ?? [])];
  return [
    {
      name: `layer-${room.replace("/", "-").replace(".ts", "")}`,
      severity: "error",
      comment: `src/${room} may import itself and: ${open.join(", ") || "nothing"}`,
      from: { path: path(room), pathNot: anyOf([...filesWithDoors, ...roomsInside]) },
      to: { path: "^src/", pathNot: anyOf(reachable) },
    },
    ...filesWithDoors.map((file) => ({
      name: `layer-${file.replace("/", "-").replace(".ts", "")}`,
      severity: "error",
      comment: `src/${file} may import what its room may and: ${fileDoors[file].join(", ")}`,
      from: { path: path(file) },
      to: { path: "^src/", pathNot: anyOf([...reachable, ...fileDoors[file]]) },
    })),
  ];
});

const typeRules = Object.entries(typeDoors).map(([room, { rooms, values }]) => ({
  name: `layer-${room}-types`,
  severity: "error",
  comment: `of ${rooms.join(", ")} src/${room} may import types alone`,
  from: { path: path(room) },
  to: { path: anyOf(rooms), pathNot: values, dependencyTypesNot: ["type-only"] },
}));

const outsideRules = [
  ...outside.map(({ module, rooms }) => ({
    name: `outside-${module.replace(/\W+/g, "-").replace(/^-|-$/g, "")}`,
    severity: "error",
    comment: `only src/${rooms.join(" and src/")} may import ${module}`,
    from: { path: "^src/", pathNot: anyOf(rooms) },
    to: { path: `(^|node_modules/)${module}(/|$)` },
  })),
  {
    name: "outside-unlisted",
    severity: "error",
    comment: "a package that .dependency-cruiser.cjs does not name may not be imported",
    from: { path: "^src/" },
    to: {
      pathNot: ["^src/", ...outside.map(({ module }) => `(^|node_modules/)${module}(/|$)`)],
      dependencyTypesNot: ["core"],
    },
  },
  {
    name: "outside-node",
    severity: "error",
    comment: "Node's own modules belong to src/node, src/cli and src/testing/kds: everything else runs everywhere",
    from: { path: "^src/", pathNot: anyOf(nodeRooms) },
    to: { dependencyTypes: ["core"] },
  },
];

module.exports = {
  forbidden: [
    { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-dead-imports", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-room-without-doors",
      severity: "error",
      comment: "give the new room its line in .dependency-cruiser.cjs and in docs/architecture.md",
      from: { path: "^src/", pathNot: anyOf(Object.keys(doors)) },
      to: {},
    },
    {
      name: "index-is-for-outsiders",
      severity: "error",
      comment: "src/index.ts re-exports; within src/ only the command imports it",
      from: { path: "^src/", pathNot: path("cli") },
      to: { path: "^src/index\\.ts$" },
    },
    {
      name: "testing-everywhere",
      severity: "error",
      comment: "the forge runs everywhere; its key server is of Node, and nothing imports it",
      from: { path: "^src/", pathNot: path("testing/kds") },
      to: { path: path("testing/kds") },
    },
    {
      name: "importers-apart",
      severity: "error",
      comment: "who appraises does not load the readers of other systems' policies",
      from: { path: "^src/", pathNot: anyOf(["policy/import", "cli"]) },
      to: { path: path("policy/import") },
    },
    ...roomRules,
    ...typeRules,
    ...outsideRules,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Type-only imports are doors as well.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: `${__dirname}/tsconfig.build.json` },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
