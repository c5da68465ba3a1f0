/** What \`attestry id-block --help\` says. */
export const ID_BLOCK_HELP = `attestry id-block: the identity block of a guest, and the keys that sign it

Usage
  attestry id-block build --measurement HEX --policy HEX --id-key FILE [--author-key FILE]
                          [--family-id HEX] [--image-id HEX] [--guest-svn NUMBER] [--json]
  attestry id-block inspect --block FILE [--auth FILE] [--json]
  attestry id-block verify --block FILE --auth FILE [--json]
  attestry id-block verify REPORT --block FILE --auth FILE
                          --id-key-digest HEX|any --author-key-digest HEX|any [--json]
                          [--format NAME] [--certs DIR_OR_FILE] [--crl FILE] [--fetch [--kds URL]]
                          [--product-line LINE] [--at TIME] [--revocation WORD] [--anchors FILE]

  build     signs an ID block; prints it and its ID_AUTH in base64, as a VMM takes them, and the key digests
  inspect   shows what is in them; checks nothing
  verify    checks both signatures; with a report it verifies that one as attestry verify does, and then
            compares it with the block: every check is listed

  --measurement HEX        the launch digest, 48 bytes
  --policy HEX             the policy that the guest is launched with, such as 0x30000
  --family-id HEX          16 bytes; default zeros. --image-id likewise
  --guest-svn NUMBER       default 0
  --id-key FILE            the private key that signs the block: P-384, PEM, not encrypted
  --author-key FILE        the private key that signs the ID key, likewise; default none
  --block FILE             96 bytes, raw, hex or base64 text
  --auth FILE              4096 bytes, likewise
  --id-key-digest HEX      the ID keys that are trusted, with commas between; or the word any
  --author-key-digest HEX  the same for author keys; a digest demands an author key, the word demands none
  --json                   the result as JSON (schemas/id-block-build.v1.schema.json, and likewise the others)

  Other options are those of attestry verify. One of the files may be - for stdin.

Exit codes
  0   built, shown, or it holds                 4   CRL missing, stale or unavailable
  1   usage                                     6   block, ID_AUTH or evidence malformed
  2   a signature or a comparison does not hold 7   unsupported
  3   certificates missing or unavailable       70  internal error
`;
