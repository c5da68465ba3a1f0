declare module "virtual:tables" {
  /** A row of a layout table; `name` is null for reserved bytes. */
  export interface TableRow {
    readonly name: string | null;
    readonly offset: number;
    readonly size: number;
    readonly type: "u8" | "u16" | "u32" | "u64" | "bytes";
    readonly label: string;
    readonly meaning: string;
  }
  /** A named range of bits of a word. */
  export interface TableBit {
    readonly name: string;
    readonly low: number;
    readonly high: number;
    readonly label: string;
    readonly meaning: string;
  }
  export const LAYOUTS: Readonly<Record<string, readonly TableRow[]>>;
  export const BITS: Readonly<Record<string, readonly TableBit[]>>;
}

declare module "virtual:samples" {
  type PartName = "report" | "leaf" | "intermediate" | "root" | "crl";
  /** Forged evidence; its parts and roots are places in BLOBS. */
  export interface Sample {
    readonly id: string;
    readonly title: string;
    readonly lesson: string;
    readonly broken: boolean;
    readonly signingKey: "VCEK" | "VLEK";
    readonly now: string;
    readonly nonce: string;
    readonly anchors: readonly number[];
    readonly parts: Readonly<Partial<Record<PartName, number>>>;
    readonly policy: object;
  }
  /** Base64. */
  export const BLOBS: readonly string[];
  export const SAMPLES: readonly Sample[];
}

declare module "virtual:schema" {
  export const SCHEMA: unknown;
}
