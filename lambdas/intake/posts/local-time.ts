/** Times as people's exports write them: by a zone that is stated beside them, or with their offset at the end. */
import { Temporal } from 'temporal-polyfill'

const form =
  /^(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})\/(\d{1,2})\/(\d{4}))(?:\s*[T,à]\s*|\s+)(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([+-]\d{2}:?\d{2}|Z)?$/i

/**
 * Milliseconds since 1970 UTC of day/month/year or year-month-day with hours and minutes; *impossible* where there is no such day or time;
 * undefined for anything else, and where it says no offset and no zone is given.
 * @param zone an IANA zone, for times that do not say their offset
 */
export const localTime = (written: string, zone?: string): number | 'impossible' | undefined => {
  const found = form.exec(written.trim())
  if (!found) return undefined
  const [, year = found[6], month = found[5], day = found[4]] = found
  const [hour, minute, second = 0, fraction = ''] = [found[7], found[8], found[9], found[10]]
  const offset = found[11]
  const timeZone = offset === undefined ? zone : /^z$/i.test(offset) ? 'UTC' : withColon(offset)
  if (timeZone === undefined) return undefined
  try {
    return Temporal.ZonedDateTime.from(
      {
        ...{ year: Number(year), month: Number(month), day: Number(day) },
        millisecond: Number(fraction.padEnd(3, '0').slice(0, 3)),
        ...{ hour: Number(hour), minute: Number(minute), second: Number(second), timeZone },
      },
      { overflow: 'reject' },
    ).epochMilliseconds
  } catch {
    return 'impossible'
  }
}

const withColon = (offset: string): string => offset.replace(/^([+-]\d{2}):?(\d{2})$/, '$1:$2')
