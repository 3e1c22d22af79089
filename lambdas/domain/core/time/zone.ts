import * as z from 'zod'
import { asMessage } from '../fault.ts'

export const zoneSchema = z.string().refine(isZone, asMessage('zone.unknown'))

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
