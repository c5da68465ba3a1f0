import { describe, expect, it } from "vitest";
import { isAttestationError } from "../../src/errors.js";
import { createKeySource } from "../../src/result/index.js";
import "../support/expect.js";
import { encoded, issue, signed, verify } from "./support.js";

const [, body, signature] = (await issue()).split(".");
const headed = (header: string) => `${encoded(header)}.${body}.${signature}`;

/** A line break, an escape sequence, a mark that turns the direction of reading, a C1 control, a line separator. */
const SPOILS = ["\n", "\u001b[31m", "\u202e", "\u009b", "\u2028"];
const twice = (name: string) => `{${name}:1,${name}:2}`;

const rows = SPOILS.flatMap((spoil): [string, string | Promise<string>][] => {
  const quoted = JSON.stringify(`x${spoil}y`);
  return [
    ["no JSON", headed(`x${spoil}y`)],
    ["a member twice", headed(twice(quoted))],
    ["a member that is not known", headed(`{${quoted}:1}`)],
    ["a key id", headed(`{"alg":"ES256","typ":"eat+jwt","kid":${quoted}}`)],
    ["an algorithm", headed(`{"alg":${quoted},"typ":"eat+jwt","kid":"issuer-1"}`)],
    ["a type", headed(`{"alg":"ES256","typ":${quoted},"kid":"issuer-1"}`)],
    ["a profile", signed({ eat_profile: `x${spoil}y` })],
  ];
});

async function messageOf(failing: Promise<unknown>): Promise<string> {
  const error: unknown = await failing.catch((thrown: unknown) => thrown);
  return isAttestationError(error) ? error.message : "no error of ours";
}

describe("a message", () => {
  it.each(rows)("is one line of plain text, whatever a token has: %s", async (_, token) => {
    const message = await messageOf(verify(await token));
    expect(message).toMatch(/refuse the token|ask the issuer|see whether/);
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  });

  it("is short, however long the names in a token are", async () => {
    const name = JSON.stringify("k".repeat(5000));
    for (const header of [twice(name), `{${name}:1}`, `[${name}`]) {
      expect((await messageOf(verify(headed(header)))).length).toBeLessThan(400);
    }
  });

  it.each(SPOILS)("is so of keys that cannot be had as well", async (spoil) => {
    const ages = { timeoutMs: 1000, maxAgeMs: 1000, cooldownMs: 1000 };
    const url = "https://verifier.example/jwks.json";
    const bodies = [`x${spoil}y`, twice(JSON.stringify(`x${spoil}y`))].map((text) => new TextEncoder().encode(text));
    for (const answer of bodies) {
      const transport = async () => ({ status: 200, body: answer });
      const message = await messageOf(verify(await issue(), { keys: createKeySource({ url, transport, ...ages }) }));
      expect(message).toMatch(/^expected the issuer's keys at /);
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }
    const transport = () => Promise.reject(new Error(`no${spoil}network${"!".repeat(5000)}`));
    const message = await messageOf(verify(await issue(), { keys: createKeySource({ url, transport, ...ages }) }));
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(message.length).toBeLessThan(400);
  });
});
