const EXIT_CODES = `Exit codes
  0   accepted                                  4   CRL missing, stale or unavailable
  1   usage                                     5   the policy refused
  2   signature, chain or binding not trusted   6   evidence or policy malformed
  3   certificates missing or unavailable       7   unsupported
  70  internal error
`;

/** What \`attestry --help\` says. */
export const TOP_HELP = `attestry: verify AMD SEV-SNP attestation

Usage
  attestry inspect REPORT [--json]
  attestry verify REPORT --certs DIR_OR_FILE (--policy FILE | --signature-only) [more]
  attestry conformance

  inspect       shows every field of a report; checks nothing
  verify        checks signature, chain, revocation and binding, then a policy
  conformance   answers JSON Lines on stdin with one verdict a line

  attestry VERB --help says more; attestry --version says which version this is.

${EXIT_CODES}`;

/** What \`attestry inspect --help\` says. */
export const INSPECT_HELP = `attestry inspect: show every field of a report. Nothing is verified.

Usage
  attestry inspect REPORT [--json]

  REPORT    a file, or - for stdin: 1184 raw bytes, hex text or base64 text
  --json    the fields as JSON (schemas/inspect.v1.schema.json)

${EXIT_CODES}`;

/** What \`attestry verify --help\` says. */
export const VERIFY_HELP = `attestry verify: check a report's signature, chain, revocation and binding, then a policy

Usage
  attestry verify REPORT --certs DIR_OR_FILE [--crl FILE]
                  (--policy FILE [--report-data HEX] | --signature-only)
                  [--at TIME] [--revocation WORD] [--anchors FILE] [--json]

  REPORT              a file, or - for stdin: 1184 raw bytes, hex text or base64 text
  --certs DIR         a folder with vcek or vlek, ask or asvk, ark, crl as .der, .pem, .crt or .crl,
                      or with cert_chain as AMD's key server sends it
  --certs FILE        PEM certificates (and a CRL) in any order, or one certificate in DER
  --crl FILE          the CRL of the root, DER or PEM; wins over the folder's
  --policy FILE       the policy to appraise by, JSON
  --report-data HEX   the 64 bytes that REPORT_DATA must be, for a policy that asks the caller for them
  --signature-only    no policy: who signed the report and nothing else; never means "accepted"
  --at TIME           the time to judge by, as in 2026-09-01T00:00:00Z; default: this machine's clock
  --revocation WORD   require (default), if-available or skip; the last two weaken
  --anchors FILE      roots to trust instead of AMD's, PEM or DER
  --json              the result as JSON (schemas/verify.v1.schema.json), errors as JSON on stderr
                      (schemas/error.v1.schema.json)

  REPORT or one of the files may be - for stdin.

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
