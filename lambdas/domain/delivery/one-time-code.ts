/** The one-time code of a link: how long it counts, how often it may be tried, how many may be asked for. */
import { timingSafeEqual } from 'node:crypto'

/** What is kept of the codes of one link: the last one, and how many there were. */
export type Code = {
  /** SHA-256 of token and code. */
  readonly hash: string
  /** ISO instant. */
  readonly until: string
  /** Wrong ones so far. */
  readonly tries: number
  /** It opened something. */
  readonly used: boolean
  /** When the codes of the last hour were asked for, this one last: ISO instants. */
  readonly askedAt: readonly string[]
  /** Wrong tries of all codes that this link ever had. */
  readonly wrong: number
}

/** How long a code counts, in milliseconds. */
export const codeLifetimeMs = 600_000
/** So many wrong ones, and it counts no longer. */
export const maxTriesPerCode = 5
export const maxCodesPerHour = 3
/** Asked for again so soon, in milliseconds, it is the button that was pressed twice: the code is on its way. */
export const pressedTwiceMs = 15_000
/**
 * A person with a link but without its mailbox may guess for 90 days: after so many wrong codes the link asks for none.
 */
export const maxWrongPerLink = 50

const hour = 3_600_000

type NextCode =
  | { readonly may: true; readonly code: Code }
  | { readonly may: false; readonly why: 'too many'; readonly from: string }
  | { readonly may: false; readonly why: 'given up' }
  | { readonly may: false; readonly why: 'on its way' }

/** A new code in the place of the one seen, if another may be asked for. */
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
  /** *used*: the right one, which has opened what it could. */
  | { readonly kind: 'used' }
  | { readonly kind: 'over' }
  /** It counts once what is written down of it is `code`. */
  | { readonly kind: 'right'; readonly code: Code }
  | { readonly kind: 'wrong'; readonly code: Code; readonly left: number }

/** What a try comes to: nothing where no code counts any more, whether it is the right one or not. */
export const triedCode = (seen: Code | undefined, hash: string, now: Date): TriedCode => {
  const isRight = seen !== undefined && sameHash(seen.hash, hash)
  if (!seen || !isOpen(seen, now)) return { kind: isRight && seen.used ? 'used' : 'over' }
  if (isRight) return { kind: 'right', code: { ...seen, used: true } }
  const code = { ...seen, tries: seen.tries + 1, wrong: seen.wrong + 1 }
  return { kind: 'wrong', code, left: maxTriesPerCode - code.tries }
}

/** It may still be tried. */
const isOpen = ({ used, tries, until }: Code, now: Date): boolean =>
  !used && tries < maxTriesPerCode && until > now.toISOString()

/** In a time that does not tell how much of it is right. */
const sameHash = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** The digits of a code as it was typed or pasted; undefined where these are not six. */
export const codeIn = (typed: string): string | undefined => {
  const digits = typed.replace(/[\s\u200b-\u200f\u2060-\ufeff.-]/g, '')
  return /^\d{6}$/.test(digits) ? digits : undefined
}
