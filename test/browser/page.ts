import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { type BuildResult, build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { chromiumPath } from "../support/needs.js";

const project = resolve(import.meta.dirname, "../..");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A module of the project's sources and of the page's own code, as one script without imports. */
async function bundleScript(code: string): Promise<string> {
  const result: BuildResult<{ write: false }> = await build({
    stdin: { contents: code, resolveDir: project, loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
    logLevel: "silent",
  });
  return result.outputFiles[0]?.text ?? "";
}

async function serve(script: string): Promise<{ server: Server; url: string }> {
  const html = "<!doctype html><title>attestry</title><script src='/script.js'></script>";
  const server = createServer((request, response) => {
    const isScript = request.url === "/script.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html; charset=utf-8" });
    response.end(isScript ? script : html);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  // A server that listens on a port has an address of this kind.
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

/** A page whose script is loaded, and which from then on has no network. */
export interface OfflinePage {
  readonly page: Page;
  /** Every URL that the page has asked for since its network was switched off. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

async function loadOffline(browser: Browser, url: string, server: Server): Promise<OfflinePage> {
  const context = await browser.newContext();
  const page = await context.newPage();
  // Loopback counts as a secure context, without which a page has no WebCrypto.
  await page.goto(url, { waitUntil: "load" });
  await context.setOffline(true);
  const requests: string[] = [];
  context.on("request", (request) => requests.push(request.url()));
  server.close();
  server.closeAllConnections();
  return { page, requests, close: () => browser.close() };
}

/** Starts Chromium with a page that runs `code` (TypeScript that may import ./src), then takes its network away. */
export async function openOfflinePage(code: string): Promise<OfflinePage> {
  const { server, url } = await serve(await bundleScript(code));
  const browser = await chromium.launch({ executablePath: chromiumPath, headless: true, args: FLAGS });
  return await loadOffline(browser, url, server);
}
