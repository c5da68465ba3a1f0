import { describe, expect, it } from "vitest";
import { PRODUCTS } from "../../src/amd/product-lines.js";
import { describeTwins, forgeOf, judge, type Trial, type Twins } from "./forged.js";

const milan = await forgeOf();
const genoa = await forgeOf("Genoa");
const turin = await forgeOf("Turin");
const forges = { Milan: milan, Genoa: genoa, Turin: turin };

const models = PRODUCTS.flatMap(({ family, firstModel, lastModel, name, productLine }) =>
  [firstModel, lastModel].map((model) => ({ family, model, name, productLine })),
);

const cpuid = (family: number, model: number): Trial => ({
  evidence: { report: { cpuidFamId: family, cpuidModId: model, cpuidStep: 0xff } },
});

describe("a processor that AMD published keys for", () => {
  for (const { family, model, name, productLine } of models) {
    if (productLine === null) continue;
    it(`${name}, family ${family}, model ${model}, is ${productLine}'s`, () => {
      expect(judge(forges[productLine], cpuid(family, model)).productLine).toBe(productLine);
    });
  }
});

const withoutKeys: Twins[] = models
  .filter(({ productLine }) => productLine === null)
  .map(({ family, model, name }) => ({
    name: `${name}, family ${family}, model ${model}`,
    forge: turin,
    wrong: cpuid(family, model),
    code: "ERR_UNSUPPORTED_PRODUCT",
    detail: { family, model, stepping: 0xff, name },
  }));

const unknown: Twins[] = [
  [0x17, 0x31],
  [0x19, 0x20],
  [0x19, 0x9f],
  [0x1a, 0x20],
  [0x1a, 0x4f],
  [0x1b, 0x00],
  [0, 0],
].map(([family = 0, model = 0]) => ({
  name: `unknown, family ${family}, model ${model}`,
  forge: milan,
  wrong: cpuid(family, model),
  code: "ERR_UNSUPPORTED_PRODUCT",
  detail: { family, model, name: null },
}));

describeTwins("a processor without published keys", [...withoutKeys, ...unknown]);

/** All roots, so that nothing but the line decides. */
const anchors = [milan, genoa, turin].flatMap((forge) => [...forge.evidence().anchors]);
const v2 = { report: { version: 2 } };

/** A version 2 report with the certificates given. */
function bare(...names: ("leaf" | "intermediate" | "root")[]): NonNullable<Trial["hand"]> {
  return ({ evidence }) => {
    const { leaf, intermediate, root, crl } = { ...evidence.certificates };
    const all = { leaf, intermediate, root };
    const kept = names.map((name) => [name, all[name]]);
    return { report: evidence.report, certificates: { ...Object.fromEntries(kept), ...(crl ? { crl } : {}) } };
  };
}

describe("a version 2 report, which names no processor", () => {
  it.each(["Milan", "Genoa", "Turin"] as const)("takes %s from its certificates", (line) => {
    const verified = judge(forges[line], { evidence: v2, options: { anchors } });
    expect(verified.productLine).toBe(line);
    expect(verified.report.cpuid).toBeNull();
  });

  it("takes the line from the leaf's issuer alone, where the intermediate is missing", () => {
    const trial = { evidence: v2, hand: bare("leaf"), options: { anchors } };
    expect(() => judge(milan, trial)).toFailWith("ERR_COLLATERAL_MISSING", { role: "ASK" });
  });

  it("takes the caller's word where certificates agree", () => {
    const trial: Trial = { evidence: v2, options: { productLine: "Turin" } };
    expect(judge(turin, trial).productLine).toBe("Turin");
  });

  it("alone is of no line that anybody could know", () => {
    const trial = { evidence: v2, hand: bare() };
    expect(() => judge(milan, trial)).toFailWith("ERR_COLLATERAL_MISSING", { role: "leaf" });
  });

  it("alone, with the caller's word, lacks its leaf and nothing else", () => {
    const trial: Trial = { evidence: v2, hand: bare(), options: { productLine: "Milan" } };
    expect(() => judge(milan, trial)).toFailWith("ERR_COLLATERAL_MISSING", { role: "VCEK" });
  });
});

