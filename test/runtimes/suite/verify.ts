import { type CryptoEngine, createVerifier, verifyCertificates, verifyEvidence, webCryptoEngine } from "attestry";
import { nobleEngine, verifyEvidenceSync } from "attestry/noble";
import { said, same } from "./assert.js";
import { certificatesOf, evidenceOf, type Input, optionsOf, type Question } from "./input.js";
import type { Case, Suite } from "./suite.js";

function verified(input: Input, question: Question, engine: CryptoEngine): Promise<unknown> {
  const options = { ...optionsOf(input, question), engine };
  if (question.report !== null) return verifyEvidence(evidenceOf(input, question), options);
  return verifyCertificates({ leaf: new Uint8Array(), ...certificatesOf(input, question) }, options);
}

/** Each question by itself, under one engine. */
export function questionCases(input: Input, questions: readonly Question[], engine: CryptoEngine): Case[] {
  return questions.map((question) => ({
    name: question.name,
    run: async () => same(await said(() => verified(input, question, engine)), question.expected),
  }));
}

const isAccepted = ({ report, expected }: Question) => report !== null && expected.startsWith("{");

/** A verifier judges all that is sound at once, twice over, and remembers nothing that changes an answer. */
function verifierCases(input: Input, questions: readonly Question[], engine: CryptoEngine): Case[] {
  const groups = new Map<string, Question[]>();
  for (const question of questions.filter(isAccepted)) {
    const key = JSON.stringify([question.anchors, question.options]);
    groups.set(key, [...(groups.get(key) ?? []), question]);
  }
  return [...groups.values()].map((group) => ({
    name: `one verifier for ${group.length}, all at once and twice over`,
    run: async () => {
      const [first] = group;
      if (first === undefined) return;
      const { now, ...options } = optionsOf(input, first);
      const verifier = createVerifier({ ...options, engine, now: () => now });
      for (let round = 0; round < 2; round++) {
        const answers = group.map((question) =>
          said(() => verifier.verify(evidenceOf(input, question), { now: new Date(question.now) })),
        );
        for (const [index, answer] of (await Promise.all(answers)).entries()) {
          same(answer, group[index]?.expected ?? "");
        }
      }
    },
  }));
}

/** Sound evidence whose CRLs do not contradict one another, as those of the cases do on purpose. */
const basesOf = (input: Input) => input.forges.map(({ evidence }) => evidence);

/** Evidence in the middle of a larger buffer that is overwritten while it is verified: it was copied. */
function changingCases(input: Input, engine: CryptoEngine): Case[] {
  return basesOf(input).map((question) => ({
    name: `${question.name}, overwritten meanwhile`,
    run: async () => {
      const { report, certificates = {} } = evidenceOf(input, question);
      const buffer = new Uint8Array(report.length + 96).fill(0xff);
      buffer.set(report, 32);
      const evidence = { report: buffer.subarray(32, 32 + report.length), certificates };
      const verifying = said(() => verifyEvidence(evidence, { ...optionsOf(input, question), engine }));
      buffer.fill(0);
      certificates.leaf?.fill(0);
      same(await verifying, question.expected);
    },
  }));
}

function syncCases(input: Input, questions: readonly Question[]): Case[] {
  return questions.filter(isAccepted).map((question) => ({
    name: `${question.name}, at once`,
    run: async () => {
      const verifying = () => verifyEvidenceSync(evidenceOf(input, question), optionsOf(input, question));
      same(await said(verifying), question.expected);
    },
  }));
}

/** Evidence that AMD signed, or that pretends so, from the corpus. */
export const realSuites: readonly Suite[] = [
  {
    name: "real evidence, WebCrypto",
    cases: (input) => [
      ...questionCases(input, input.real, webCryptoEngine),
      ...verifierCases(input, input.real, webCryptoEngine),
    ],
  },
  {
    name: "real evidence, noble",
    cases: (input) => [
      ...questionCases(input, input.real, nobleEngine),
      ...verifierCases(input, input.real, nobleEngine),
      ...syncCases(input, input.real),
    ],
  },
];

/** Evidence of the forge, sound, and broken in some hundred ways that are signed again. */
export const forgedSuites: readonly Suite[] = [
  {
    name: "forged evidence, WebCrypto",
    cases: (input) => [
      ...questionCases(input, input.forged, webCryptoEngine),
      ...verifierCases(input, basesOf(input), webCryptoEngine),
      ...changingCases(input, webCryptoEngine),
    ],
  },
  {
    name: "forged evidence, noble",
    cases: (input) => [
      ...questionCases(input, input.forged, nobleEngine),
      ...verifierCases(input, basesOf(input), nobleEngine),
      ...changingCases(input, nobleEngine),
      ...syncCases(input, input.forged),
    ],
  },
];
