import { describe, expect, it } from "vitest";
import { needs } from "../support/needs.js";
import { forged, hex } from "./support/forged.js";
import { readerOf } from "./support/reader.js";
import { visits } from "./support/visits.js";

describe.runIf(needs("chromium"))("two reports side by side", () => {
  const visit = visits();

  it("differ claim by claim where both are verified", async () => {
    const reader = readerOf((await visit()).page);
    await reader.sample("genoa");
    await reader.tab("Compare");
    expect(await reader.page.locator(".comparison").textContent()).toContain("Paste another report");
    await reader.page.getByRole("button", { name: "Keep this report" }).click();
    await reader.settled();
    expect(await reader.page.locator(".comparison").textContent()).toBe(
      "Both verified, claim by claim: they say the same.",
    );
    await reader.sample("debug");
    expect(await reader.page.locator(".differences tbody tr").allTextContents()).toEqual(["POLICY.DEBUGtruefalse"]);
  });

  it("differ field by field where one is not, which the page says", async () => {
    const reader = readerOf((await visit()).page);
    await reader.sample("turin");
    await reader.tab("Compare");
    const { evidence } = await forged({ report: { vmpl: 3 } }, { productLine: "Turin" });
    await reader.page.getByLabel("The other report").fill(hex(evidence.report));
    await reader.settled();
    expect(await reader.page.locator(".comparison .note").textContent()).toContain("Unverified, field by field");
    expect(await reader.page.locator(".differences th", { hasText: "VMPL" }).count()).toBe(1);
    await reader.page.getByLabel("The other report").fill("nothing");
    await reader.settled();
    expect(await reader.page.locator(".comparison").textContent()).toContain("none of the containers");
  });
});

describe.runIf(needs("chromium"))("what can be taken away", () => {
  const visit = visits();

  it("is the program, the command and the policy", async () => {
    const reader = readerOf((await visit()).page);
    await reader.sample("genoa");
    await reader.tab("Copy");
    const texts = await reader.page.locator(".snippet pre").allTextContents();
    expect(texts[0]).toContain('const reportData = await bindReportData("attestry-v1", { nonce });');
    expect(texts[1]).toMatch(
      /^npx attestry verify report\.bin .*--policy policy\.json .*--report-data [\da-f]{128} .*--at 2026-06-01T00:00:00Z$/s,
    );
    expect(JSON.parse(texts[2] ?? "")).toMatchObject({ id: "forged genoa" });
    for (const [at, name] of ["Copy As TypeScript", "Copy As a command", "Copy The policy"].entries()) {
      await reader.page.getByRole("button", { name, exact: true }).click();
      expect(await reader.page.evaluate(() => navigator.clipboard.readText())).toBe(texts[at]);
    }
  });

  it("is a link only after somebody ticked what goes into it", async () => {
    const { page } = await visit();
    const reader = readerOf(page);
    await reader.sample("genoa");
    await reader.tab("Copy");
    const link = page.getByLabel("Link", { exact: true });
    expect(await link.isVisible()).toBe(false);
    await page.getByRole("checkbox", { name: "The policy" }).check();
    await link.waitFor();
    const shared = new URL(await link.inputValue());
    expect(shared.search).toBe("");
    const other = readerOf((await visit({ fragment: shared.hash })).page);
    await expect.poll(() => other.headline.textContent()).toBe("Paste evidence, or open a sample");
    await other.tab("Policy");
    expect(await other.page.locator(".editor textarea").inputValue()).toContain("forged genoa");
  });

  it("warns of the chip id, and carries evidence and policy to whoever opens it", async () => {
    const { page } = await visit();
    const reader = readerOf(page);
    const { evidence } = await forged();
    await reader.paste(hex(evidence.report));
    await reader.tab("Copy");
    const tick = page.getByRole("checkbox", { name: "The evidence" });
    expect(await page.locator(".share").textContent()).toContain("A report carries the chip id");
    await tick.check();
    const link = page.getByLabel("Link", { exact: true });
    await link.waitFor();
    const other = readerOf((await visit({ fragment: new URL(await link.inputValue()).hash })).page);
    await expect.poll(() => other.headline.textContent()).toBe("Readable, not verified yet");
    expect(await other.page.locator(".field", { hasText: "CHIP_ID" }).textContent()).toContain(
      hex(evidence.report.slice(0x1a0, 0x1e0)),
    );
  });

  it("survives a link that is broken", async () => {
    for (const fragment of ["#share=!!!", "#share=AAAA", "#elsewhere"]) {
      const reader = readerOf((await visit({ fragment })).page);
      await expect.poll(() => reader.headline.textContent()).toBe("Paste evidence, or open a sample");
    }
  });
});

describe.runIf(needs("chromium"))("hiding the chip id", () => {
  const visit = visits();

  it("says where a policy names it all the same", async () => {
    const { page } = await visit();
    const reader = readerOf(page);
    await reader.sample("turin");
    await reader.tab("Policy");
    await page.getByRole("button", { name: "Policy from this report" }).click();
    await reader.settled();
    expect(await page.locator(".verdict .warning").count()).toBe(0);
    await page.getByRole("checkbox", { name: "Hide the chip id" }).check();
    await reader.settled();
    expect(await page.locator(".verdict .warning").textContent()).toContain("names the chip id");
  });

  it("takes it out of everything that is shown, and out of policies and links", async () => {
    const { page } = await visit();
    const reader = readerOf(page);
    await reader.sample("milan");
    const chipId = await page.locator('.field[data-offset="416"] .field-value').textContent();
    expect(chipId).toMatch(/^[\da-f]{128}$/);
    await page.getByRole("checkbox", { name: "Hide the chip id" }).check();
    await reader.settled();
    for (const tab of ["Report", "Chain", "Advisories", "Policy", "Compare", "Copy"]) {
      await reader.tab(tab);
      if (tab === "Policy") await page.getByRole("button", { name: "Policy from this report" }).click();
      await reader.settled();
      expect((await page.locator("main").textContent())?.includes(chipId ?? "none")).toBe(false);
    }
    expect(await page.locator(".editor textarea").inputValue()).not.toContain(chipId);
    expect(await page.locator("#hex-416 .byte").first().textContent()).toBe("··");
    expect(await page.getByRole("checkbox", { name: "The evidence" }).isDisabled()).toBe(true);
    const ink = await page.locator("textarea.evidence").evaluate((field) => getComputedStyle(field).color);
    expect(ink).toBe("rgba(0, 0, 0, 0)");
  });
});
