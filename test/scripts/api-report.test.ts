import { describe, expect, it } from "vitest";
import { apiReports } from "../../scripts/support/api-report.js";

describe("apiReports", () => {
  it("tells what a subpath exports and what that is made of, without comments and bodies", () => {
    const [report] = apiReports({ "own/shape": "test/scripts/api/index.ts" });
    expect(report?.subpath).toBe("own/shape");
    const sections = String(report?.text).trimEnd().split("\n\n");
    expect(sections).toEqual([
      "// LIMIT\ndeclare const LIMIT = 3;",
      "// Shape\ninterface Shape {\n    readonly inner: Inner;\n}",
      [
        "// parts",
        "export interface Inner {\n    readonly size: number;\n}",
        "export interface Unrelated {\n    readonly size: string;\n}",
      ].join("\n"),
      "// twice\ndeclare function twice(value: string): string;\ndeclare function twice(value: number): number;",
      "// part: Inner\ninterface Inner {\n    readonly size: number;\n}",
      expect.stringMatching(/^\/\/ part: Unrelated/),
    ]);
  });
});
