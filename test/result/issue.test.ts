import { describe, expect, it } from "vitest";
import "../support/expect.js";
import { issue, partsOf, verify } from "./support.js";

describe("a token", () => {
  it("is issued and verifies", async () => {
    const token = await issue();
    console.log(JSON.stringify(partsOf(token), null, 1), token.length);
    const result = await verify(token);
    expect(result.status).toBe("affirming");
  });
});
