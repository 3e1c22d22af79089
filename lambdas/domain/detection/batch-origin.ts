/** What brought records that came in no file. A file may have any name, so that names do not say it. */
export type BatchOrigin =
  /** A person corrected the detection of this id. */
  | { readonly kind: 'correction'; readonly id: string }
  /** A person signed what a run had found. */
  | { readonly kind: 'candidate'; readonly id: string; readonly by: string }
  /** A program sent them to the API. */
  | { readonly kind: 'program'; readonly name: string }

/** What stands in the place of a file's name. */
export const originName = (origin: BatchOrigin): string => {
  if (origin.kind === 'correction') return `correction of ${origin.id}`
  return origin.kind === 'candidate' ? `candidate ${origin.id}, signed by ${origin.by}` : `api:${origin.name}`
}
