import { advisoriesView } from "./advisories-view.js";
import { chainView } from "./chain-view.js";
import { compareView } from "./compare-view.js";
import { copyView } from "./copy-view.js";
import { h } from "./dom.js";
import { headerView } from "./header-view.js";
import { evidenceView, settingsView } from "./input-view.js";
import { mayAsk } from "./network.js";
import { policyView } from "./policy-view.js";
import { reportView } from "./report-view.js";
import { sampleById, stateOf } from "./samples.js";
import { sharedIn } from "./share.js";
import { createStore, type State, type Store } from "./state.js";
import { type Tabs, tabs } from "./tabs.js";
import { verdictView } from "./verdict-view.js";

/** What a link brought along; a policy in it wins over the sample's own. */
async function arrived(): Promise<Partial<State>> {
  const shared = await sharedIn(location.hash);
  if (shared === null) return {};
  const sample = shared.sample === undefined ? undefined : await sampleById(shared.sample);
  const shown = sample === undefined ? {} : await stateOf(sample);
  const evidence = shared.evidence === undefined ? {} : { input: shared.evidence };
  const policy = shared.policy === undefined ? {} : { policy: shared.policy };
  return { ...shown, ...evidence, ...policy };
}

function pages(store: Store): HTMLElement {
  const opener: { tabs?: Tabs } = {};
  const openReport = () => {
    opener.tabs?.open("Report");
    document.querySelector<HTMLElement>(".hex")?.focus();
  };
  const all = tabs("What the evidence says", [
    { title: "Report", panel: reportView(store) },
    { title: "Chain", panel: chainView(store) },
    { title: "Advisories", panel: advisoriesView(store, openReport) },
    { title: "Policy", panel: policyView(store, openReport) },
    { title: "Compare", panel: compareView(store) },
    { title: "Copy", panel: copyView(store) },
  ]);
  opener.tabs = all;
  return all.element;
}

function footer(): HTMLElement {
  const said = mayAsk()
    ? "This page has no server of its own. The browser lets it ask the key server that you name."
    : "This page has no server: the browser does not let it talk to anybody.";
  const guides = h("a", { href: "./docs/index.html" }, "Guides");
  const api = h("a", { href: "./api/index.html" }, "API of the library");
  return h("footer", { class: "foot" }, h("p", {}, said), h("nav", { "aria-label": "More" }, guides, " ", api));
}

async function start(): Promise<void> {
  const store = createStore();
  const main = h("main", {}, evidenceView(store), verdictView(store), settingsView(store), pages(store));
  store.onBusy((isBusy) => main.setAttribute("aria-busy", String(isBusy)));
  document.body.replaceChildren(headerView(store), main, footer());
  store.update(await arrived());
}

void start();
