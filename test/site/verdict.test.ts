import { describe, expect, it } from "vitest";
import { needs } from "../support/needs.js";
import { forged, hex, NONCE } from "./support/forged.js";
import { type Reader, readerOf } from "./support/reader.js";
import { visits } from "./support/visits.js";

/** Each sample, and the tones of its three lights. */
const SAMPLES: readonly (readonly [id: string, tones: readonly string[]])[] = [
  ["milan", ["good", "good", "good"]],
  ["genoa", ["good", "good", "good"]],
  ["turin", ["good", "good", "good"]],
  ["genoa-vlek", ["good", "good", "good"]],
  ["debug", ["good", "good", "bad"]],
  ["old-firmware", ["good", "good", "good"]],
  ["flipped", ["bad", "caution", "open"]],
  ["other-chip", ["bad", "caution", "open"]],
  ["malformed", ["bad", "open", "open"]],
  ["unknown-bits", ["good", "good", "good"]],
  ["report-only", ["caution", "caution", "open"]],
];

async function tones(reader: Reader): Promise<readonly (string | null)[]> {
  return (await reader.lights()).map(({ tone }) => tone);
}

async function nonce(reader: Reader, scheme: string, value: string): Promise<void> {
  await reader.page.getByLabel("How it was made").selectOption(scheme);
  await reader.page.getByLabel("Your nonce, hex").fill(value);
  await reader.settled();
}

describe.runIf(needs("chromium"))("the three lights", () => {
  const visit = visits();

  it("answer for each sample by themselves, and each sample says that it is forged", async () => {
    const reader = readerOf((await visit()).page);
    expect(await reader.page.locator(".chip").count()).toBe(SAMPLES.length);
    for (const [id, expected] of SAMPLES) {
      await reader.sample(id);
      expect([id, await tones(reader)]).toEqual([id, expected]);
      expect(await reader.page.locator(".forged").textContent()).toContain("Forged sample");
    }
  });

  it("say of freshness that a pasted report shows nothing of it", async () => {
    const reader = readerOf((await visit()).page);
    await reader.sample("genoa");
    await reader.page.getByLabel("Your nonce, hex").fill("");
    await expect.poll(() => tones(reader)).toEqual(["good", "open", "bad"]);
    const [, fresh] = await reader.lights();
    expect(fresh?.word).toBe("Nobody can tell");
    expect(fresh?.text).toContain("A pasted report proves nothing about freshness");
    expect(await reader.page.locator(".standing").textContent()).toContain("proves nothing about freshness");
  });

  it("turn with the nonce: another one, another scheme, no hex, too short", async () => {
    const reader = readerOf((await visit()).page);
    await reader.paste(hex((await forged()).evidence.report));
    await nonce(reader, "nonce", hex(NONCE));
    expect((await reader.lights())[1]).toMatchObject({ tone: "caution", word: "Unproven" });
    await nonce(reader, "nonce", hex(NONCE.map((byte) => byte ^ 1)));
    expect((await reader.lights())[1]).toMatchObject({ tone: "bad", word: "Not bound" });
    await nonce(reader, "attestry-v1", hex(NONCE));
    expect((await reader.lights())[1]).toMatchObject({ tone: "bad", word: "Not bound" });
    await nonce(reader, "nonce", "xyz");
    expect((await reader.lights())[1]).toMatchObject({ tone: "caution", word: "Not compared" });
    await nonce(reader, "nonce", "0011");
    expect((await reader.lights())[1]?.text).toContain("must have 16 to 64 bytes");
  });

  it("are judged at the time that the reader names", async () => {
    const reader = readerOf((await visit()).page);
    await reader.sample("genoa");
    await reader.page.getByText("Judged at another time").click();
    await reader.page.getByLabel("Time (UTC)").fill("2026-12-01T00:00:00");
    await reader.page.getByLabel("Time (UTC)").press("Tab");
    await expect.poll(() => tones(reader)).toEqual(["caution", "good", "bad"]);
    expect((await reader.lights())[0]?.text).toContain("ERR_COLLATERAL_CRL_STALE");
    await reader.page.getByLabel("Time (UTC)").fill("2060-12-01T00:00:00");
    await reader.page.getByLabel("Time (UTC)").press("Tab");
    await expect.poll(() => tones(reader)).toEqual(["bad", "caution", "open"]);
  });
});

describe.runIf(needs("chromium"))("the chain", () => {
  const visit = visits();

  it("is drawn with names, fingerprints and validity", async () => {
    const reader = readerOf((await visit()).page);
    await reader.sample("genoa-vlek");
    await reader.tab("Chain");
    const links = reader.page.locator(".link");
    expect(await links.locator(".role").allTextContents()).toEqual(["ARK", "ASVK", "VLEK", "CRL"]);
    expect(await links.locator("h2").allTextContents()).toEqual([
      "ARK-Genoa",
      "SEV-VLEK-Genoa",
      "SEV-VLEK",
      "Revocation list",
    ]);
    for (const text of await links.locator(".fingerprint").allTextContents()) {
      expect(text).toMatch(/^(?:[\da-f]{2}:){31}[\da-f]{2}$/);
    }
    expect(await links.locator(".bar").count()).toBe(4);
    expect(await links.locator(".bar-words").first().textContent()).toContain("years left");
  });

  it("gives the key server's links to copy, and none for a VLEK", async () => {
    const reader = readerOf((await visit()).page);
    await reader.sample("report-only");
    await reader.tab("Chain");
    const links = await reader.page.locator(".kds code").allTextContents();
    expect(links[0]).toMatch(/^https:\/\/kdsintf\.amd\.com\/vcek\/v1\/Turin\/[\da-f]{16}\?fmcSPL=\d\d&blSPL=/);
    await reader.page.getByRole("button", { name: "Copy VCEK" }).click();
    expect(await reader.page.evaluate(() => navigator.clipboard.readText())).toBe(links[0]);
    await reader.sample("genoa-vlek");
    expect(await reader.page.locator(".kds-what").allTextContents()).toEqual(["CA certificates", "CRL"]);
  });
});

describe.runIf(needs("chromium"))("the advisories", () => {
  const visit = visits();

  it("are held against the TCBs, and lead to the bytes", async () => {
    const reader = readerOf((await visit()).page);
    await reader.sample("old-firmware");
    await reader.tab("Advisories");
    const rows = await reader.page.locator(".tcbs tbody tr").allTextContents();
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatch(/^REPORTED.*20210$/);
    const badram = reader.page.locator(".advisory", { hasText: "AMD-SB-3015" });
    expect(await badram.locator(".status").textContent()).toBe("Vulnerable");
    await badram.getByRole("button").click();
    expect(await reader.page.getByRole("tab", { name: "Report" }).getAttribute("aria-selected")).toBe("true");
    expect(await reader.page.locator(".byte.picked").first().getAttribute("data-at")).toBe(String(0x180));
    await reader.sample("genoa");
    expect(await reader.page.locator(".advisory.fixed h3").allTextContents()).toContain("AMD-SB-3015");
    expect(await reader.page.locator(".advisory.not-provable").count()).toBeGreaterThan(0);
  });

  it("are silent where nothing is verified", async () => {
    const reader = readerOf((await visit()).page);
    await reader.sample("flipped");
    await reader.tab("Advisories");
    expect(await reader.page.locator(".panel:visible").textContent()).toContain("Only a verified report");
    expect(await reader.page.locator(".advisory").count()).toBe(0);
  });
});
