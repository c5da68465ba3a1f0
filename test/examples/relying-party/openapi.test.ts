import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { EVIDENCE_TYPES } from "../../../examples/relying-party/service/evidence-types.js";
import { prepare, startCopy } from "./fixture.js";

const copy = startCopy();
const document = await (await copy.get("/openapi.json")).json();
const ajv = new Ajv({ strict: false, formats: { "date-time": true } });

type Schema = Parameters<typeof ajv.compile>[0];

function requestSchema(path: string): Schema {
  return document.paths[path].post.requestBody.content["application/json"].schema;
}

function answerSchema(path: string, status: number): Schema {
  const { content } = document.paths[path].post.responses[status];
  const [media] = Object.values<{ schema: Schema }>(content);
  return media?.schema ?? false;
}

const problem = { ...document.components.schemas.Problem };

/** What is wrong with a value by a schema of the document. */
function errors(schema: Schema, value: unknown): unknown {
  const validate = ajv.compile(schema);
  return validate(value) ? [] : validate.errors;
}

describe("the OpenAPI document", () => {
  it("names every route that there is, and no other", () => {
    const routes = new Set(copy.app.routes.map(({ path }) => path).filter((path) => !path.includes("*")));
    const known = [...routes].filter((path) => !path.startsWith("/kbs"));
    expect(known.sort()).toEqual(Object.keys(document.paths).sort());
  });

  it("names every type of evidence", () => {
    expect(JSON.stringify(requestSchema("/v1/decode"))).toContain(JSON.stringify(EVIDENCE_TYPES));
  });

  it("describes what is sent and what is answered", async () => {
    const { body } = await prepare(copy);
    const requests: readonly [path: string, request: object, status: number][] = [
      ["/v1/challenges", { policy: "web" }, 201],
      ["/v1/appraisals", body, 200],
      ["/v1/releases", { ...body, format: "hpke" }, 200],
      ["/v1/decode", { evidence: body["evidence"] }, 200],
    ];
    for (const [path, request, status] of requests) {
      expect(errors(requestSchema(path), request), path).toEqual([]);
      const response = await copy.send(path, request);
      expect(response.status, path).toBe(status);
      expect(errors(answerSchema(path, status), await response.json()), path).toEqual([]);
    }
  });

  it("describes a passport, and neither shape mixed with the other", async () => {
    const { body, challenge } = await prepare(copy);
    const { token } = await (await copy.send("/v1/appraisals", body)).json();
    const { policy, nonce } = challenge;
    const passport = { policy, nonce, token, format: "hpke" };
    expect(errors(requestSchema("/v1/releases"), passport)).toEqual([]);
    const both = { ...body, token, format: "hpke" };
    expect(errors(requestSchema("/v1/releases"), both)).not.toEqual([]);
    expect(await (await copy.send("/v1/releases", both)).json()).toMatchObject({ code: "ERR_REQUEST_BODY" });
  });

  it("describes every problem", async () => {
    const { body } = await prepare(copy, { machine: "debug" });
    const refused = await copy.send("/v1/releases", { ...body, format: "hpke" });
    const answer = await refused.json();
    expect(answer.failures).toHaveLength(1);
    expect(errors(problem, answer)).toEqual([]);
    expect(document.paths["/v1/releases"].post.responses[refused.status].content).toHaveProperty([
      "application/problem+json",
    ]);
  });

  it.each([
    ["/v1/challenges", {}],
    ["/v1/challenges", { policy: "" }],
    ["/v1/challenges", { policy: "x".repeat(201) }],
    ["/v1/appraisals", { policy: "web" }],
    ["/v1/decode", { evidence: { type: "text/plain", data: "AAAA" } }],
    ["/v1/decode", { evidence: { type: EVIDENCE_TYPES[0], data: "A" } }],
    ["/v1/decode", { evidence: { type: EVIDENCE_TYPES[0], data: "AAA=" } }],
  ])("refuses on %s what the service refuses: %j", async (path, request) => {
    expect(errors(requestSchema(path), request)).not.toEqual([]);
    expect((await copy.send(path, request)).status).toBe(400);
  });
});
