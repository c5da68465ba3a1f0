import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tellProgress } from "../../src/cli/progress.js";
import { fetchTransport } from "../../src/kds/index.js";
import type { Transport, TransportResponse } from "../../src/kds/types.js";
import { fakeIo } from "./fake-io.js";
import { inNoTime } from "./in-no-time.js";
import { keyServer } from "./key-server.js";
import { runWriting } from "./run-cli.js";

const BASE = "https://kds.example";
const VCEK = `${BASE}/vcek/v1/Milan/${"ab".repeat(64)}?blSPL=03`;
const signal = new AbortController().signal;
const answer = (status: number, headers: Record<string, string> = {}, size = 0): TransportResponse => ({
  status,
  headers,
  body: new Uint8Array(size),
});

const asTerminal = { isTerminal: true, env: { NO_COLOR: "1" } };

async function told(url: string, respond: () => Promise<TransportResponse>, isTerminal = true) {
  const { io, stderr } = fakeIo({ ...asTerminal, isTerminal });
  const { transport, stop } = tellProgress(io, respond);
  const outcome = await transport({ url, headers: {}, signal, maxBytes: 10 }).catch((error: unknown) => error);
  stop();
  return { outcome, lines: stderr().split("\n").slice(0, -1) };
}

describe("progress", () => {
  it.each<[string, string, TransportResponse, string]>([
    ["a VCEK", VCEK, answer(200, {}, 1360), "VCEK: 1,360 bytes"],
    ["a chain", `${BASE}/vcek/v1/Milan/cert_chain`, answer(200, {}, 9), "ASK and ARK: 9 bytes"],
    ["the other branch's", `${BASE}/vlek/v1/Milan/cert_chain`, answer(200, {}, 9), "ASVK and ARK: 9 bytes"],
    ["a CRL", `${BASE}/p/vlek/v1/Milan/crl`, answer(200, {}, 9), "CRL: 9 bytes"],
    ["an unknown chip", VCEK, answer(404), "VCEK: not known there (404)"],
    ["a fault", VCEK, answer(503), "VCEK: the server answers 503"],
    [
      "a limit in seconds",
      VCEK,
      answer(429, { "retry-after": "12" }),
      "VCEK: the server is asked too often (429) and wants 12 s of rest",
    ],
    [
      "a limit with a date",
      VCEK,
      answer(429, { "retry-after": "Sun, 22 Nov 2026 03:00:00 GMT" }),
      "VCEK: the server is asked too often (429) and wants rest until Sun, 22 Nov 2026 03:00:00 GMT",
    ],
    [
      "a limit without a word",
      VCEK,
      answer(429),
      "VCEK: the server is asked too often (429) and does not say for how long",
    ],
    [
      "a limit with a trick",
      VCEK,
      answer(429, { "retry-after": "\u001b[2J" }),
      "VCEK: the server is asked too often (429) and wants rest until \\u{1b}[2J",
    ],
  ])("tells of %s", async (_, url, response, line) => {
    const { outcome, lines } = await told(url, async () => await Promise.resolve(response));
    expect(outcome).toBe(response);
    expect(lines).toEqual([`${line.split(":")[0]}: asking kds.example`, line]);
  });

  it("tells of a network that fails, and hands the error on", async () => {
    const error = new Error("down");
    const { outcome, lines } = await told(VCEK, async () => await Promise.reject(error));
    expect(outcome).toBe(error);
    expect(lines).toEqual(["VCEK: asking kds.example", "VCEK: no answer from kds.example"]);
  });

  it("says nothing where stderr is no terminal", async () => {
    const { io } = fakeIo();
    const transport: Transport = async () => await Promise.resolve(answer(200));
    expect(tellProgress(io, transport).transport).toBe(transport);
    expect((await told(VCEK, async () => await Promise.resolve(answer(404)), false)).lines).toEqual([]);
  });
});

