import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { needs } from "../support/needs.js";
import { type Reader, readerOf } from "./support/reader.js";
import { screenshots } from "./support/site.js";
import { visits } from "./support/visits.js";

const REFUSING =
  '{ "version": 1, "id": "ours", "snp": { "measurement": "any", "reportData": "any", "minimumTcb": "any" } }';

/** The main states, and how a reader comes to them. */
const STATES: Readonly<Record<string, (reader: Reader) => Promise<void>>> = {
  empty: () => Promise.resolve(),
  accepted: (reader) => reader.sample("genoa"),
  refused: async (reader) => {
    await reader.sample("debug");
    await reader.tab("Policy");
  },
  broken: (reader) => reader.sample("flipped"),
  malformed: (reader) => reader.sample("malformed"),
  unrecognised: (reader) => reader.paste("what is this"),
  "unknown-bits": (reader) => reader.sample("unknown-bits"),
  incomplete: (reader) => reader.sample("report-only"),
  chain: async (reader) => {
    await reader.sample("genoa-vlek");
    await reader.tab("Chain");
  },
  advisories: async (reader) => {
    await reader.sample("old-firmware");
    await reader.tab("Advisories");
  },
  policy: async (reader) => {
    await reader.sample("turin");
    await reader.tab("Policy");
    await reader.page.getByRole("button", { name: "Policy from this report" }).click();
    await reader.settled();
  },
  "policy-invalid": async (reader) => {
    await reader.sample("milan");
    await reader.tab("Policy");
    await reader.page
      .getByLabel("Policy", { exact: true })
      .and(reader.page.locator("textarea"))
      .fill(REFUSING.replace("snp", "sn"));
    await reader.settled();
  },
  diff: async (reader) => {
    await reader.sample("genoa");
    await reader.tab("Compare");
    await reader.page.getByRole("button", { name: "Keep this report" }).click();
    await reader.sample("debug");
    await reader.settled();
  },
  copy: async (reader) => {
    await reader.sample("genoa");
    await reader.tab("Copy");
    await reader.page.getByRole("checkbox", { name: "The policy" }).check();
    await reader.settled();
  },
};

const SIZES = { wide: { width: 1440, height: 1000 }, phone: { width: 390, height: 844 } } as const;
const THEMES = ["light", "dark"] as const;

/** Rule and place of everything that axe objects to. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { violations: found } = await Reflect.get(globalThis, "axe").run(document);
    return found.flatMap((rule: { id: string; nodes: { target: string[] }[] }) =>
      rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}`),
    );
  });
}

/** Everything whose text is cut off or hangs out of the page; what scrolls on purpose does not count. */
async function clipped(page: Page): Promise<readonly string[]> {
  return await page.evaluate(() => {
    const name = (element: Element) => `${element.tagName.toLowerCase()}.${element.className}`;
    const isShown = (element: Element) => element.checkVisibility();
    const scrolls = (element: Element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
    const wide = [...document.querySelectorAll("main *, header *, footer *")].filter((element) => {
      if (
        !isShown(element) ||
        element.closest("svg, select, textarea, input, .scroll, .tablist, .hidden-file, .unseen, .link")
      )
        return false;
      const { right } = element.getBoundingClientRect();
      return (
        right > innerWidth + 1 ||
        (element.scrollWidth > element.clientWidth + 1 &&
          element.clientWidth > 0 &&
          !scrolls(element) &&
          getComputedStyle(element).display !== "inline")
      );
    });
    const page = document.documentElement.scrollWidth > innerWidth ? ["the page itself"] : [];
    return [...page, ...wide.map(name)];
  });
}

/** Pairs of buttons, fields and lines of text that lie on one another. */
async function overlapping(page: Page): Promise<readonly string[]> {
  return await page.evaluate(() => {
    const leaves = [
      ...document.querySelectorAll(
        "main button, main p, main h1, main h2, main h3, main h4, main label, main textarea, main select, main dd, main dt, main pre",
      ),
    ];
    const boxes = leaves
      .filter((leaf) => leaf.checkVisibility() && leaf.closest(".hex-pane, .field-pane, .hidden-file") === null)
      .map((leaf) => ({ leaf, box: leaf.getBoundingClientRect() }));
    const found: string[] = [];
    boxes.forEach(({ leaf, box }, at) => {
      for (const other of boxes.slice(at + 1)) {
        if (leaf.contains(other.leaf) || other.leaf.contains(leaf)) continue;
        const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        if (across > 2 && down > 2)
          found.push(`${leaf.textContent?.slice(0, 30)} | ${other.leaf.textContent?.slice(0, 30)}`);
      }
    });
    return found;
  });
}

describe.runIf(needs("chromium"))("the main states, wide and on a phone, light and dark", () => {
  const visit = visits();
  beforeAll(() => void mkdirSync(screenshots, { recursive: true }));

  describe.each(Object.entries(SIZES))("%s", (size, box) => {
    it.each(Object.entries(STATES))("%s", async (name, come) => {
      const { page } = await visit(box);
      await come(readerOf(page));
      expect(await clipped(page)).toEqual([]);
      expect(await overlapping(page)).toEqual([]);
      for (const theme of THEMES) {
        await page.emulateMedia({ colorScheme: theme });
        const file = (part: string) => join(screenshots, `${name}-${size}-${theme}${part}.png`);
        await page.evaluate(() => scrollTo(0, 0));
        await page.screenshot({ path: file("") });
        await page.screenshot({ path: file("-whole"), fullPage: true });
        expect(await violations(page)).toEqual([]);
      }
    });
  });

  it("shows the theme that the reader chose, also after a reload", async () => {
    const { page } = await visit({ theme: "light" });
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByLabel("Theme").selectOption("dark");
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await ground()).toBe(dark);
    await page.getByLabel("Theme").selectOption("auto");
    expect(await ground()).toBe(light);
  });
});