const other = (part: "leaf" | "intermediate" | "root"): NonNullable<Trial["hand"]> => {
  const { certificates } = genoa.evidence().evidence;
  return ({ evidence }) => ({
    ...evidence,
    certificates: { ...evidence.certificates, [part]: certificates?.[part] ?? new Uint8Array() },
  });
};

const disagreeing = (["leaf", "intermediate", "root"] as const).flatMap((part) =>
  [2, 3, 5].map(
    (version): Twins => ({
      name: `version ${version} with Genoa's ${part}`,
      forge: milan,
      sound: { evidence: { report: { version } }, options: { anchors } },
      wrong: { evidence: { report: { version } }, hand: other(part), options: { anchors } },
      code: "ERR_UNTRUSTED_PRODUCT_LINE",
    }),
  ),
);

describeTwins("report, caller and certificates of different lines", [
  ...disagreeing,
  {
    name: "the report's CPUID against all certificates",
    forge: milan,
    wrong: cpuid(0x19, 0x11),
    code: "ERR_UNTRUSTED_PRODUCT_LINE",
    detail: { expected: "Genoa", actual: "Milan", where: "the leaf's issuer" },
  },
  {
    name: "the report's CPUID against the caller",
    forge: milan,
    sound: { options: { productLine: "Milan" } },
    wrong: { options: { productLine: "Genoa" } },
    code: "ERR_UNTRUSTED_PRODUCT_LINE",
    detail: { expected: "Milan", actual: "Genoa", where: "options.productLine" },
  },
  {
    name: "version 2, the caller against the certificates",
    forge: milan,
    sound: { evidence: v2, options: { productLine: "Milan" } },
    wrong: { evidence: v2, options: { productLine: "Turin" } },
    code: "ERR_UNTRUSTED_PRODUCT_LINE",
    detail: { expected: "Turin", actual: "Milan", where: "the leaf's issuer" },
  },
  {
    name: "a version 5 report under a whole chain of another line",
    forge: milan,
    wrong: {
      hand: ({ evidence }) => ({ ...evidence, certificates: { ...genoa.evidence().evidence.certificates } }),
      options: { anchors },
    },
    code: "ERR_UNTRUSTED_PRODUCT_LINE",
  },
  {
    name: "a version 2 report of Milan whose every certificate is Genoa's and whose names say so",
    forge: milan,
    sound: { evidence: v2, options: { anchors } },
    wrong: {
      evidence: v2,
      hand: ({ evidence }) => ({ ...evidence, certificates: { ...genoa.evidence().evidence.certificates } }),
      options: { anchors },
    },
    // The line follows the certificates; the report then fails against them.
    code: "ERR_UNTRUSTED_TCB_MISMATCH",
  },
  {
    name: "a leaf for another product than its issuer's",
    forge: milan,
    sound: { evidence: { leaf: { productName: "Milan-B1" } } },
    wrong: { evidence: { leaf: { productName: "Genoa" } } },
    code: "ERR_UNTRUSTED_PRODUCT_LINE",
    detail: { expected: "Milan", actual: "Genoa", where: "productName" },
  },
  {
    name: "a product name that only begins like the line",
    forge: milan,
    sound: { evidence: { leaf: { productName: "Milan" } } },
    wrong: { evidence: { leaf: { productName: "MilanX-B0" } } },
    code: "ERR_UNTRUSTED_PRODUCT_LINE",
    detail: { actual: "MilanX-B0", where: "productName" },
  },
  {
    name: "an empty product name",
    forge: turin,
    wrong: { evidence: { leaf: { productName: "" } } },
    code: "ERR_UNTRUSTED_PRODUCT_LINE",
    detail: { expected: "Turin", actual: "" },
  },
]);

describe("a product line without an anchor", () => {
  it("is refused, whatever else is sound", () => {
    const others = [...genoa.evidence().anchors, ...turin.evidence().anchors];
    expect(() => judge(milan, { options: { anchors: others } })).toFailWith("ERR_UNTRUSTED_ROOT", {
      expected: "ARK-Milan",
      field: "anchors",
    });
    expect(judge(milan, { options: { anchors } }).productLine).toBe("Milan");
  });
});
