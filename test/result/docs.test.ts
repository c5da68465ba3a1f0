import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { DIALECTS } from "../../src/result/profile.js";
import { TRUST_RULES } from "../../src/result/trust-rules.js";

const page = readFileSync(new URL("../../docs/result.md", import.meta.url), "utf8");

it("docs/result.md has every rule of the trust vector, in its order", () => {
  const rows = Object.entries(TRUST_RULES).flatMap(([claim, rules]) =>
    rules.map(({ value, when }) => `| ${claim} | ${value} | ${when} |`),
  );
  expect(rows.length).toBeGreaterThan(15);
  expect(page).toContain(rows.join("\n"));
});

it("docs/result.md has the names of both profiles", () => {
  for (const { uri, status, vector, policyId, verifierId } of Object.values(DIALECTS)) {
    for (const name of [uri, status, vector, policyId, verifierId]) expect(page).toContain(`\`${name}\``);
  }
});
