/** `attestry/testing/kds`: a key server on loopback that serves a forge's hierarchies. Node alone. */
export type { FakeKdsFault } from "./faults.js";
export type { FakeKdsFilter, FakeKdsRequest } from "./log.js";
export type { FakeKdsOptions } from "./options.js";
export type { FakeKds, FaultOptions } from "./server.js";
export { startFakeKds } from "./server.js";
export type { FakeKdsKind } from "./wanted.js";
