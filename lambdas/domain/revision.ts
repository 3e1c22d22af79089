/** What becomes of a detection that comes in under an id which may already be known. */
import { canonicalHash } from './canonical.ts'
import type { Detection } from './detection.ts'

/** What the store knows of a detection's latest revision. */
export type Latest = {
  readonly revision: number
  readonly status: 'active' | 'withdrawn'
  readonly contentSha256: string
  /** Why it was withdrawn. */
  readonly reason?: string | undefined
}

export type Decision =
  | { readonly kind: 'new' | 'revised'; readonly revision: number }
  /** The same content is there: nothing changes. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused'; readonly message: string }

/** Equal for two records that say the same, whatever revision they claim. */
export const contentSha256 = ({ revision: _, ...content }: Detection): string => canonicalHash(content)

/**
 * A detection that says something new gets the next revision, or the higher one that it claims. What was withdrawn stays
 * so: a detector that sends it again must not bring it back unseen.
 */
export const decide = (latest: Latest | undefined, detection: Detection, sha256: string): Decision => {
  const claimed = detection.revision
  if (!latest) return { kind: 'new', revision: claimed ?? 1 }
  if (sha256 === latest.contentSha256) return { kind: 'duplicate' }
  if (latest.status === 'withdrawn') {
    return {
      kind: 'refused',
      message: `was withdrawn (${latest.reason ?? 'no reason kept'}): send what is right now under an id of its own`,
    }
  }
  if (claimed !== undefined && claimed <= latest.revision) {
    return {
      kind: 'refused',
      message: `revision ${claimed} says something else than the stored revision ${latest.revision}: give it a higher number, or leave the number out`,
    }
  }
  return { kind: 'revised', revision: claimed ?? latest.revision + 1 }
}
