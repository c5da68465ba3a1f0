import { describe, expect, it } from "vitest";
import { needs } from "../support/needs.js";
import { readerOf } from "./support/reader.js";
import { visits } from "./support/visits.js";

describe.runIf(needs("chromium"))("without a mouse", () => {
  const visit = visits();

  it("everything is reached by Tab, and nothing holds it fast", async () => {
    const { page } = await visit();
    await readerOf(page).sample("genoa");
    await page.locator(".name").focus();
    const passed: string[] = [];
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const here = document.activeElement;
        return `${here?.tagName.toLowerCase()} ${here?.getAttribute("role") ?? ""} ${here?.className ?? ""} ${here?.textContent?.slice(0, 24) ?? ""}`;
      });
      passed.push(at);
      if (at.includes("API of the library")) break;
    }
    const order = [
      "textarea  code evidence",
      "Choose files",
      "Milan",
      "select",
      "More certificates",
      "tab  Report",
      "listbox",
      "button  field",
    ];
    const places = order.map((wanted) => passed.findIndex((at) => at.includes(wanted)));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places.slice(3)).toEqual([...places.slice(3)].sort((a, b) => a - b));
    expect(passed.at(-1)).toContain("API of the library");
  });

  it("tabs are walked through with the arrow keys, and round", async () => {
    const { page } = await visit();
    await readerOf(page).sample("genoa");
    await page.getByRole("tab", { name: "Report" }).focus();
    const selected = () => page.locator('[role="tab"][aria-selected="true"]').textContent();
    await page.keyboard.press("ArrowRight");
    expect(await selected()).toBe("Chain");
    await page.keyboard.press("End");
    expect(await selected()).toBe("Copy");
    await page.keyboard.press("ArrowRight");
    expect(await selected()).toBe("Report");
    expect(await page.locator('[role="tabpanel"]:visible').count()).toBe(1);
  });

  it("a screen reader is told of the verdict as it changes", async () => {
    const { page } = await visit();
    const reader = readerOf(page);
    await reader.sample("flipped");
    expect(await page.locator('[aria-live="polite"] h1').textContent()).toBe("Not genuine: do not trust this");
    const lights = await page.getByRole("region", { name: "Verdict" }).getByRole("listitem").count();
    expect(lights).toBe(3);
  });
});

describe.runIf(needs("chromium"))("on a phone", () => {
  const visit = visits();

  it("the verdict stands above the fold, bytes stand by eight and stay in sight beside their field", async () => {
    const { page } = await visit({ width: 390, height: 844 });
    const reader = readerOf(page);
    await reader.sample("genoa");
    await page.evaluate(() => scrollTo(0, 0));
    const headline = await reader.headline.boundingBox();
    expect((headline?.y ?? 0) + (headline?.height ?? 0)).toBeLessThan(844);
    const rows = await page
      .locator(".byte")
      .evaluateAll((all) => all.slice(0, 9).map((one) => one.getBoundingClientRect().top));
    expect(new Set(rows.slice(0, 8)).size).toBe(1);
    expect(rows[8]).toBeGreaterThan(rows[0] ?? 0);
    await page.locator('.field[data-offset="672"]').click();
    await expect(
      page
        .locator(".byte.picked")
        .first()
        .evaluate((byte) => {
          const pane = byte.closest(".hex-pane")?.getBoundingClientRect();
          const box = byte.getBoundingClientRect();
          return (
            pane !== undefined &&
            box.top >= pane.top &&
            box.bottom <= pane.bottom &&
            box.top >= 0 &&
            box.bottom <= innerHeight
          );
        }),
    ).resolves.toBe(true);
  });
});
