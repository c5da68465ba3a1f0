/** A page of the documentation: its Markdown, from the project's root, and what the navigation calls it. */
export interface Page {
  readonly source: string;
  readonly label: string;
}

/** Pages that belong together. */
export interface Section {
  readonly title: string;
  readonly pages: readonly Page[];
}

const page = (source: string, label: string): Page => ({ source, label });

/** Every page, in the order in which one may read them. A test sees that none of docs/ is missing. */
export const SECTIONS: readonly Section[] = [
  {
    title: "Guides",
    pages: [
      page("README.md", "Overview"),
      page("docs/guides/start.md", "Start"),
      page("docs/guides/service.md", "Verify in a service"),
      page("docs/guides/browser.md", "Verify in a browser"),
      page("docs/guides/policies.md", "Write a policy"),
      page("docs/guides/collateral.md", "Get certificates"),
      page("docs/guides/measure.md", "Measure an image"),
      page("docs/guides/flow.md", "Challenge, result, release"),
      page("docs/guides/testing.md", "Test with the forge"),
      page("docs/guides/security-model.md", "The security model"),
      page("docs/guides/performance.md", "Make it fast"),
      page("docs/guides/from-go-sev-guest.md", "Coming from go-sev-guest"),
      page("docs/guides/from-snpguest.md", "Coming from snpguest"),
    ],
  },
  {
    title: "Reference",
    pages: [
      page("docs/policy.md", "Policy language"),
      page("docs/report-layout.md", "Report, byte by byte"),
      page("docs/evidence.md", "Containers"),
      page("docs/collateral.md", "Certificates and CRLs"),
      page("docs/challenge.md", "Challenges"),
      page("docs/result.md", "Results"),
      page("docs/release.md", "Release of secrets"),
      page("docs/flow.md", "The whole flow"),
      page("docs/measure.md", "Launch digests"),
      page("docs/id-block.md", "ID blocks"),
      page("docs/advisories.md", "Advisories"),
      page("docs/importing.md", "Importing policies"),
      page("docs/forge.md", "The forge"),
      page("docs/cli.md", "The command"),
      page("docs/site.md", "The page"),
      page("docs/errors.md", "Errors"),
    ],
  },
  {
    title: "Project",
    pages: [
      page("SECURITY.md", "Security"),
      page("docs/architecture.md", "Architecture"),
      page("docs/testing.md", "How it is tested"),
      page("docs/performance.md", "Measured performance"),
      page("docs/load.md", "Under load"),
      page("docs/runtimes.md", "Runtimes"),
      page("docs/dependencies.md", "Dependencies"),
      page("vectors/README.md", "Test vectors"),
      page("examples/relying-party/README.md", "Example service"),
      page("CONTRIBUTING.md", "Contributing"),
      page("CHANGELOG.md", "Changes"),
    ],
  },
];

/** All pages, one after the other. */
export const PAGES: readonly Page[] = SECTIONS.flatMap(({ pages }) => pages);

/** Where a page of the project lies in the built documentation. */
export function pathOfPage(source: string): string {
  if (source === "README.md") return "index.html";
  const inDocs = source.replace(/^docs\//, "");
  const named = inDocs.replace(/\/README\.md$/, ".md").replace(/\.md$/, ".html");
  return named.includes("/") ? named : named.toLowerCase();
}
