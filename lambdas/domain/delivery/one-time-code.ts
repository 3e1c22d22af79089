import { timingSafeEqual } from 'node:crypto'

export type Code = {
  /** SHA-256 of token and code. */
  readonly hash: string
  /** ISO instant. */
  readonly until: string
  readonly tries: number
  readonly used: boolean
  /** ISO instants of the codes requested in the last hour, this one last. */
  readonly askedAt: readonly string[]
  /** Wrong tries over all codes of this link. */
  readonly wrong: number
}

export const codeLifetimeMs = 600_000
export const maxTriesPerCode = 5
export const maxCodesPerHour = 3
/** A second request this soon, in milliseconds, is a double click. */
export const pressedTwiceMs = 15_000
/** An attacker without the mailbox could guess for 90 days. After this number of wrong codes the link sends no more. */
export const maxWrongPerLink = 50

const hour = 3_600_000

type NextCode =
  | { readonly may: true; readonly code: Code }
  | { readonly may: false; readonly why: 'too many'; readonly from: string }
  | { readonly may: false; readonly why: 'given up' }
  | { readonly may: false; readonly why: 'on its way' }

export const nextCode = (seen: Code | undefined, hash: string, now: Date): NextCode => {
  if ((seen?.wrong ?? 0) >= maxWrongPerLink) return { may: false, why: 'given up' }
  if (seen && isOpen(seen, now) && now.getTime() - Date.parse(seen.askedAt.at(-1) ?? '') < pressedTwiceMs) {
    return { may: false, why: 'on its way' }
  }
  const recent = (seen?.askedAt ?? []).filter((at) => Date.parse(at) > now.getTime() - hour)
  const [oldest] = recent
  if (oldest !== undefined && recent.length >= maxCodesPerHour) {
    return { may: false, why: 'too many', from: new Date(Date.parse(oldest) + hour).toISOString() }
  }
  const until = new Date(now.getTime() + codeLifetimeMs).toISOString()
  const code = { hash, until, tries: 0, used: false, askedAt: [...recent, now.toISOString()], wrong: seen?.wrong ?? 0 }
  return { may: true, code }
}

type TriedCode =
  /** *used*: the right code, which was already used. */
  | { readonly kind: 'used' }
  | { readonly kind: 'over' }
  /** Valid only once `code` has been stored. */
  | { readonly kind: 'right'; readonly code: Code }
  | { readonly kind: 'wrong'; readonly code: Code; readonly left: number }

/** An expired code gives the same result for right and wrong tries. */
export const triedCode = (seen: Code | undefined, hash: string, now: Date): TriedCode => {
  const isRight = seen !== undefined && sameHash(seen.hash, hash)
  if (!seen || !isOpen(seen, now)) return { kind: isRight && seen.used ? 'used' : 'over' }
  if (isRight) return { kind: 'right', code: { ...seen, used: true } }
  const code = { ...seen, tries: seen.tries + 1, wrong: seen.wrong + 1 }
  return { kind: 'wrong', code, left: maxTriesPerCode - code.tries }
}

const isOpen = ({ used, tries, until }: Code, now: Date): boolean =>
  !used && tries < maxTriesPerCode && until > now.toISOString()

/** Compares in constant time, against timing attacks. */
const sameHash = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Returns the six digits of a typed or pasted code, or undefined. */
export const codeIn = (typed: string): string | undefined => {
  const digits = typed.replace(/[\s\u200b-\u200f\u2060-\ufeff.-]/g, '')
  return /^\d{6}$/.test(digits) ? digits : undefined
}
