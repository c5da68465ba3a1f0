/** The forged evidences that all cases start from. */
import type { ProductLine, SigningKey } from "../../src/amd/product-lines.js";
import { createForge, type Forge, type ForgedEvidence } from "../../src/testing/index.js";

export type BaseName = "milan-vcek" | "genoa-vcek" | "turin-vcek" | "milan-vlek" | "genoa-vlek";

interface BaseRecipe {
  productLine: ProductLine;
  signingKey: SigningKey;
  /** Of the report. */
  version: number;
}

/** Public, as is every key made from it. */
export const SEED = "attestry vectors 1";

const BASES: Readonly<Record<BaseName, BaseRecipe>> = {
  "milan-vcek": { productLine: "Milan", signingKey: "VCEK", version: 3 },
  "genoa-vcek": { productLine: "Genoa", signingKey: "VCEK", version: 5 },
  "turin-vcek": { productLine: "Turin", signingKey: "VCEK", version: 5 },
  "milan-vlek": { productLine: "Milan", signingKey: "VLEK", version: 2 },
  "genoa-vlek": { productLine: "Genoa", signingKey: "VLEK", version: 4 },
};

/** A base with the forge that made it, so that a case can be made from the same keys. */
export interface Base extends BaseRecipe {
  name: BaseName;
  forge: Forge;
  made: ForgedEvidence;
}

/** The bases by name. */
export type Bases = Readonly<Record<BaseName, Base>>;

async function makeBase(name: BaseName): Promise<Base> {
  const recipe = BASES[name];
  const { productLine, signingKey, version } = recipe;
  const forge = await createForge({ seed: SEED, productLine, signingKey });
  return { ...recipe, name, forge, made: forge.evidence({ report: { version } }) };
}

/** Makes all bases. */
export async function makeBases(): Promise<Bases> {
  const names = Object.keys(BASES) as BaseName[];
  const made = await Promise.all(names.map(makeBase));
  return Object.fromEntries(made.map((base) => [base.name, base])) as Bases;
}
