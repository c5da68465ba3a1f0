/** What `attestry policy --help` says. */
export const POLICY_HELP = `attestry policy: look at a policy before evidence meets it

Usage
  attestry policy check FILE [--json]
  attestry policy explain FILE [--json]
  attestry policy digest FILE
  attestry policy schema

  check     reads the policy whole and names the first mistake; warns of what may not be meant
  explain   says in sentences what the policy demands and what it leaves open
  digest    prints SHA-384 of the policy's canonical form (RFC 8785), as results show it
  schema    prints the JSON Schema of policies, for editors and other validators

  FILE      the policy, JSON; - for stdin
  --json    the result as JSON, errors as JSON on stderr (schemas/error.v1.schema.json)

Exit codes
  0   the policy is in order, warnings or not
  1   usage
  6   the policy is malformed
  70  internal error
`;
