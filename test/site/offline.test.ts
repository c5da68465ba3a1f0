import { describe, expect, it } from "vitest";
import { type CorpusSet, corpusSet } from "../support/corpus.js";
import { needs } from "../support/needs.js";
import { type Reader, readerOf } from "./support/reader.js";
import { visits } from "./support/visits.js";

describe.runIf(needs("chromium"))("the page and the network", () => {
  const visit = visits();

  it("asks for its own files alone, and for nothing once it is loaded", async () => {
    const { page, own, foreign, context } = await visit();
    const reader = readerOf(page);
    await reader.sample("genoa");
    const before = own.length;
    await context.setOffline(true);
    for (const tab of ["Chain", "Advisories", "Compare", "Copy"]) await reader.tab(tab);
    await reader.sample("turin");
    expect(own.slice(before)).toEqual([]);
    expect(foreign).toEqual([]);
  });

  it("is not let out by the browser, whatever its code would try", async () => {
    const { page, foreign, said } = await visit();
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
    expect(policy).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'none'",
    );
    const tried = await page.evaluate(async () => {
      const refused: string[] = [];
      document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
      const failed = await fetch("https://kdsintf.amd.com/").then(
        () => false,
        () => true,
      );
      const image = new Image();
      image.src = "https://example.com/pixel.png";
      await new Promise((done) => setTimeout(done, 300));
      return { failed, refused };
    });
    expect(tried).toEqual({ failed: true, refused: ["connect-src", "img-src"] });
    expect(foreign).toEqual([]);
    // The browser says on the console that it refused both, which is what was asked for here.
    expect(said.filter((line) => !line.includes("Content Security Policy"))).toEqual([]);
    (said as string[]).length = 0;
  });
});

/** A set of the corpus, and its file in the container that somebody published. */
const PUBLISHED: readonly (readonly [set: string, file: string, layers: string])[] = [
  ["trustee-json-v2-milan", "origin/evidence.json", "Trustee evidence"],
  ["trustee-azsnp-v3-milan-a", "origin/evidence-v1.json", "Trustee evidence, Azure vTPM"],
  ["trustee-azsnp-v3-milan-a", "azure/hcl-report.bin", "Azure HCL report"],
  ["veraison-v3-genoa-tsm", "origin/sevsnp-tsm-report.json", "TSM report, JSON"],
  ["veraison-v3-genoa-tsm", "origin/sevsnp-tsm-report.cbor", "TSM report, CBOR"],
  ["veraison-v3-genoa-tsm", "origin/sevsnp-ratsd-token", "ratsd token"],
  ["tinfoil-v3-genoa-bundle", "origin/attestation-bundle.json", "tinfoil attestation"],
  ["geoar-aws-v5-milan-vlek", "origin/report.hex", "hex › attestation report"],
  ["tav-v5-turin", "report.bin", "attestation report"],
];

async function giveRest(reader: Reader, set: CorpusSet): Promise<void> {
  const { page } = reader;
  const names = ["vcek.der", "vlek.der", "ask.der", "asvk.der", "ark.der", "crl.der"].filter((name) => set.has(name));
  await page.getByText("More certificates", { exact: true }).click();
  const pem = names.map((name) => {
    const label = name === "crl.der" ? "X509 CRL" : "CERTIFICATE";
    const lines =
      Buffer.from(set.read(name))
        .toString("base64")
        .match(/.{1,64}/g) ?? [];
    return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
  });
  await page.getByLabel("Certificates and CRL").fill(pem.join(""));
  await page.getByText("Judged at another time").click();
  await page.getByLabel("Time (UTC)").fill(set.at.toISOString().slice(0, 19));
  await page.getByLabel("Time (UTC)").press("Tab");
  await reader.settled();
}

