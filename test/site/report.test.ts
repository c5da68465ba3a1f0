import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { REPORT_LAYOUTS } from "../../src/report/layouts.js";
import { needs } from "../support/needs.js";
import { readerOf } from "./support/reader.js";
import { visits } from "./support/visits.js";

/** The places of the bytes that are marked, first and last. */
async function marked(page: Page, name: string): Promise<readonly [number, number] | null> {
  const places = await page
    .locator(`.byte.${name}`)
    .evaluateAll((all) => all.map((one) => Number(one.getAttribute("data-at"))));
  const [first] = places;
  const last = places.at(-1);
  if (first === undefined || last === undefined) return null;
  expect(places.length).toBe(last - first + 1);
  return [first, last];
}

const MEASUREMENT = [0x90, 0xbf] as const;

describe.runIf(needs("chromium"))("bytes and fields", () => {
  const visit = visits();

  it("lists every field of the layout with its offset, AMD's name and its meaning", async () => {
    const reader = readerOf((await visit()).page);
    await reader.sample("genoa");
    const fields = await reader.page.locator(".field").allTextContents();
    for (const row of REPORT_LAYOUTS[5].rows) {
      const offset = `0x${row.offset.toString(16).toUpperCase().padStart(3, "0")}`;
      const [label = "", meaning = ""] = "doc" in row ? row.doc.split(/: (.*)/) : ["reserved"];
      expect(fields.filter((text) => text.startsWith(`${offset}${label}`) && text.includes(meaning))).toHaveLength(1);
    }
    expect(await reader.page.locator(".byte").count()).toBe(1184);
  });

  it("are linked by hover, both ways", async () => {
    const { page } = await visit();
    await readerOf(page).sample("genoa");
    await page.locator('.field[data-offset="144"]').hover();
    expect(await marked(page, "looked")).toEqual(MEASUREMENT);
    await page.locator('.byte[data-at="100"]').hover();
    expect(await marked(page, "looked")).toEqual([0x50, 0x8f]);
    expect(await page.locator(".field.looked .field-label").allTextContents()).toEqual(["REPORT_DATA"]);
  });

  it("are linked by click, and the list goes to where the bytes are explained", async () => {
    const { page } = await visit();
    await readerOf(page).sample("genoa");
    await page.locator('.byte[data-at="384"]').click();
    expect(await marked(page, "picked")).toEqual([0x180, 0x187]);
    const field = page.locator('.field[aria-pressed="true"]');
    expect(await field.textContent()).toContain("REPORTED_TCB");
    const [pane, box] = [await page.locator(".field-pane").boundingBox(), await field.boundingBox()];
    expect(box?.y).toBeGreaterThanOrEqual((pane?.y ?? 0) - 1);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual((pane?.y ?? 0) + (pane?.height ?? 0) + 1);
  });

  it("are walked through by keyboard, in the bytes and in the list", async () => {
    const { page } = await visit();
    await readerOf(page).sample("genoa");
    const bytes = page.getByRole("listbox", { name: "Bytes of the report" });
    await bytes.focus();
    await page.keyboard.press("Home");
    expect(await marked(page, "picked")).toEqual([0, 3]);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    expect(await marked(page, "picked")).toEqual([8, 15]);
    const active = await bytes.getAttribute("aria-activedescendant");
    expect(await page.locator(`#${active}`).getAttribute("aria-selected")).toBe("true");
    expect(await page.locator(`#${active} .unseen`).textContent()).toBe("POLICY, 0x008, 8 bytes");
    await page.locator('.field[aria-pressed="true"]').focus();
    await page.keyboard.press("ArrowDown");
    expect(await marked(page, "picked")).toEqual([0x40, 0x47]);
    await page.keyboard.press("End");
    expect((await marked(page, "picked"))?.[1]).toBe(1183);
    await page.keyboard.press("Home");
    expect(await marked(page, "picked")).toEqual([0, 3]);
  });

  it("explain each bit, and mark those that nobody knows and those that alarm", async () => {
    const reader = readerOf((await visit()).page);
    await reader.sample("unknown-bits");
    const host = reader.page.getByLabel("Bits of PLATFORM_INFO");
    expect(await host.locator(".bit", { hasText: "ALIAS_CHECK_COMPLETE" }).textContent()).toContain("aliased memory");
    expect(await host.locator(".bit.unknown").allTextContents()).toEqual([
      "16unknown bityesunknown: no published meaning, and set",
    ]);
    await reader.sample("debug");
    expect(await reader.page.locator(".bit.alarm .bit-label").allTextContents()).toEqual(["DEBUG"]);
  });

  it("decode TCBs by the product line: Turin has an FMC", async () => {
    const reader = readerOf((await visit()).page);
    const tcb = reader.page.locator('.field[data-offset="384"] .field-note');
    await reader.sample("turin");
    expect(await tcb.textContent()).toMatch(/^FMC \d+, boot loader \d+, TEE \d+, SNP \d+, microcode \d+$/);
    await reader.sample("milan");
    expect(await tcb.textContent()).toMatch(/^boot loader \d+, TEE \d+, SNP \d+, microcode \d+$/);
  });

  it("show which bytes make a report malformed", async () => {
    const reader = readerOf((await visit()).page);
    await reader.sample("malformed");
    expect(await reader.headline.textContent()).toBe("Malformed: this is no report");
    expect((await marked(reader.page, "wrong"))?.[0]).toBe(0x4d);
    expect((await reader.lights())[0]).toMatchObject({ tone: "bad", word: "No report" });
    expect((await reader.lights())[0]?.text).toContain("ERR_MALFORMED_RESERVED");
  });
});
