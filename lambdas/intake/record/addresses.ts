import { isIP } from 'node:net'
import { refang } from '../../domain/core/text/defang.ts'
import type { DetectionInput } from '../../domain/detection/detection.ts'

type Indicator = NonNullable<DetectionInput['indicators']>[number]

type Address = { readonly type: Exclude<Indicator['type'], 'account' | 'other'>; readonly value: string }

const longest = 4096

/** The fast path for nearly all lists. */
const plainDomain = /^(?:[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.|\[\.\]))+[a-z]{2,}$/i
const maxDomainChars = 253

/** Domains become lower case. */
export const addressOf = (text: string): Address | undefined => {
  if (text.length <= maxDomainChars && plainDomain.test(text)) {
    return { type: 'domain', value: text.replaceAll('[.]', '.').toLowerCase() }
  }
  const value = refang(text)
  if (value.length > longest || /\s|\p{C}/u.test(value)) return undefined
  if (/^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i.test(value)) return { type: 'hash', value }
  if (/^[^\s@/:]+@[^\s@/]+\.[^\s@/]+$/.test(value)) return { type: 'email', value }
  if (looksLikeIp(value)) return { type: 'ip', value }
  if (looksLikeHost(value)) return { type: 'domain', value: value.toLowerCase() }
  return looksLikeUrl(value) ? { type: 'url', value } : undefined
}

// Some sources defang in part; brackets are only removed for parsing.
const unbracketed = (text: string): string => text.replace(/\[(\.|:\/\/|@|:)\]/g, '$1')

export const looksLikeHost = (text: string): boolean =>
  /^(?:\*\.)?(?:[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_-]*[\p{L}\p{N}\p{M}])?\.)+(?:\p{L}[\p{L}\p{N}\p{M}-]+)\.?$/u.test(
    unbracketed(text),
  )

export const looksLikeIp = (text: string): boolean => isIP(unbracketed(text).replace(/\/\d{1,3}$/, '')) > 0

export const looksLikeUrl = (text: string): boolean => {
  const plain = unbracketed(text).replace(/^\[(\w+)\]:/, '$1:')
  return (
    /^(?:https?|hxxps?|ftp|tg):\/\/[^\s/]+\S*$/i.test(plain) ||
    (/^[^\s/]+\/\S*$/.test(plain) &&
      (looksLikeHost(plain.split('/')[0] ?? '') || looksLikeIp(plain.split('/')[0] ?? '')))
  )
}
