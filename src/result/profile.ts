/**
 * The two spellings of EAR: `ear-03` has the names of draft-ietf-rats-ear-03, `ear-deployed` the dotted ones that
 * Veraison's and Trustee's readers know.
 */
export type ResultProfile = "ear-03" | "ear-deployed";
