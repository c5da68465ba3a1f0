import { describe, expect, it } from "vitest";
import { encodeCertificateTable, REPORT_PEM_LABEL } from "../../src/evidence/index.js";
import { needs } from "../support/needs.js";
import { base64, forged, hex, pem } from "./support/forged.js";
import { readerOf } from "./support/reader.js";
import { visits } from "./support/visits.js";

const base64Url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

const made = forged({}, { productLine: "Genoa" });

/** The report in the containers that are text, and what the page must call each. */
async function texts(): Promise<readonly (readonly [text: string, layers: string])[]> {
  const { evidence } = await made;
  const { report, certificates = {} } = evidence;
  const table = encodeCertificateTable(certificates, { signingKey: "VCEK" });
  const extended = new Uint8Array([...report, ...table]);
  const wrapped = (base64(report).match(/.{1,60}/g) ?? []).join("\n");
  return [
    [hex(report), "hex › attestation report"],
    [`0x${hex(report).toUpperCase()}`, "hex › attestation report"],
    [wrapped, "base64 › attestation report"],
    [base64(report).replaceAll("+", "-").replaceAll("/", "_"), "base64 › attestation report"],
    [hex(extended), "hex › report with a certificate table"],
    [base64(new TextEncoder().encode(hex(extended))), "base64 › hex › report with a certificate table"],
    [pem(REPORT_PEM_LABEL, report), "PEM with a report"],
    [
      JSON.stringify({ provider: "sev_guest", outblob: base64Url(report), auxblob: base64Url(table) }),
      "TSM report, JSON",
    ],
  ];
}

describe.runIf(needs("chromium"))("whatever carries a report", () => {
  const visit = visits();

  it("decodes as it is typed, and says what it was read as", async () => {
    const reader = readerOf((await visit()).page);
    for (const [text, layers] of await texts()) {
      await reader.paste(text);
      expect(await reader.readAs()).toContain(`Read as ${layers}`);
      expect(await reader.page.locator(".field", { hasText: "MEASUREMENT" }).first().textContent()).toContain(
        hex((await made).evidence.report.slice(0x90, 0xc0)),
      );
    }
  });

  it("decodes with the last character that is missing, and not before", async () => {
    const reader = readerOf((await visit()).page);
    const text = hex((await made).evidence.report);
    await reader.paste(text.slice(0, -2));
    expect(await reader.headline.textContent()).toBe("Not recognised");
    await reader.page.locator("textarea.evidence").press("End");
    await reader.page.keyboard.press("Control+End");
    await reader.page.keyboard.type(text.slice(-2));
    await expect.poll(() => reader.headline.textContent()).toBe("Readable, not verified yet");
  });

  it("trusts no forged root outside of a sample", async () => {
    const reader = readerOf((await visit()).page);
    const { report, certificates = {} } = (await made).evidence;
    const table = encodeCertificateTable(certificates, { signingKey: "VCEK" });
    await reader.paste(base64(new Uint8Array([...report, ...table])));
    const [chain] = await reader.lights();
    expect(chain).toMatchObject({ tone: "bad", word: "Does not hold" });
    expect(await reader.headline.textContent()).toBe("Not genuine: do not trust this");
  });

  it("takes raw files that are dropped, certificates beside the report", async () => {
    const reader = readerOf((await visit()).page);
    const { report, certificates = {} } = (await made).evidence;
    await reader.drop({ "report.bin": report, "vcek.der": certificates.leaf ?? new Uint8Array(0) });
    expect(await reader.readAs()).toContain("Read as attestation report, 1,184 bytes");
    await reader.tab("Chain");
    expect(await reader.page.locator(".link.vcek h2").textContent()).toBe("SEV-VCEK");
    expect(await reader.page.locator(".link.crl").textContent()).toContain("Not in what was pasted");
  });

  it("takes certificates in PEM beside a bare report", async () => {
    const reader = readerOf((await visit()).page);
    const { report, certificates = {} } = (await made).evidence;
    await reader.paste(hex(report));
    await reader.page.getByText("More certificates", { exact: true }).click();
    const { leaf = report, crl = report } = certificates;
    await reader.page.getByLabel("Certificates and CRL").fill(pem("CERTIFICATE", leaf) + pem("X509 CRL", crl));
    await reader.tab("Chain");
    await expect.poll(() => reader.page.locator(".link.vcek h2").textContent()).toBe("SEV-VCEK");
    expect(await reader.page.locator(".link.crl h2").textContent()).toBe("Revocation list");
  });

  it("shows the two parts of a token, and that nobody verified them", async () => {
    const reader = readerOf((await visit()).page);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    await reader.paste(`${part({ alg: "ES384" })}.${part({ eat_profile: "tag:example" })}.c2ln`);
    expect(await reader.headline.textContent()).toBe("A token, not verified");
    expect(await reader.page.locator(".panel:visible").textContent()).toContain('"eat_profile": "tag:example"');
  });

  it("says of anything else that it does not know it", async () => {
    const reader = readerOf((await visit()).page);
    for (const text of ["hello", '{"a":1}', "00".repeat(1183), "-----BEGIN X-----"]) {
      await reader.paste(text);
      expect(await reader.headline.textContent()).toBe("Not recognised");
    }
    await reader.page.getByRole("button", { name: "Clear" }).first().click();
    await expect.poll(() => reader.headline.textContent()).toBe("Paste evidence, or open a sample");
  });
});
