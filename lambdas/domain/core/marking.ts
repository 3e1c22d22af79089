/** TLP 2.0 markings (FIRST, 2022): their order, and how they are read. */
import { fault, FaultError, quoted } from './fault.ts'

/** From the freest to the strictest: the order is the meaning. */
export const markings = ['TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'] as const

export type Marking = (typeof markings)[number]

/** By which messages tell them apart: ICU's names of cases have no signs in them. */
export const handlingName: Readonly<Record<Marking, string>> = {
  'TLP:CLEAR': 'clear',
  'TLP:GREEN': 'green',
  'TLP:AMBER': 'amber',
  'TLP:AMBER+STRICT': 'strict',
  'TLP:RED': 'red',
}

/** The edition that is made where none is asked for. */
export const usualCap: Marking = 'TLP:AMBER'

/** GREEN for TLP:GREEN, as options take it. */
export const shortMarking = (marking: Marking): string => marking.slice('TLP:'.length)

export class UnknownMarkingError extends FaultError {
  override name = 'UnknownMarkingError'
}

const spelled = new Map<string, Marking>([
  ...markings.flatMap((marking) => [[marking, marking] as const, [shortMarking(marking), marking] as const]),
  ['WHITE', 'TLP:CLEAR'], // TLP 1's name, which real bundles still carry
  ['AMBER-STRICT', 'TLP:AMBER+STRICT'], // the archive's spelling
])

/**
 * A marking as a person writes it: with or without `TLP:`, in any case.
 * @throws UnknownMarkingError which lists the five labels
 */
export const parseMarking = (text: string): Marking => {
  const marking = spelled.get(text) ?? spelled.get(text.trim().toUpperCase().replace(/^TLP:/, ''))
  if (!marking)
    throw new UnknownMarkingError(fault('marking.unknown', { text: quoted(text), markings: markings.join(', ') }))
  return marking
}

/** A marking as stored or received from elsewhere: whatever cannot be read is closed, so RED. */
export const closedMarking = (value: unknown): Marking => {
  try {
    return typeof value === 'string' ? parseMarking(value) : 'TLP:RED'
  } catch {
    return 'TLP:RED'
  }
}

/** Whether something so marked may be in an edition with this cap. */
export const fitsUnder = (marking: Marking, cap: Marking): boolean =>
  markings.includes(marking) && markings.indexOf(marking) <= markings.indexOf(cap)

/** Whether an edition may be published: it states nothing that rests on what it leaves out. */
export const isPublicCap = (cap: Marking): boolean => fitsUnder(cap, 'TLP:GREEN')

/** The strictest of the markings; CLEAR where there is none. */
export const strictest = (all: Iterable<Marking>): Marking => {
  let highest: Marking = 'TLP:CLEAR'
  for (const marking of all) if (!fitsUnder(marking, highest)) highest = marking
  return highest
}

/** The marking in keys and paths: `amber-strict`. */
export const markingSlug = (marking: Marking): string => shortMarking(marking).toLowerCase().replace('+', '-')
