import { challengeSuite } from "./challenge.js";
import { containerSuite } from "./containers.js";
import { forgeSuite } from "./forge.js";
import { kdsSuite } from "./kds.js";
import { measureSuite } from "./measure.js";
import { parseSuite } from "./parse.js";
import { policySuite } from "./policy.js";
import { releaseSuite } from "./release.js";
import { resultSuite } from "./result.js";
import type { Suite } from "./suite.js";
import { forgedSuites, realSuites } from "./verify.js";

/** What every runtime must do. */
export const SUITES: readonly Suite[] = [
  parseSuite,
  ...realSuites,
  ...forgedSuites,
  containerSuite,
  policySuite,
  kdsSuite,
  measureSuite,
  forgeSuite,
  challengeSuite,
  resultSuite,
  releaseSuite,
];
