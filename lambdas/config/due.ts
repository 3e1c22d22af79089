import type { Scheduled } from '../domain/core/place/due.ts'
import { territories } from '../domain/core/place/territory.ts'
import { scheduledCadences } from '../domain/core/time/period.ts'

export const scheduledIn = (due: string): Scheduled => {
  const [codes = '', cadences = ''] = due.split(' ').map((list) => list.split(','))
  return {
    territories: territories.map(({ code }) => code).filter((code) => codes.includes(code)),
    cadences: scheduledCadences.filter((cadence) => cadences.includes(cadence)),
  }
}
