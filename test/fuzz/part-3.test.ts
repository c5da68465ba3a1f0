import { describeTargets } from "./support.js";
import { TARGETS } from "./targets.js";

describeTargets(TARGETS.filter((_, index) => index % 4 === 3));
