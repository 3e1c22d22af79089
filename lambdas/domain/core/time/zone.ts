/** A time zone by its IANA name. */
import * as z from 'zod'

export const zoneSchema = z.string().refine(isZone, 'must be an IANA time zone such as Pacific/Noumea')

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false // there is no such zone, and the schema says so
  }
}
