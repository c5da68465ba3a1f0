import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { WHOLE_BLOCK } from "../../scripts/support/policy-samples.js";
import { everyCheckId, POLICY_TABLES, renewTables } from "../../scripts/support/policy-tables.js";
import { bindReportData } from "../../src/binding/bind.js";
import { BINDING_SCHEMES } from "../../src/binding/expected.js";
import { GUEST_POLICY_FLAGS, PLATFORM_INFO_FLAGS } from "../../src/policy/claims.js";
import { definePolicy } from "../../src/policy/define.js";
import { SNP_RULES } from "../../src/policy/rules/table.js";
import type { PolicyWarningId } from "../../src/policy/warnings.js";
import { blockPolicy, judged } from "./support.js";
import { TWINS } from "./twins.js";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/policy.md"), "utf8");
const documents = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = ""]): object => JSON.parse(text));
const words = [...page.matchAll(/`([^`\n]+)`/g)].map(([, word = ""]) => word);

/** Every id that a check can have: those of all twins, and what the caller's input adds. */
async function everyId(): Promise<ReadonlySet<string>> {
  const reportData = await bindReportData("nonce", { nonce: new Uint8Array(16) });
  const appraisals = TWINS.map(async ({ snp, passing }) => judged(await blockPolicy(snp), passing, { reportData }));
  return new Set((await Promise.all(appraisals)).flatMap(({ checks }) => checks.map(({ id }) => id)));
}

describe("docs/policy.md", () => {
  it.each(documents.map((document) => [JSON.stringify(document).slice(0, 60), document] as const))(
    "%s is of the language",
    async (_, document) => {
      const policy = "version" in document ? definePolicy(document) : blockPolicy(document);
      await expect(policy).resolves.toBeDefined();
    },
  );

  it("has an example for every key, and a heading", () => {
    const shown = documents.flatMap((document) => Object.keys("version" in document ? {} : document));
    const keys = Object.keys(SNP_RULES);
    expect(keys.filter((key) => !shown.includes(key))).toEqual([]);
    expect(keys.filter((key) => !page.includes(`\n### \`${key}\`\n`))).toEqual([]);
  });

  it("has tables that the code makes: npm run docs:policy makes them anew", () => {
    expect(renewTables(page)).toBe(page);
    for (const name of Object.keys(POLICY_TABLES)) expect(page).toContain(`<!-- table: ${name} -->`);
    expect(() => renewTables("<!-- table: none -->\n\n<!-- end -->")).toThrow(/the table none/);
  });

  it("names every check, and none that there is not", async () => {
    const ids = new Set([...(await everyId()), ...everyCheckId()]);
    expect([...ids].sort()).toEqual([...everyCheckId()].sort());
    const named = words.filter((word) => /^(?:snp|time|input)\.[\w.<>]+$/.test(word));
    const bits = [
      ...GUEST_POLICY_FLAGS.map((flag) => `guestPolicy.${flag}`),
      ...PLATFORM_INFO_FLAGS.map((flag) => `platformInfo.${flag}`),
    ];
    const spelt = named.flatMap((word) => {
      const [prefix = "", rest] = word.split("<bit>");
      return rest === undefined ? [word] : bits.map((bit) => `snp.${bit}`).filter((id) => id.startsWith(prefix));
    });
    expect([...new Set(spelt)].sort()).toEqual([...ids].sort());
  });

  it("has a table whose sample says every key, and every key below it", async () => {
    expect(Object.keys(WHOLE_BLOCK).sort()).toEqual(Object.keys(SNP_RULES).sort());
    await expect(definePolicy({ version: 1, id: "x", snp: WHOLE_BLOCK })).resolves.toBeDefined();
    for (const [key, value] of Object.entries(WHOLE_BLOCK)) {
      const { schema } = SNP_RULES[key as keyof typeof SNP_RULES];
      const entries = "entries" in schema ? Object.keys(schema.entries as object) : [];
      if (key !== "reportData") expect(Object.keys(value)).toEqual(expect.arrayContaining(entries));
    }
  });

  it("names every warning", () => {
    const ids: Readonly<Record<PolicyWarningId, true>> = {
      "debug-allowed": true,
      "line-without-floor": true,
      "list-unused": true,
      "measurement-any": true,
      "milan-allowed": true,
      "minimum-tcb-any": true,
      "report-data-any": true,
      "report-data-not-fresh": true,
      "revocation-weakened": true,
      "smt-allowed": true,
      waived: true,
      "zero-digest": true,
    };
    expect(words).toEqual(expect.arrayContaining(Object.keys(ids)));
  });

  it("names every bit and every binding scheme", () => {
    for (const word of [...GUEST_POLICY_FLAGS, ...PLATFORM_INFO_FLAGS, ...BINDING_SCHEMES])
      expect(words).toContain(word);
  });
});