describe("waiting", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function waitingFor(respond: () => Promise<TransportResponse>) {
    const { io, stderr } = fakeIo(asTerminal);
    const { transport, stop } = tellProgress(io, respond);
    const done = transport({ url: VCEK, headers: {}, signal, maxBytes: 10 }).catch(() => undefined);
    const later = async (ms: number) => {
      await vi.advanceTimersByTimeAsync(ms);
      return stderr().split("\n").slice(0, -1);
    };
    return { done, stop, later };
  }

  it("for an answer is told every five seconds, until it comes", async () => {
    let respond: (response: TransportResponse) => void = () => undefined;
    const { done, stop, later } = waitingFor(() => new Promise((resolve) => (respond = resolve)));
    expect(await later(4999)).toEqual(["VCEK: asking kds.example"]);
    expect((await later(1)).at(-1)).toBe("VCEK: waiting for an answer, 5 s so far");
    expect((await later(5000)).at(-1)).toBe("VCEK: waiting for an answer, 10 s so far");
    respond(answer(200, {}, 7));
    await done;
    expect((await later(60_000)).at(-1)).toBe("VCEK: 7 bytes");
    stop();
  });

  it.each<[string, () => Promise<TransportResponse>]>([
    ["a limit", () => Promise.resolve(answer(429))],
    ["a fault", () => Promise.resolve(answer(500))],
    ["no answer", () => Promise.reject(new Error("down"))],
  ])("to ask again after %s is told, until it stops", async (_, respond) => {
    const { done, stop, later } = waitingFor(respond);
    await done;
    expect((await later(5000)).at(-1)).toBe("VCEK: waiting to ask again, 5 s so far");
    stop();
    expect((await later(60_000)).at(-1)).toBe("VCEK: waiting to ask again, 5 s so far");
  });

  it("is not told once the server said that it does not have it", async () => {
    const { done, stop, later } = waitingFor(() => Promise.resolve(answer(404)));
    await done;
    expect((await later(60_000)).at(-1)).toBe("VCEK: not known there (404)");
    stop();
  });
});

describe("a run of the command against a server that throttles", () => {
  const kds = keyServer();
  const line = () => ["fetch", "report.bin", "--out", "out", "--anchors", "anchor.der", "--kds", kds.url()];

  /** What the server answers sound requests, so that it can be played again without a clock that runs. */
  async function recorded(): Promise<ReadonlyMap<string, TransportResponse>> {
    const seen = new Map<string, TransportResponse>();
    const transport: Transport = async (request) => {
      const response = await fetchTransport(request);
      seen.set(request.url, response);
      return response;
    };
    expect(await runWriting(line(), kds.setting({}, { transport }))).toMatchObject({ code: 0 });
    return seen;
  }

  it("shows the rest that the server wants and gets there, on stderr alone", async () => {
    const answers = await recorded();
    const limits = [answer(429, { "retry-after": "7" })];
    const transport: Transport = async ({ url }) => {
      await Promise.resolve();
      return (url.includes("SPL=") ? limits.pop() : undefined) ?? answers.get(url) ?? answer(404);
    };
    const result = await inNoTime(() =>
      runWriting(line(), kds.setting({}, { ...asTerminal, columns: 100, transport })),
    );
    expect(result.code).toBe(0);
    expect(result.stdout).not.toContain("asking");
    const lines = result.stderr.split("\n");
    expect(lines).toContain("VCEK: the server is asked too often (429) and wants 7 s of rest");
    expect(lines).toContain("VCEK: waiting to ask again, 5 s so far");
    expect(lines.filter((text) => text.startsWith("VCEK: asking"))).toHaveLength(2);
    expect(lines.at(-2)).toMatch(/^VCEK: [\d,]+ bytes$/);
  });

  it("says nothing in a pipe", async () => {
    const result = await runWriting(line(), kds.setting());
    expect(result).toMatchObject({ code: 0, stderr: "" });
  });
});
