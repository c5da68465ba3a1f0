import { EXIT_CODES, REPORT_LINES, SOURCE_LINES } from "./help.js";

/** What `attestry advisories --help` says. */
export const ADVISORIES_HELP = `attestry advisories: which published weaknesses of the platform a verified report shows to be fixed

Usage
  attestry advisories REPORT [--format NAME] [--certs DIR_OR_FILE] [--crl FILE] [--fetch [--kds URL]]
                      [--product-line LINE] [--at TIME] [--revocation WORD] [--anchors FILE]
                      [--data FILE] [--fail-on vulnerable] [--json]

${REPORT_LINES}${SOURCE_LINES}  --at TIME           the time to judge by, as in 2026-09-01T00:00:00Z; default: this machine's clock
  --revocation WORD   require (default), if-available or skip; the last two weaken
  --anchors FILE      roots to trust instead of AMD's, PEM or DER
  --data FILE         a data set of advisories, JSON (schemas/advisories.v1.schema.json); default: the
                      built-in one
  --fail-on vulnerable
                      exit with 5 where the report falls short of an advisory
  --json              the result as JSON (schemas/assessment.v1.schema.json), errors as JSON on stderr
                      (schemas/error.v1.schema.json)

  The report is verified first, as by attestry verify. That an advisory is fixed accepts nothing: that
  is for a policy, which can require it by its key advisories.

${EXIT_CODES}`;
