import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { chromiumPath } from "../../support/needs.js";

const project = resolve(import.meta.dirname, "../../..");
const built = join(project, "site-dist");

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

/** Where the pictures of the main states go. */
export const screenshots = join(project, "site-screenshots");

function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = join(built, pathname === "/" ? "index.html" : pathname);
    const answer = (status: number, body: Buffer | string) => {
      response.writeHead(status, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
      response.end(body);
    };
    readFile(file).then(
      (body) => answer(200, body),
      () => answer(404, "not found"),
    );
  });
  return new Promise((ready) => {
    server.listen(0, "127.0.0.1", () => ready(server));
  });
}

/** How a page is looked at. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: "light" | "dark";
  /** What stands behind the #. */
  readonly fragment?: string;
}

/** A page of the built site, and everything that it said or asked for. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Lines on the console, and errors that nobody caught. */
  readonly said: readonly string[];
  /** URLs that are not of the site; each was refused. */
  readonly foreign: readonly string[];
  /** URLs of the site. */
  readonly own: readonly string[];
}

/** The built site in Chromium. */
export interface Site {
  readonly url: string;
  visit(look?: Look): Promise<Visit>;
  close(): Promise<void>;
}

async function watched(context: BrowserContext, origin: string): Promise<Visit> {
  const [said, foreign, own]: [string[], string[], string[]] = [[], [], []];
  await context.route("**/*", (route) => {
    const url = route.request().url();
    const isOwn = url.startsWith(origin);
    (isOwn ? own : foreign).push(url);
    return isOwn ? route.continue() : route.abort();
  });
  const page = await context.newPage();
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  return { page, context, said, foreign, own };
}

async function open(browser: Browser, origin: string, look: Look): Promise<Visit> {
  const { width = 1440, height = 1000, theme = "light", fragment = "" } = look;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  const visit = await watched(context, origin);
  await visit.page.goto(`${origin}/${fragment}`, { waitUntil: "load" });
  await visit.page.locator(".chip").first().waitFor();
  return visit;
}

/** Serves `site-dist` on a port of its own and starts the browser. */
export async function openSite(): Promise<Site> {
  const server = await serve();
  // A server that listens on a port has an address of this kind.
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await chromium.launch({ executablePath: chromiumPath, headless: true, args: FLAGS });
  return {
    url: `${origin}/`,
    visit: (look = {}) => open(browser, origin, look),
    async close() {
      await browser.close();
      server.close();
      server.closeAllConnections();
    },
  };
}
