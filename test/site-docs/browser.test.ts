import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildDocs } from "../../scripts/docs-site/build.js";
import { projectRoot } from "../../scripts/support/packed.js";
import { chromiumPath, needs } from "../support/needs.js";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".css": "text/css", ".svg": "image/svg+xml" };
const AXE = readFileSync(join(projectRoot, "node_modules/axe-core/axe.min.js"), "utf8");
const SCREENSHOTS = join(projectRoot, "site-screenshots/docs");

/** One page of each kind: prose and code, long tables, a picture, a source file. */
const KINDS = ["index.html", "guides/flow.html", "policy.html", "flow.html", "files/examples/caching-proxy.ts.html"];
const LOOKS = [
  { width: 1440, colorScheme: "light" },
  { width: 390, colorScheme: "dark" },
] as const;

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe-core finds on the page. Its script comes by the debugger, which a page's own policy does not bind. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  // axe is what the script above has just put into the page.
  const { violations: found } = await page.evaluate<{ violations: Violation[] }>("axe.run()");
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** Elements that reach beyond the window, other than what scrolls inside a box of its own. */
function clipped(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("body *")]
      .filter((element) => element.closest("pre, .table, .skip") === null)
      .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 0.5)
      .map((element) => element.outerHTML.slice(0, 80)),
  );
}

describe.runIf(needs("chromium"))("the documentation in Chromium", () => {
  let server: Server;
  let browser: Browser;
  let origin: string;

  beforeAll(async () => {
    const built = buildDocs();
    server = createServer((request, response) => {
      const path = new URL(request.url ?? "/", "http://localhost").pathname.replace(/^\/docs\//, "");
      const content = built.get(path);
      response.writeHead(content === undefined ? 404 : 200, { "content-type": TYPES[extname(path)] ?? "text/plain" });
      response.end(content);
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    // A server that listens on a port has an address of this kind.
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    mkdirSync(SCREENSHOTS, { recursive: true });
    browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--disable-gpu"] });
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
    server?.closeAllConnections();
  });

  const visits = KINDS.flatMap((path) => LOOKS.map((look) => ({ path, ...look })));

  it.each(visits)("$path at $width, $colorScheme", async ({ path, width, colorScheme }) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const said: string[] = [];
    const foreign: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(`${origin}/docs/`)) foreign.push(request.url());
    });
    await page.goto(`${origin}/docs/${path}`);
    const name = `${path.replaceAll("/", "-")}-${width}-${colorScheme}.png`;
    await page.screenshot({ path: join(SCREENSHOTS, name) });
    expect(await violations(page)).toEqual([]);
    expect(await clipped(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(said).toEqual([]);
    expect(foreign).toEqual([]);
    await context.close();
  });

  it("folds navigation away on a phone, and opens it without a script", async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 900 }, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${origin}/docs/policy.html`);
    const link = page.getByRole("navigation", { name: "All pages" }).getByRole("link", { name: "Challenges" });
    expect(await link.isVisible()).toBe(false);
    await page.getByText("All pages").click();
    await link.click();
    expect(new URL(page.url()).pathname).toBe("/docs/challenge.html");
    expect(await page.locator("h1").textContent()).toBe("Challenges: fresh evidence, once");
    await context.close();
  });

  it("goes from a heading's link to the heading, below the bar at the top", async () => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`${origin}/docs/policy.html`);
    await page.getByRole("navigation", { name: "On this page" }).getByRole("link", { name: "Binding schemes" }).click();
    expect(new URL(page.url()).hash).toBe("#binding-schemes");
    const heading = await page.locator("#binding-schemes").boundingBox();
    const bar = await page.locator(".top").boundingBox();
    expect(heading?.y).toBeGreaterThanOrEqual(bar?.height ?? Number.POSITIVE_INFINITY);
    expect(heading?.y).toBeLessThan(200);
    await page.close();
  });

  it("would see what reaches beyond the window, and what axe refuses", async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 900 } });
    await page.setContent('<html lang="en"><title>a</title><main><h1>a</h1><p id="w">b</p><img src="x"></main></html>');
    await page.evaluate(() => {
      const wide = document.getElementById("w");
      if (wide !== null) wide.style.width = "500px";
    });
    expect(await clipped(page)).toHaveLength(1);
    expect((await violations(page)).join()).toContain("image-alt");
    await page.close();
  });
});
