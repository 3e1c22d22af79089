import { Temporal } from 'temporal-polyfill'
import { type Fault, fault } from '../../domain/core/fault.ts'
import { maximum } from '../../domain/core/lists.ts'

const blanks = new Set(['', 'NA', 'NaN', 'NaT', 'None', 'null'])

const longestBlank = maximum([...blanks].map((blank) => blank.length))

export const isBlank = (cell: string): boolean => {
  const text = cell.trim()
  return text.length <= longestBlank && blanks.has(text)
}

const maxIdChars = 256

export const idProblem = (cell: string): Fault | undefined => {
  if (cell.trim() === '') return fault('id.empty')
  // As an id it would connect all accounts whose id is unknown.
  if (isBlank(cell)) return fault('id.placeholder', { text: cell })
  if (/^\d[.,]\d+E\+?\d+$/i.test(cell)) {
    return fault('id.rounded', { text: cell })
  }
  if (cell.length > maxIdChars) return fault('id.tooLong', { length: cell.length, max: maxIdChars })
  if (/^[ -~]+$/.test(cell)) return undefined
  return /(?![\u200c\u200d])[\p{C}\p{Zl}\p{Zp}]/u.test(cell) ? fault('text.unprintable') : undefined
}

/** Milliseconds since 1970 UTC, or why there are none. */
type WrittenInstant = { readonly at: number } | { readonly none: 'blank' | 'no offset' | 'zone' | 'unreadable' }

/** Other abbreviations, such as IST or AST, have several meanings. */
export const zoneOffsets: Readonly<Record<string, string>> = {
  ...{ UTC: 'Z', GMT: 'Z', EST: '-0500', EDT: '-0400', CST: '-0600', CDT: '-0500', MST: '-0700' },
  ...{ MDT: '-0600', PST: '-0800', PDT: '-0700', CET: '+0100', CEST: '+0200', BST: '+0100' },
}

const first = Date.UTC(1990)
const last = Date.UTC(2100)

/** Seconds, or thousandths, millionths or billionths of one. */
const unix = /^(\d{9,10})(\d{3}|\d{6}|\d{9})?(?:[.,](\d*))?$/
/** `Wed May 15 01:21:00 +0000 2024` */
const ofX = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2}) (\d{4})$/
/** `Wed, 15 May 2024 01:21:00 GMT` */
const ofMail = /^[A-Z][a-z]{2}, (\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}:\d{2}) (?:GMT|UTC|([+-]\d{2})(\d{2}))$/
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** ISO 8601 and manual exports: `15/05/2024 09:12:03`, `2024-05-15 9h12`, with or without offset. */
const local =
  /^(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})\/(\d{1,2})\/(\d{4}))(?:\s*[T,à]\s*|\s+)(\d{1,2})[:h](\d{2})(?:(:\d{2})([.,]\d{1,9})?)?\s*(?:(Z)|([+-]\d{2})(?::?(\d{2}))?)?$/i
const ofNoZone = /^\d{4}-\d{2}-\d{2}$|^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?:[ T,].*)?$/

/**
 * Reads ISO 8601, Unix time, the formats of X's first API and of mails, or day/month/year with a time.
 * @param zone IANA zone of times without offset
 */
export const instantIn = (cell: string, zone?: string): WrittenInstant => {
  const text = cell.trim()
  if (isBlank(text)) return { none: 'blank' }
  const count = unix.exec(text)
  if (count) {
    const [, seconds = '', rest = '', fraction = ''] = count
    return likely(Number(seconds) * 1_000 + Number(`${rest || fraction}000`.slice(0, 3)))
  }
  const written = localIn(text, zone)
  if (written) return written
  const x = ofX.exec(text)
  if (x) {
    const [, month = '', day = '', clock = '', hours = '', minutes = '', year = ''] = x
    return existing(`${year}-${monthOf(month)}-${day}T${clock}${hours}:${minutes}`)
  }
  const mail = ofMail.exec(text)
  if (mail) {
    const [, day = '', month = '', year = '', clock = '', hours = '+00', minutes = '00'] = mail
    return existing(`${year}-${monthOf(month)}-${day.padStart(2, '0')}T${clock}${hours}:${minutes}`)
  }
  const [, plain, name = ''] = /^(.*:\d.*?)\s+(?![AP]M$)([A-Z]{2,5})$/.exec(text) ?? []
  if (name) return name in zoneOffsets ? instantIn(`${plain} ${zoneOffsets[name]}`) : { none: 'zone' }
  return { none: ofNoZone.test(text) ? 'no offset' : 'unreadable' }
}

const localIn = (text: string, zone: string | undefined): WrittenInstant | undefined => {
  const found = local.exec(text)
  if (!found) return undefined
  const [, year = found[6], month = found[5] ?? '', day = found[4] ?? ''] = found
  const [hour = '', minute, seconds = ':00', fraction = '', zulu, hours, minutes = '00'] = found.slice(7)
  const clock = `${hour.padStart(2, '0')}:${minute}${seconds}${fraction.replace(',', '.')}`
  const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T${clock}`
  if (zulu) return existing(`${written}Z`)
  if (hours) return existing(`${written}${hours}:${minutes}`)
  if (zone === undefined) return { none: 'no offset' }
  try {
    return likely(Temporal.PlainDateTime.from(written).toZonedDateTime(zone).epochMilliseconds)
  } catch {
    return { none: 'unreadable' }
  }
}

const monthOf = (name: string): string => String(months.indexOf(name) + 1).padStart(2, '0')

const existing = (text: string): WrittenInstant => {
  // UTC times parse several times as fast this way. `Date.parse` turns nonexistent days into others.
  const at = text.endsWith('Z') ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at) && new Date(at).getUTCDate() === Number(text.slice(8, 10))) return likely(at)
  try {
    return likely(Temporal.Instant.from(text).epochMilliseconds)
  } catch {
    return { none: 'unreadable' } // no such day or hour; the caller names it
  }
}

const likely = (at: number): WrittenInstant => (at >= first && at < last ? { at } : { none: 'unreadable' })
