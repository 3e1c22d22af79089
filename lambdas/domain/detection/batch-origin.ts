/** The origin of records without a file. File names are arbitrary and cannot encode it. */
export type BatchOrigin =
  | { readonly kind: 'correction'; readonly id: string }
  | { readonly kind: 'candidate'; readonly id: string; readonly by: string }
  | { readonly kind: 'program'; readonly name: string }

export const originName = (origin: BatchOrigin): string => {
  if (origin.kind === 'correction') return `correction of ${origin.id}`
  return origin.kind === 'candidate' ? `candidate ${origin.id}, signed by ${origin.by}` : `api:${origin.name}`
}
