import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { Input, KdsQuestion } from "../suite/input.js";
import type { Ended } from "./news.js";

const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

const HTML = "<!doctype html><title>attestry</title><script type='module' src='/page.mjs'></script>";

/** What a page may run: scripts of its own origin, and nothing that comes as text. */
const POLICY = "script-src 'self'";

const KDS_PATH = /^\/kds\/(\d+)(\/.*)$/;

/** Key servers know no CORS, so a page asks them through its own origin; answers pass as they come, broken ones too. */
function forward(target: string, response: ServerResponse): void {
  const outgoing = request(target, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on("error", () => response.destroy());
    answer.pipe(response);
  });
  outgoing.on("error", () => response.destroy());
  response.on("close", () => outgoing.destroy());
  outgoing.end();
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

interface Served {
  readonly server: Server;
  readonly url: string;
  /** What the page told at its end. */
  readonly news: Promise<string>;
}

async function serve(script: string, input: Input): Promise<Served> {
  let tell: (news: string) => void = () => undefined;
  const news = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const answers: Readonly<Record<string, readonly [type: string, body: () => string]>> = {
    "/": ["text/html; charset=utf-8", () => HTML],
    "/page.mjs": ["text/javascript", () => script],
    "/input.json": ["application/json", () => JSON.stringify({ ...input, kds: input.kds.map(ownOrigin) })],
  };
  const ownOrigin = (one: KdsQuestion, at: number) => ({ ...one, baseUrl: `${url}/kds/${at}` });
  const server = createServer((message, response) => {
    const path = message.url ?? "/";
    const [, index = "", rest = ""] = KDS_PATH.exec(path) ?? [];
    const target = input.kds[Number(index)];
    if (index !== "" && target !== undefined) return forward(target.baseUrl + rest, response);
    if (path === "/news") void bodyOf(message).then(tell);
    const [type, body] = answers[path] ?? ["text/plain", () => ""];
    response.writeHead(200, { "content-type": type, "content-security-policy": POLICY });
    response.end(body());
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  // A server that listens on a port has an address of this kind.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, url, news };
}

/** Runs the suite in a page; its news, the page's errors, and how it ended. */
export async function drivePage(executablePath: string, folder: string, patienceMs: number): Promise<Ended> {
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const { server, url, news } = await serve(read("page.mjs"), JSON.parse(read("input.json")));
  const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS });
  const errors: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => errors.push(message.text()));
    await page.goto(url);
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), patienceMs);
    });
    const told = await Promise.race([news, late]);
    return { stdout: told ?? "", stderr: errors.join("\n"), end: told === null ? "no answer in time" : "answered" };
  } finally {
    clearTimeout(timer);
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}
