/** What both verbs say of the guest. */
const GUEST_LINES = `  --firmware FILE     the OVMF image below 4 GiB: the code, or code and variables in one
  --kernel FILE       a kernel that the VMM boots directly with kernel-hashes=on
  --initrd FILE       its initrd
  --append TEXT       its command line, exactly, without a line feed at its end
  --vmm NAME          qemu (default), ec2, gce or svsm
  --svsm FILE         with --vmm svsm: the SVSM image
  --vars-size N       with --vmm svsm: the size of the variable store below the firmware
  --vcpu-type NAME    the CPU model, as EPYC-Milan, or EAX of CPUID leaf 1 as 0x...; qemu and svsm measure it
`;

/** What \`attestry measure --help\` says. */
export const MEASURE_HELP = `attestry measure: compute the launch digest (MEASUREMENT) that a guest must have

Usage
  attestry measure --firmware FILE [--kernel FILE [--initrd FILE] [--append TEXT]]
                   [--vmm NAME] [--vcpu-type NAME] [--vcpus LIST] [--features LIST] [--json | --policy]
  attestry measure explain --actual HEX --firmware FILE [the same] [--vcpus N] [--features N]
                   [--max-vcpus N] [--json]

${GUEST_LINES}  --vcpus LIST        vCPU counts, as 1,2,4 or 1-8; default 1
  --features LIST     SEV_FEATURES, as 0x1,0x21; default 0x1
  --json              the digests as JSON (schemas/measure.v1.schema.json)
  --policy            the digests as a rule for a policy's allOf

  explain             says which change of these inputs gives a digest that was measured
  --actual HEX        MEASUREMENT of the report, 96 hex digits
  --max-vcpus N       vCPU counts to try, from 1 on; default 256
  --json              what was found as JSON (schemas/measure-explain.v1.schema.json)

  One of the files may be - for stdin.

Exit codes
  0   computed; explain: the inputs match, or a change explains the digest
  1   usage
  5   explain: nothing in the search gives the digest
  6   the image is malformed
  7   unsupported: the image cannot be launched like this
  70  internal error
`;
