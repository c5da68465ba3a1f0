import { FORMATS } from "./formats.js";

/** The names of the containers, in lines that begin after `indent` spaces. */
function formatNames(indent: number): string {
  const lines: string[] = [];
  for (const { name } of FORMATS) {
    const line = lines.at(-1);
    if (line === undefined || line.length + name.length + 3 > 78) lines.push(name);
    else lines[lines.length - 1] = `${line}, ${name}`;
  }
  return lines.map((line) => " ".repeat(indent) + line).join(",\n");
}

/** The exit codes of every verb that verifies. */
export const EXIT_CODES = `Exit codes
  0   accepted                                  4   CRL missing, stale or unavailable
  1   usage                                     5   the policy refused
  2   signature, chain or binding not trusted   6   evidence or policy malformed
  3   certificates missing or unavailable       7   unsupported
  70  internal error
`;

/** What \`attestry --help\` says. */
export const TOP_HELP = `attestry: verify AMD SEV-SNP attestation

Usage
  attestry inspect REPORT [more]
  attestry verify REPORT [--certs DIR_OR_FILE] [--fetch] (--policy FILE | --signature-only) [more]
  attestry fetch REPORT --out DIR [more]
  attestry bundle REPORT --out FILE [--certs DIR_OR_FILE] [--fetch] [more]
  attestry measure --firmware FILE [more]
  attestry measure explain --actual HEX --firmware FILE [more]
  attestry id-block build|inspect|verify [more]
  attestry policy check|explain|digest|import|schema [FILE]
  attestry advisories REPORT [more]
  attestry conformance

  inspect       shows every field of a report; checks nothing
  verify        checks signature, chain, revocation and binding, then a policy
  fetch         downloads a report's certificates from AMD's key server
  bundle        puts a report and all its certificates into one file that verifies with no network
  measure       computes the launch digest that a guest must have, or explains the one that it has
  id-block      builds, shows and verifies the identity block of a guest
  policy        checks a policy, explains what it demands and leaves open, imports those of others
  advisories    says which published weaknesses a verified report shows to be fixed
  conformance   answers JSON Lines on stdin with one verdict a line

  attestry VERB --help says more; attestry --version says which version this is.

${EXIT_CODES}`;

/** The operand of a verb that reads a report, and its format. */
export const REPORT_LINES = `  REPORT              a file, or - for stdin: a report (raw, hex, base64), or a container with one
  --format NAME       the container that REPORT is, where its shape does not tell:
${formatNames(22)}
`;

/** Where certificates come from, as \`verify\` and \`bundle\` have it. */
export const SOURCE_LINES = `  --certs DIR         a folder with vcek or vlek, ask or asvk, ark, crl as .der, .pem, .crt or .crl,
                      or with cert_chain as AMD's key server sends it
  --certs FILE        PEM certificates (and a CRL) in any order, one certificate in DER, a certificate
                      table, or what Azure's THIM answers
  --crl FILE          the CRL of the root, DER or PEM; wins over every other
  --fetch             ask AMD's key server for what REPORT and --certs lack
  --kds URL           with --fetch: ask this server instead, one with the same paths
  --product-line LINE Milan, Genoa or Turin, where neither report nor certificates say (version 2)
`;

/** What \`attestry inspect --help\` says. */
export const INSPECT_HELP = `attestry inspect: show every field of a report. Nothing is verified.

Usage
  attestry inspect REPORT [--format NAME] [--json]

${REPORT_LINES}  --json              the fields as JSON (schemas/inspect.v1.schema.json)

${EXIT_CODES}`;

