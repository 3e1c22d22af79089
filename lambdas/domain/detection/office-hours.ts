/** Working hours at a supposed origin: a clue, no evidence alone. */
import { dayIn, daysOf, hourOf, offsetMinutes } from '../core/time/period.ts'
import type { SupposedOrigin } from './rhythm-schema.ts'

const officeHours = { from: 9, to: 18 } as const

const usualRest = [6, 7]

const kindOf = (day: string, { restDays = usualRest, holidays }: SupposedOrigin): 'work' | 'rest' | 'holiday' => {
  if (holidays?.days.some((one) => one.day === day)) return 'holiday'
  return restDays.includes(new Date(`${day}T00:00:00Z`).getUTCDay() || 7) ? 'rest' : 'work'
}

export const isInOffice = (instant: number, origin: SupposedOrigin): boolean => {
  if (kindOf(dayIn(instant, origin.zone), origin) !== 'work') return false
  const hour = new Date(instant + offsetMinutes(instant, origin.zone) * 60_000).getUTCHours()
  return hour >= officeHours.from && hour < officeHours.to
}

type Stretch = { readonly kind: 'work' | 'holiday'; readonly day: string; readonly from: number; readonly to: number }

export const stretchesBetween = (from: number, to: number, origin: SupposedOrigin): readonly Stretch[] =>
  daysOf({ first: dayIn(from, origin.zone), last: dayIn(to - 1, origin.zone) }).flatMap((day) => {
    const kind = kindOf(day, origin)
    if (kind === 'rest') return []
    const [begin, end] = kind === 'work' ? [officeHours.from, officeHours.to] : [0, 24]
    const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
    const stretch = {
      kind,
      day,
      from: Math.max(from, hourOf(day, begin, origin.zone)),
      to: Math.min(to, end === 24 ? hourOf(next, 0, origin.zone) : hourOf(day, end, origin.zone)),
    }
    return stretch.from < stretch.to ? [stretch] : []
  })
