/** Removes what has passed its retention. Figures, times, markings, names and the published attribution stay. */
import { createHmac } from 'node:crypto'
import { canonicalJson } from '../../core/text/canonical.ts'
import { isRecord } from '../../core/text/parse-json.ts'

export const removedText = {
  fr: 'Texte supprimé après la durée de conservation',
  en: 'Text removed after its retention',
} as const

/** Kinds that stay are left out. */
export type Removal = {
  readonly text?: boolean
  readonly address?: ((address: string) => string) | undefined
  readonly account?: ((reference: string) => string) | undefined
}

/** The zeros mark a substitute; a pseudonym begins with them once in four billion. */
const substitute = /^(acct-0{8}[0-9a-f]{16}|[0-9a-f]{24}\.removed\.invalid)$/

/** The same for the same value under one key; nothing leads back. A substitute stays. */
export const substitutesOf = (key: string) => {
  const digest = (value: string) => createHmac('sha256', key).update(value).digest('hex')
  const unlessDone = (made: (digits: string) => string) => (value: string) =>
    substitute.test(value) ? value : made(digest(value))
  return {
    accounts: unlessDone((digits) => `acct-00000000${digits.slice(0, 16)}`),
    addresses: unlessDone((digits) => `${digits.slice(0, 24)}.removed.invalid`),
  }
}

const dropped = new Set(['summary', 'claim', 'established', 'quotes', 'event', 'reported', 'note'])
/** Whether such a text exists may decide a level or a statement. */
const replaced = new Set(['title', 'label', 'evidence', 'text', 'of'])
const references = new Set(['accountRefs', 'coordinatedAccountRefs'])
const kept = new Set(['detector', 'observed'])

/** Accepts a detection, corrections, or a part of an account list. Returns the same text where nothing is removed. */
export const expiredJson = (json: string, { text, address, account }: Removal): string => {
  let hasChanged = false
  const replace = (value: string, by?: (value: string) => string): string => {
    const next = by?.(value) ?? value
    hasChanged ||= next !== value
    return next
  }
  const without = (value: unknown, isWorded = true): unknown => {
    if (Array.isArray(value)) return value.map((one) => without(one, isWorded))
    if (!isRecord(value)) return value
    const fields = Object.entries(value).flatMap(([name, one]) => {
      const isLocation = name === 'archiveUrl' || (name === 'url' && 'label' in value)
      // Counted as removed; in a young record, it keeps an indicator of the same address.
      if (isLocation) address?.(String(one))
      const isDropped = (text && isWorded && dropped.has(name)) || (address && isLocation)
      if (!isDropped) return [[name, kept.has(name) ? one : field(name, one, value, isWorded)]]
      hasChanged = true
      return []
    })
    return Object.fromEntries(fields)
  }
  const field = (name: string, value: unknown, of: object, isWorded: boolean): unknown => {
    if (text && isWorded && replaced.has(name) && isRecord(value)) {
      hasChanged ||= !('en' in value) || value.en !== removedText.en
      return removedText
    }
    if (references.has(name)) return (value as string[]).map((one) => replace(one, account))
    if (name !== 'value' || !('type' in of)) return without(value, isWorded && name !== 'actor')
    return of.type === 'hash' ? value : replace(String(value), of.type === 'account' ? account : address)
  }
  const stored: unknown = JSON.parse(json)
  const next = Array.isArray(stored) ? stored.map((one) => replace(String(one), account)) : without(stored)
  return hasChanged ? canonicalJson(next) : json
}
