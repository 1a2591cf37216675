/** One output in several forms, keyed by MIME type; the front end shows the richest form it knows. */
export type MimeBundle = Record<string, unknown>;
