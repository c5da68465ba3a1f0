import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { brokenLinks, relativeLinks } from "../../scripts/support/links.js";

describe("relativeLinks", () => {
  it("finds files, without their fragments, and leaves the web alone", () => {
    const page = "[a](docs/a.md) [b](../b.md#part) [c](https://example.org/c.md) [d](#here)";
    expect(relativeLinks(page)).toEqual(["docs/a.md", "../b.md"]);
  });
});

describe("brokenLinks", () => {
  it("tells which page points where nothing is", () => {
    const root = mkdtempSync(join(tmpdir(), "attestry-links-"));
    try {
      for (const folder of ["docs/guides", "vectors"]) mkdirSync(join(root, folder), { recursive: true });
      writeFileSync(join(root, "README.md"), "[a](docs/a.md) [b](docs/b.md)");
      writeFileSync(join(root, "docs/a.md"), "[up](../README.md#x) [gone](README.md)");
      writeFileSync(join(root, "docs/guides/g.md"), "[a](../a.md) [gone](a.md)");
      const broken = ["README.md -> docs/b.md", "docs/a.md -> README.md", "docs/guides/g.md -> a.md"];
      expect(brokenLinks(root)).toEqual(broken);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
