import type { Plugin } from "vite";

/** What the browser lets a page do: run its own code, show its own styles, and talk to nobody or to key servers. */
function policyOf(connect: "'none'" | "https:"): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** Puts the Content-Security-Policy at the head of the page. The dev server, which reloads by socket, goes without. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: "content-security-policy",
    apply: "build",
    transformIndexHtml: (_, { path }) => {
      const content = policyOf(path === "/online.html" ? "https:" : "'none'");
      return [{ tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content }, injectTo: "head-prepend" }];
    },
  };
}
