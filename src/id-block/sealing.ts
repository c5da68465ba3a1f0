import { assertVerified } from "../verify/record.js";
import type { VerifiedEvidence } from "../verify/types.js";
import { type KeyEvent, keyEvents } from "./sealing-events.js";
import { fieldSelectOf, type MixedField, mixedFields } from "./sealing-fields.js";
import {
  type DerivedKeyField,
  type DerivedKeyRoot,
  type DerivedKeySelection,
  KEY_FIELD_NAMES,
  readSelection,
} from "./sealing-selection.js";
import { type KeyWarning, keyObstacles, keyWarnings, whoElse } from "./sealing-warnings.js";

/** What a sealing key hangs on: frozen and JSON-safe. */
export interface DerivedKeyDescription {
  readonly rootKey: DerivedKeyRoot;
  /** GUEST_FIELD_SELECT of the request, as hex with 0x. */
  readonly guestFieldSelect: string;
  /** What goes into the key, with the values that it has for this guest. */
  readonly mixedIn: readonly MixedField[];
  /** What could go in and does not. */
  readonly leftOut: readonly DerivedKeyField[];
  /** Why firmware would refuse this guest the key. None means that the report shows no reason, not that it grants it. */
  readonly obstacles: readonly KeyWarning[];
  /** What each event does to the key. */
  readonly events: readonly KeyEvent[];
  /** Who else derives the same key, in sentences. */
  readonly whoElse: readonly string[];
  readonly warnings: readonly KeyWarning[];
}

/**
 * What the key depends on that firmware derives for this guest (MSG_KEY_REQ, Linux `SNP_GET_DERIVED_KEY`), for a report
 * that was verified and a request that the guest would make: what is mixed in, what changes the key, who else could
 * derive it, and what people learnt the hard way.
 *
 * It derives nothing, judges nothing and knows no key. The report does not say which key a guest asked for: that it
 * makes this very request is what the measured image has to see to.
 *
 * @param verified - what `verifyEvidence` returned; a look-alike is a TypeError
 * @throws TypeError for a selection that is wrong: an unknown name, a value without its field or a field without its
 * value, a TCB that is not of the product line.
 *
 * Source: AMD 56860, MSG_KEY_REQ; the warnings follow public discussions and papers on SEV-SNP sealing.
 */
export function describeDerivedKey(verified: VerifiedEvidence, selection: DerivedKeySelection): DerivedKeyDescription {
  const record = assertVerified(verified);
  const request = readSelection(selection, record);
  return Object.freeze({
    rootKey: request.rootKey,
    guestFieldSelect: fieldSelectOf(request),
    mixedIn: mixedFields(record, request),
    leftOut: Object.freeze(KEY_FIELD_NAMES.filter((name) => !request.fields.has(name))),
    obstacles: keyObstacles(record, request),
    events: keyEvents(request),
    whoElse: whoElse(request),
    warnings: keyWarnings(record, request),
  });
}
