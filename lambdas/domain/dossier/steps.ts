/** Splits a campaign's time into months, or longer steps if there are too many. */
import { dayRange, parsePeriod } from '../core/time/period.ts'

/** Calendar units; the last step ends with the dossier. */
export type StepUnit = 'month' | 'quarter' | 'year'

/** Local days, inclusive. `name` is the whole step's: `2024-05`, `2024-Q2`, `2024`. */
export type Span = { readonly name: string; readonly first: string; readonly last: string }

const maxSteps = 24

const nameIn: Readonly<Record<StepUnit, (day: string) => string>> = {
  month: (day) => day.slice(0, 7),
  quarter: (day) => `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`,
  year: (day) => day.slice(0, 4),
}

/** Returns steps without gaps. The first one is whole, so that a detection known by month fits in. */
export const stepsBetween = (
  first: string,
  last: string,
): { readonly unit: StepUnit; readonly steps: readonly Span[] } => {
  const units: readonly StepUnit[] = ['month', 'quarter', 'year']
  const unit = units.find((one) => numberOf(last, one) - numberOf(first, one) < maxSteps) ?? 'year'
  const steps: Span[] = []
  for (let number = numberOf(first, unit); number <= numberOf(last, unit); number += 1) {
    const name = nameIn[unit](dayOf(number, unit))
    const whole = parsePeriod(name)
    steps.push({ name, first: whole.first, last: whole.last < last ? whole.last : last })
  }
  return { unit, steps }
}

const monthsIn = { month: 1, quarter: 3, year: 12 } as const

const numberOf = (day: string, unit: StepUnit): number =>
  Math.floor((Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1) / monthsIn[unit])

const dayOf = (number: number, unit: StepUnit): string => {
  const month = number * monthsIn[unit]
  return `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}-01`
}

/**
 * Returns a span as one of consecutive periods: a detection of several territories belongs to the one with its earliest
 * local day.
 */
export const spanPeriod = ({ first, last }: Pick<Span, 'first' | 'last'>) =>
  ({ ...dayRange(first, last), cadence: 'month' }) as const