describe.runIf(needs("chromium") && needs("corpus"))("real evidence, with the network off", () => {
  const visit = visits();

  it.each(PUBLISHED)("%s, %s", async (id, file, layers) => {
    const set = corpusSet(id);
    const { page, context, own } = await visit();
    const reader = readerOf(page);
    await context.setOffline(true);
    const before = own.length;
    const bytes = set.read(file);
    // Text is pasted as people do; what is no text can only be dropped.
    if (/\.(?:bin|cbor)$/.test(file)) await reader.drop({ [file.replace(/.*\//, "")]: bytes });
    else await reader.paste(new TextDecoder().decode(bytes));
    expect(await reader.readAs()).toContain(`Read as ${layers}`);
    const report = Buffer.from(set.read("report.bin")).subarray(0x90, 0xc0).toString("hex");
    expect(await page.locator('.field[data-offset="144"]').textContent()).toContain(report);
    await giveRest(reader, set);
    const [chain, fresh] = await reader.lights();
    expect(chain).toMatchObject({ tone: "good", word: "Holds" });
    expect(chain?.text).toContain("AMD’s published keys");
    expect(fresh?.word).toBe("Nobody can tell");
    expect(await reader.headline.textContent()).toBe("Genuine; freshness unknown; not judged");
    expect(own.slice(before)).toEqual([]);
  });

  it("does not hold with one bit flipped", async () => {
    const set = corpusSet("tav-v5-turin");
    const reader = readerOf((await visit()).page);
    const report = set.read("report.bin");
    report[0x90] = (report[0x90] ?? 0) ^ 1;
    await reader.drop({ "report.bin": report });
    await giveRest(reader, set);
    const [chain] = await reader.lights();
    expect(chain).toMatchObject({ tone: "bad", word: "Does not hold" });
    expect(chain?.text).toContain("ERR_UNTRUSTED_REPORT_SIGNATURE");
  });
});

describe.runIf(needs("chromium"))("the switch to the page that may ask a key server", () => {
  const visit = visits();

  it("stands in the head of both pages, and the other page is let out to https alone", async () => {
    const { page } = await visit();
    expect(await page.locator(".asker").count()).toBe(0);
    await page.getByRole("link", { name: "Network: off" }).click();
    await page.getByRole("link", { name: "Network: on" }).waitFor();
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
    expect(policy).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src https:;",
    );
    await page.getByRole("link", { name: "Network: on" }).click();
    await page.getByRole("link", { name: "Network: off" }).waitFor();
  });

  it.runIf(needs("corpus"))(
    "asks the proxy that the reader names, when told to, and verifies with what it gets",
    async () => {
      const set = corpusSet("tav-v5-turin");
      const { page, context, foreign } = await visit();
      const pem = (name: string) =>
        `-----BEGIN CERTIFICATE-----\n${Buffer.from(set.read(name)).toString("base64").replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
      const asked: string[] = [];
      await context.route("https://kds.test/**", (route) => {
        const { pathname } = new URL(route.request().url());
        asked.push(pathname.replace(/[\da-f]{16,}/, "CHIP"));
        const body = pathname.endsWith("/cert_chain")
          ? Buffer.from(pem("ask.der") + pem("ark.der"))
          : Buffer.from(set.read(pathname.endsWith("/crl") ? "crl.der" : "vcek.der"));
        return route.fulfill({ status: 200, headers: { "access-control-allow-origin": "*" }, body });
      });
      await page.clock.setFixedTime(set.at);
      await page.getByRole("link", { name: "Network: off" }).click();
      await page.getByRole("link", { name: "Network: on" }).waitFor();
      const reader = readerOf(page);
      await reader.paste(Buffer.from(set.read("report.bin")).toString("hex"));
      expect(asked).toEqual([]);
      await reader.tab("Chain");
      await page.getByLabel("Proxy of AMD’s key server").fill("https://kds.test");
      await page.getByRole("button", { name: "Fetch what is missing" }).click();
      await expect.poll(() => reader.headline.textContent()).toBe("Genuine; freshness unknown; not judged");
      expect([...asked].sort()).toEqual(["/vcek/v1/Turin/CHIP", "/vcek/v1/Turin/cert_chain", "/vcek/v1/Turin/crl"]);
      expect(foreign).toEqual([]);
    },
  );
});
