import * as v from "valibot";
import { PRODUCT_LINES, type ProductLine, productOf, type SigningKey } from "../../amd/product-lines.js";
import type { Test } from "../check.js";
import { accepts, defineRule, demand, inapplicable, named, oneOf } from "../rule.js";
import { anyOr, cpuOr, listOf, saying, shortText, wholeNumber } from "../words.js";

/** More than the report's version will be in the lifetime of this language. */
const GREATEST_VERSION = 255;

/** The product line of a processor as policies spell it; null for one that no line has. */
export function lineOfCpu(cpu: string): ProductLine | null {
  const [family = 0, model = 0, stepping = 0] = cpu.split("-").map(Number);
  return productOf({ family, model, stepping })?.productLine ?? null;
}

/** Said of a processor of no line. */
export const NO_LINE = "expected a Milan, Genoa or Turin processor, found another; correct the CPUID";

/** `productLine`: the lines that are accepted. */
export const productLine = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ listOf(v.picklist(PRODUCT_LINES)),
  tests: (said) => [oneOf({ ...named("productLine"), expected: said, advice: "run on a machine of a listed line" })],
});

/** `cpu`: the processors that are accepted. A version 2 report names none and is on no list. */
export const cpu = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ listOf(cpuOr()),
  excusable: true,
  tests(said, refuse) {
    const unknown = said.findIndex((entry) => lineOfCpu(entry) === null);
    if (unknown >= 0) throw refuse(`/${unknown}`, NO_LINE);
    return [oneOf({ ...named("cpuid", "cpu"), expected: said, advice: "run on a machine with a listed processor" })];
  },
});

/** `reportVersion`: the versions of the report that are accepted. One that is not known never gets here. */
export const reportVersion = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ saying({
    minimum: v.exactOptional(wholeNumber(2, GREATEST_VERSION)),
    maximum: v.exactOptional(wholeNumber(2, GREATEST_VERSION)),
  }),
  tests(said, refuse) {
    const { minimum = 2, maximum = GREATEST_VERSION } = said;
    if (minimum > maximum) throw refuse("", "expected a minimum of at most the maximum, found more; turn them round");
    const wanted = `of ${minimum} to ${maximum}`;
    const advice = "run on firmware that writes such reports";
    return [
      demand(
        { ...named("reportVersion"), operator: "within", expected: said, wanted, advice },
        ({ record: { report } }) => report.version >= minimum && report.version <= maximum,
      ),
    ];
  },
});

function signer(expected: readonly SigningKey[]): Test {
  const advice = "have the report signed by a listed key, or list this kind of key together with cspId";
  return oneOf({ ...named("signingKey"), expected, advice });
}

/** `signingKey`: VCEK, VLEK or both; VCEK alone where nobody says. Allowing VLEK asks for `cspId`. */
export const signingKey = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ listOf(v.picklist(["VCEK", "VLEK"])),
  tests: (said) => [signer(said)],
  defaults: /* @__PURE__ */ [/* @__PURE__ */ signer(["VCEK"])],
  needs: (said) => (said.includes("VLEK") ? ["cspId"] : []),
});

/** Under a VCEK "any" decides nothing: whether a VCEK is accepted is for `signingKey` to say. */
function anyProvider(): Test {
  const test = accepts(named("cspId"));
  return {
    ...test,
    run: (subject) =>
      subject.record.signingKey === "VLEK"
        ? test.run(subject)
        : inapplicable("The report is signed by a VCEK, which names no cloud provider."),
  };
}

/**
 * `cspId`: the providers whose VLEKs are accepted, as their certificates name them. A VCEK names none and is on no
 * list: "this chip, or that provider" is an `anyOf` of two blocks.
 */
export const cspId = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ anyOr(listOf(shortText())),
  tests(said) {
    if (said === "any") return [anyProvider()];
    const advice = "run at a listed provider, or add this one to the list; for VCEKs write an anyOf";
    return [oneOf({ ...named("cspId"), expected: said, advice })];
  },
});
