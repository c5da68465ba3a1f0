/** The longest secret: 64 KiB. More is data, whose key is the secret. */
export const MAX_SECRET_BYTES = 65_536;

/** Bytes that AES-GCM adds. */
export const TAG_BYTES = 16;
