/** For a page whose Content-Security-Policy lets nothing run but this script. */
import { SUITES } from "../suite/index.js";
import { pageSuite } from "../suite/limits.js";
import { runSuites } from "../suite/suite.js";

const violations: string[] = [];
document.addEventListener("securitypolicyviolation", ({ blockedURI, violatedDirective }) => {
  violations.push(`${violatedDirective} blocked ${blockedURI}`);
});

const news: string[] = [];
const input = await (await fetch("/input.json")).json();
await runSuites([...SUITES, pageSuite(violations)], input, (one) => news.push(JSON.stringify(one)));
await fetch("/news", { method: "POST", body: news.join("\n") });
