import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import {
  AppraisalAnswer,
  AppraisalRequest,
  ChallengeAnswer,
  ChallengeRequest,
  DecodeAnswer,
  DecodeRequest,
  ProblemAnswer,
  ReleaseAnswer,
  ReleaseRequest,
} from "./schemas.js";

/** A JSON document. */
export type Json = Readonly<Record<string, unknown>>;

const PROBLEM = { $ref: "#/components/schemas/Problem" };

function schemaOf(schema: v.GenericSchema): Json {
  const { $schema: _, ...rest } = toJsonSchema(schema, { target: "openapi-3.0", errorMode: "throw" });
  return rest;
}

function content(schema: Json, type = "application/json"): Json {
  return { content: { [type]: { schema } } };
}

function problem(description: string): Json {
  return { description, ...content(PROBLEM, "application/problem+json") };
}

interface Verb {
  readonly summary: string;
  readonly description: string;
  readonly request: v.GenericSchema;
  readonly answer: v.GenericSchema;
  readonly status?: number;
}

const REFUSALS: Json = {
  400: problem("The request, or the evidence in it, is malformed."),
  403: problem("Refused: the evidence, the policy, or the token says no."),
  404: problem("No such policy, or nothing deposited for it."),
  409: problem("The challenge does not count, or the policy has changed since: ask again."),
  413: problem("More than 64 kB, before or after gzip."),
  415: problem("A media type or content encoding that is not handled."),
  422: problem("Evidence of a kind that is not handled."),
  429: problem("Too many requests from this client; see Retry-After."),
  500: problem("The service failed."),
  502: problem("A certificate could not be had, and trying again will not help."),
  503: problem("Something that is needed is not there right now; see Retry-After. Nothing was released."),
};

function post({ summary, description, request, answer, status = 200 }: Verb): Json {
  return {
    post: {
      summary,
      description,
      requestBody: { required: true, ...content(schemaOf(request)) },
      responses: { [status]: { description: "Done.", ...content(schemaOf(answer)) }, ...REFUSALS },
    },
  };
}

function get(summary: string, type = "application/json"): Json {
  return { get: { summary, responses: { 200: { description: "Done.", ...content({}, type) } } } };
}

const VERBS: Readonly<Record<string, Json>> = {
  "/v1/challenges": post({
    summary: "Ask for a challenge",
    description: "A nonce for one report, good for minutes and one release, at any copy of the service.",
    request: ChallengeRequest,
    answer: ChallengeAnswer,
    status: 201,
  }),
  "/v1/appraisals": post({
    summary: "Have evidence appraised",
    description:
      "The verdict with every check that led to it, and a signed result. 200 also when refused: the verdict says so. " +
      "The challenge is not spent.",
    request: AppraisalRequest,
    answer: AppraisalAnswer,
  }),
  "/v1/releases": post({
    summary: "Have the policy's secret sealed to the attested key",
    description:
      "With evidence (background check) or with a result of /v1/appraisals (passport). The challenge is spent first.",
    request: ReleaseRequest,
    answer: ReleaseAnswer,
  }),
  "/v1/decode": post({
    summary: "Show what evidence says",
    description: "Nothing of the answer is verified; it is for people.",
    request: DecodeRequest,
    answer: DecodeAnswer,
  }),
};

const PAGES: Readonly<Record<string, Json>> = {
  "/.well-known/jwks.json": get("The public keys of result tokens"),
  "/openapi.json": get("This document"),
  "/healthz": {
    get: {
      summary: "Whether this copy is ready, and the digests of its policies",
      responses: { 200: { description: "Ready.", ...content({}) }, 503: { description: "Not ready.", ...content({}) } },
    },
  },
  "/metrics": get("Figures for Prometheus", "text/plain"),
};

/** The API as an OpenAPI document; what is checked at run time and what is told here are the same schemas. */
export function openApi(name: string): Json {
  return {
    openapi: "3.0.3",
    info: {
      title: `Attestation and secrets: ${name}`,
      version: "1",
      description: "Challenge, appraise, release. Bytes are base64url without padding. Bodies may be gzip.",
    },
    paths: { ...VERBS, ...PAGES },
    components: { schemas: { Problem: schemaOf(ProblemAnswer) } },
  };
}
