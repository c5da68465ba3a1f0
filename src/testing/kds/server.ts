import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { FakeKdsFault } from "./faults.js";
import { send, sendFault } from "./faults.js";
import type { FakeKdsFilter, FakeKdsRequest } from "./log.js";
import { matches, subjectOf } from "./log.js";
import type { Answer } from "./material.js";
import { createMaterial, textAnswer } from "./material.js";
import { checkFakeKdsOptions, type FakeKdsOptions } from "./options.js";
import { type Reading, readWanted } from "./wanted.js";

/** When a fault strikes. */
export interface FaultOptions {
  /** The requests it is for; default: all. */
  when?: (request: FakeKdsRequest) => boolean;
  /** How often; default: until it is mended. */
  times?: number;
}

/** A key server on loopback, and what it was asked. */
export interface FakeKds {
  /** Where it listens, without a slash at the end; for `baseUrl`. */
  readonly url: string;
  /** Every request so far, in the order of arrival; a copy. */
  readonly requests: readonly FakeKdsRequest[];
  /** How many requests were alike; without a filter, all of them. */
  count(filter?: FakeKdsFilter): number;
  /** The greatest number of requests that were under way at one time. */
  readonly peak: number;
  /** How many connections were opened. */
  readonly connections: number;
  /** Makes a chip known. */
  addChip(name: string): void;
  /** Answers badly from now on; the last fault that fits a request wins. @returns a function that mends it */
  misbehave(fault: FakeKdsFault, options?: FaultOptions): () => void;
  /** Forgets all requests, faults stay. */
  forget(): void;
  /** Stops and cuts what is open. */
  close(): Promise<void>;
}

interface PlannedFault {
  readonly fault: FakeKdsFault;
  readonly when: (request: FakeKdsRequest) => boolean;
  left: number;
}

/** What a running server remembers. */
interface State {
  readonly requests: FakeKdsRequest[];
  readonly faults: PlannedFault[];
  underWay: number;
  peak: number;
  connections: number;
}

const HOST = "127.0.0.1";

function headersOf(message: IncomingMessage): Readonly<Record<string, string>> {
  const entries = Object.entries(message.headers).map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(entries);
}

function requestOf(message: IncomingMessage, reading: Reading): FakeKdsRequest {
  const subject = subjectOf("wanted" in reading ? reading.wanted : null);
  const { method = "", url = "" } = message;
  return Object.freeze({ method, url, headers: headersOf(message), ...subject, at: Date.now() });
}

/** The newest fault that is for this request, counted off; the newest stands first. */
function nextFault(faults: readonly PlannedFault[], request: FakeKdsRequest): FakeKdsFault | null {
  const planned = faults.find(({ left, when }) => left > 0 && when(request));
  if (planned === undefined) return null;
  planned.left--;
  return planned.fault;
}

function soundAnswer(material: ReturnType<typeof createMaterial>, request: FakeKdsRequest, reading: Reading): Answer {
  if (request.method !== "GET") return textAnswer(405, "GET alone\n");
  return "wanted" in reading ? material(reading.wanted) : textAnswer(reading.status, "not here\n");
}

function handler(material: ReturnType<typeof createMaterial>, state: State) {
  return (message: IncomingMessage, response: ServerResponse): void => {
    const reading = readWanted(message.url ?? "/");
    const request = requestOf(message, reading);
    state.requests.push(request);
    state.underWay++;
    state.peak = Math.max(state.peak, state.underWay);
    response.on("close", () => state.underWay--);
    const answer = soundAnswer(material, request, reading);
    const fault = nextFault(state.faults, request);
    if (fault === null) send(response, answer);
    else sendFault(response, fault, answer);
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // A server that listens on a port has an address of this kind.
    server.listen(0, HOST, () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}

function plan(faults: PlannedFault[], fault: FakeKdsFault, options: FaultOptions): () => void {
  const planned = { fault, when: options.when ?? (() => true), left: options.times ?? Number.POSITIVE_INFINITY };
  faults.unshift(planned);
  return () => {
    planned.left = 0;
  };
}

/**
 * A key server on loopback that serves a forge's hierarchies as AMD's serves its own: its paths, its statuses, the
 * chains' order. It limits no rate and is as fast as it can be, unless told to misbehave. It sends no CORS header,
 * and has no VLEK for anybody (401), as AMD's.
 *
 * @throws TypeError (a rejection) for an option that is unknown or of the wrong kind.
 *
 * @example
 * ```ts
 * import { createForge } from "attestry/testing";
 * import { startFakeKds } from "attestry/testing/kds";
 *
 * const kds = await startFakeKds({ forge: await createForge({ seed: "my tests" }) });
 * kds.misbehave({ kind: "status", status: 429, retryAfter: "1" }, { times: 1 });
 * const statuses = [];
 * for (let attempt = 0; attempt < 2; attempt++) {
 *   statuses.push((await fetch(`${kds.url}/vcek/v1/Milan/cert_chain`)).status);
 * }
 * if (statuses.join() !== "429,200" || kds.count({ kind: "cert_chain" }) !== 2) throw new Error(statuses.join());
 * await kds.close();
 * ```
 */
export async function startFakeKds(options: FakeKdsOptions): Promise<FakeKds> {
  const { forge, chips, lineEnd, tls } = checkFakeKdsOptions(options);
  const state: State = { requests: [], faults: [], underWay: 0, peak: 0, connections: 0 };
  const handle = handler(createMaterial({ forge, chips, lineEnd }), state);
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle);
  server.on("connection", () => state.connections++);
  const port = await listen(server);
  return Object.freeze({
    url: `${tls === undefined ? "http" : "https"}://${HOST}:${port}`,
    get requests() {
      return [...state.requests];
    },
    count: (filter: FakeKdsFilter = {}) => state.requests.filter((request) => matches(request, filter)).length,
    get peak() {
      return state.peak;
    },
    get connections() {
      return state.connections;
    },
    addChip: (name: string) => {
      chips.add(name);
    },
    misbehave: (fault: FakeKdsFault, when: FaultOptions = {}) => plan(state.faults, fault, when),
    forget: () => {
      state.requests.length = 0;
    },
    close: () => close(server),
  });
}
