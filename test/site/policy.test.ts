import { describe, expect, it } from "vitest";
import { needs } from "../support/needs.js";
import { type Reader, readerOf } from "./support/reader.js";
import { visits } from "./support/visits.js";

const SMALL = { version: 1, id: "ours", snp: { measurement: "any", reportData: "any", minimumTcb: "any" } };

/** A reader at the policy of a sample. */
async function atPolicy(page: Reader["page"], sample: string) {
  const reader = readerOf(page);
  await reader.sample(sample);
  await reader.tab("Policy");
  const area = page.locator(".editor textarea");
  const write = async (policy: object | string) => {
    await area.fill(typeof policy === "string" ? policy : JSON.stringify(policy, null, 2));
    await reader.settled();
  };
  return { reader, area, write, line: page.locator(".verdict-line") };
}

describe.runIf(needs("chromium"))("the policy pane", () => {
  const visit = visits();

  it("judges as the policy is typed", async () => {
    const { reader, write, line } = await atPolicy((await visit()).page, "genoa");
    expect(await line.textContent()).toBe("Accepted");
    await write({ ...SMALL, snp: { ...SMALL.snp, vmpl: [1] } });
    expect(await line.textContent()).toMatch(/^Refused: 1 of \d+ checks failed$/);
    expect(await reader.headline.textContent()).toBe("Refused by the policy");
    await write(SMALL);
    expect(await line.textContent()).toBe("Accepted");
    await write("");
    expect((await reader.lights())[2]).toMatchObject({ tone: "open", word: "No policy" });
  });

  it("leads from a failed check to its bytes, and to its place in the policy", async () => {
    const { page } = await visit();
    const { write, area } = await atPolicy(page, "genoa");
    await write({ ...SMALL, snp: { ...SMALL.snp, measurement: ["ab".repeat(48)] } });
    const failed = page.locator(".check.fail");
    expect(await failed.locator(".values").textContent()).toContain("ab".repeat(48));
    await failed.getByRole("button", { name: "/snp/measurement" }).click();
    const [from, to] = await area.evaluate((field: HTMLTextAreaElement) => [field.selectionStart, field.selectionEnd]);
    expect((await area.inputValue()).slice(from, to).replace(/\s/g, "")).toBe(`["${"ab".repeat(48)}"]`);
    await failed.getByRole("button", { name: "0x090" }).click();
    const picked = page.locator(".byte.picked");
    expect(await picked.count()).toBe(48);
    expect(await picked.first().getAttribute("data-at")).toBe(String(0x90));
    expect(await page.getByRole("listbox").evaluate((list) => list === document.activeElement)).toBe(true);
  });

  it("says where a policy is wrong: no JSON, an unknown key, a key twice", async () => {
    const { page } = await visit();
    const { reader, write, area } = await atPolicy(page, "genoa");
    await write("{");
    expect(await page.locator(".problem code").textContent()).toBe("not JSON");
    await write({ ...SMALL, snp: { ...SMALL.snp, measurment: "any" } });
    expect(await page.locator(".problem code").textContent()).toBe("ERR_MALFORMED_POLICY");
    expect((await reader.lights())[2]).toMatchObject({ tone: "caution", word: "No valid policy" });
    await page.locator(".problem").getByRole("button").click();
    expect(await area.evaluate((field) => field === document.activeElement)).toBe(true);
    await write(JSON.stringify(SMALL).replace('"minimumTcb"', '"measurement":"any","minimumTcb"'));
    expect(await page.locator(".verdict .warning").textContent()).toContain("/snp/measurement");
  });

  it("makes a policy of what the report shows, which then refuses another one", async () => {
    const { page } = await visit();
    const { reader, area, line } = await atPolicy(page, "turin");
    await page.getByRole("button", { name: "Policy from this report" }).click();
    await reader.settled();
    expect(await line.textContent()).toBe("Accepted");
    const pinned = await area.inputValue();
    expect(JSON.parse(pinned).snp).toMatchObject({ productLine: ["Turin"] });
    expect(await page.locator(".comments li").count()).toBeGreaterThan(3);
    await reader.sample("genoa");
    await area.fill(pinned);
    await reader.settled();
    expect(await line.textContent()).toContain("Refused");
    await reader.sample("flipped");
    expect(await page.getByRole("button", { name: "Policy from this report" }).isDisabled()).toBe(true);
  });

  it("offers what the schema allows at a place, by mouse and by keyboard", async () => {
    const { page } = await visit();
    const { area, write, reader } = await atPolicy(page, "genoa");
    await write('{ "version": 1, "id": "x", "snp": { "meas');
    const chips = page.locator(".suggestions button");
    await chips.first().waitFor();
    expect(await chips.allTextContents()).toEqual(["measurement"]);
    await chips.first().click();
    expect(await area.inputValue()).toBe('{ "version": 1, "id": "x", "snp": { "measurement": ');
    await expect.poll(() => chips.allTextContents()).toContain("any");
    await area.press("Control+Space");
    await page.locator(".suggestions button:focus").waitFor();
    while ((await page.locator(".suggestions button:focus").textContent()) !== "any")
      await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    expect(await area.inputValue()).toBe('{ "version": 1, "id": "x", "snp": { "measurement": "any"');
    await page.keyboard.type(', "guestPolicy": { "');
    await expect.poll(() => chips.allTextContents()).toContain("singleSocket");
    await reader.settled();
  });

  it("reads the policies of other systems, and says what they do not say alike", async () => {
    const { page } = await visit();
    const { reader, area } = await atPolicy(page, "genoa");
    await page.getByRole("button", { name: "Import…" }).click();
    await page.getByLabel("Policy of").selectOption("go-sev-guest");
    const source = page.getByLabel("Its text");
    await source.fill('root_of_trust { product_line: "Milan" } policy { policy: 0x30000 vmpl { value: 2 } }');
    await page.getByRole("button", { name: "Make a policy of it" }).click();
    await page.locator(".import-answer p").waitFor();
    await reader.settled();
    expect(JSON.parse(await area.inputValue()).snp).toMatchObject({ productLine: ["Milan"], vmpl: [2] });
    expect(await page.locator(".import-answer li").count()).toBeGreaterThan(0);
    await source.fill("policy {");
    await page.getByRole("button", { name: "Make a policy of it" }).click();
    await expect.poll(() => page.locator(".import-answer code").textContent()).toBe("ERR_MALFORMED_IMPORT");
  });

  it("is said in sentences", async () => {
    const { page } = await visit();
    const { write } = await atPolicy(page, "genoa");
    await write(SMALL);
    await page.getByText("This policy in sentences").click();
    expect(await page.locator(".sentences li").count()).toBeGreaterThan(5);
    await page.getByText("claims that nobody looked at").click();
    expect(await page.locator(".verdict .note").textContent()).toContain("hostData");
  });
});
