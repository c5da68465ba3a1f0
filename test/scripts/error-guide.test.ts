import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CAUSES } from "../../scripts/support/causes.js";
import { declaredCodes, errorGuide } from "../../scripts/support/error-guide.js";
import { projectRoot } from "../../scripts/support/packed.js";

describe("docs/errors.md", () => {
  it("is what npm run docs:errors writes", () => {
    expect(readFileSync(join(projectRoot, "docs/errors.md"), "utf8")).toBe(errorGuide());
  });

  it("has one section for each code, and no cause of a code that is gone", () => {
    const codes = declaredCodes().map(({ code }) => code);
    expect(codes.length).toBeGreaterThan(90);
    const sections = [...errorGuide().matchAll(/^### (\S+)$/gm)].map(([, code]) => code);
    expect([...sections].sort()).toEqual([...codes].sort());
    expect(Object.keys(CAUSES).sort()).toEqual([...codes].sort());
  });

  it.each(Object.entries(CAUSES))("says of %s where it comes from and what to do, in sentences", (_, cause) => {
    for (const text of [cause.from, cause.cure]) expect(text).toMatch(/^[A-Z`].{10,}\.$/);
  });
});