/** What \`attestry verify --help\` says. */
export const VERIFY_HELP = `attestry verify: check a report's signature, chain, revocation and binding, then a policy

Usage
  attestry verify REPORT [--format NAME] [--certs DIR_OR_FILE] [--crl FILE] [--fetch [--kds URL]]
                  (--policy FILE [--report-data HEX] [--advisories FILE] | --signature-only)
                  [--product-line LINE] [--at TIME] [--revocation WORD] [--anchors FILE] [--json]

${REPORT_LINES}${SOURCE_LINES}  --policy FILE       the policy to appraise by, JSON
  --report-data HEX   the 64 bytes that REPORT_DATA must be, for a policy that asks the caller for them
  --advisories FILE   the data set for a policy that requires fixed advisories; default: built in
  --signature-only    no policy: who signed the report and nothing else; never means "accepted"
  --at TIME           the time to judge by, as in 2026-09-01T00:00:00Z; default: this machine's clock
  --revocation WORD   require (default), if-available or skip; the last two weaken
  --anchors FILE      roots to trust instead of AMD's, PEM or DER
  --json              the result as JSON (schemas/verify.v1.schema.json), errors as JSON on stderr
                      (schemas/error.v1.schema.json)

  Certificates that came with the report are used first, then those of --certs, then the key server's.
  One that is there and bad is an error; no other takes its place. REPORT or one of the files may be -.

${EXIT_CODES}`;

/** What \`attestry fetch --help\` says. */
export const FETCH_HELP = `attestry fetch: download the certificates of a report, verify them with it, and write them to files

Usage
  attestry fetch REPORT --out DIR [--crl] [--format snpguest|table|bundle] [--kds URL]
                 [--certs DIR_OR_FILE] [--from NAME] [--product-line LINE] [--anchors FILE]
                 [--force] [--json]

  REPORT              a file, or - for stdin: a report (raw, hex, base64), or a container with one
  --out DIR           the folder to write to; made where it is not there
  --crl               download the CRL as well
  --format snpguest   vcek.der or vlek.der, ask.der or asvk.der, ark.der, with --crl crl.der; default
  --format table      certificates.bin, the certificate table as a hypervisor hands it out
  --format bundle     bundle.bin, report and table in one file, always with the CRL
  --kds URL           ask this server instead of https://kdsintf.amd.com, one with the same paths
  --certs DIR_OR_FILE what you have already, as in attestry verify; it is not downloaded
  --from NAME         the container that REPORT is, where its shape does not tell; the names are those
                      of --format in attestry verify
  --product-line LINE Milan, Genoa or Turin, where the report does not name it (version 2)
  --anchors FILE      roots to trust instead of AMD's, PEM or DER
  --force             write over files that are there
  --json              the result as JSON (schemas/fetch.v1.schema.json)

  Certificates that came with the report, or that --certs has, are not downloaded. AMD's key server
  hands out no VLEK, and VCEKs slowly: on a terminal, stderr says what is waited for. What does not
  verify is not written. A proxy is read from the environment (HTTPS_PROXY).

${EXIT_CODES}`;

/** What \`attestry bundle --help\` says. */
export const BUNDLE_HELP = `attestry bundle: put a report and all its certificates into one file that verifies with no network

Usage
  attestry bundle REPORT --out FILE [--format NAME] [--certs DIR_OR_FILE] [--crl FILE]
                  [--fetch [--kds URL]] [--product-line LINE] [--at TIME] [--anchors FILE]
                  [--force] [--json]

${REPORT_LINES}  --out FILE          the file to write: the report, then the certificate table of the GHCB with
                      VCEK or VLEK, ASK or ASVK, ARK and CRL
${SOURCE_LINES}  --at TIME           the time to judge by, as in 2026-09-01T00:00:00Z; default: this machine's clock
  --anchors FILE      roots to trust instead of AMD's, PEM or DER
  --force             write over a file that is there
  --json              the result as JSON (schemas/bundle.v1.schema.json)

  What does not verify is not written. Give the file to attestry verify, or to openExtendedReport.

${EXIT_CODES}`;

/** What \`attestry conformance --help\` says. */
export const CONFORMANCE_HELP = `attestry conformance: answer JSON Lines on stdin with one verdict a line on stdout

Usage
  attestry conformance < lines.jsonl

  Line in    {"id", "report", "leaf"?, "intermediate"?, "root"?, "crl"?, "anchors", "now",
              "revocation"?, "productLine"?, "policy"?}
             bytes in base64; anchors: "amd" or a list of root certificates in base64; now: RFC 3339
             (schemas/conformance-request.v1.schema.json)
  Line out   {"id", "verdict", "stage", "code", "failures"?}
             verdict: accept or reject; stage: parse, verify, policy or done
             (schemas/conformance-response.v1.schema.json)

  A line that cannot be read is answered too. Lines are at most 1 MiB.

Exit codes
  0   every line was answered
  1   usage
  70  internal error, at some line or of the stream
`;
