/** What `attestry policy --help` says. */
export const POLICY_HELP = `attestry policy: look at a policy before evidence meets it, or import one

Usage
  attestry policy check FILE [--json]
  attestry policy explain FILE [--json]
  attestry policy digest FILE
  attestry policy import FORMAT FILE [--measurement HEX[,HEX...]] [--json]
  attestry policy schema

  check     reads the policy whole and names the first mistake; warns of what may not be meant
  explain   says in sentences what the policy demands and what it leaves open
  digest    prints SHA-384 of the policy's canonical form (RFC 8785), as results show it
  import    makes a policy of another system's: the policy on stdout, on stderr what of it differs
  schema    prints the JSON Schema of policies, for editors and other validators

  FILE      the policy, JSON; - for stdin
  FORMAT    whose policy FILE is:
            ccf            CCF's join policy (JSON)
            constellation  Constellation's configuration (YAML or JSON)
            contrast       Contrast's manifest (JSON)
            go-sev-guest   go-sev-guest's check configuration (textproto or JSON)
            nitride        Nitride's policy and identities (JSON)
            oak            Oak's reference values (textproto)
            snpguest       the flags of snpguest verify attestation (text)
            tinfoil        tinfoil's platform endorsements (JSON)
            trustee        Trustee's reference values (JSON)
  --measurement HEX   with oak: launch digests that stand for the endorsement it asks for
  --json    the result as JSON, errors as JSON on stderr (schemas/error.v1.schema.json); of import
            policy and notes in one (schemas/policy-import.v1.schema.json)

Exit codes
  0   the policy is in order, warnings or not; imported, notes or not
  1   usage
  6   the policy is malformed, or what was to be imported
  70  internal error
`;
