import { describe, expect, it } from "vitest";
import { examplesOf } from "../../scripts/support/examples.js";

describe("examplesOf", () => {
  it("finds the ts blocks of a page with their first line, and no others", () => {
    const page = ["# A", "```ts", "const a = 1;", "", "a;", "```", "```sh", "ls", "```", "```", "x", "```", ""].join(
      "\n",
    );
    expect(examplesOf("a.md", page)).toEqual([{ file: "a.md", line: 3, code: "const a = 1;\n\na;" }]);
  });

  it("takes the margin of a doc comment away, and no more", () => {
    const source = [
      "/**",
      " * Says.",
      " *",
      " * ```ts",
      " * if (a) {",
      " *   b();",
      " *",
      " * }",
      " * ```",
      " */",
    ].join("\n");
    expect(examplesOf("a.ts", source)).toEqual([{ file: "a.ts", line: 5, code: "if (a) {\n  b();\n\n}" }]);
  });

  it("finds several, also indented ones", () => {
    const page = "```ts\none();\n```\n\n  ```ts\n  two();\n  ```\n";
    expect(examplesOf("a.md", page).map(({ code }) => code)).toEqual(["one();", "two();"]);
  });

  it("refuses a block that is never closed", () => {
    expect(() => examplesOf("a.md", "text\n```ts\none();\n")).toThrow("a.md:2: this code block is never closed");
  });
});
