/** TLP 2.0 markings (FIRST, 2022). */
import { fault, FaultError, quoted } from './fault.ts'

/** Freest first; comparisons rely on it. */
export const markings = ['TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'] as const

export type Marking = (typeof markings)[number]

/** TLP 2.0 colours of the labels, always on black. */
export const markingColours: Readonly<Record<Marking, string>> = {
  'TLP:CLEAR': '#ffffff',
  'TLP:GREEN': '#33ff00',
  'TLP:AMBER': '#ffc000',
  'TLP:AMBER+STRICT': '#ffc000',
  'TLP:RED': '#ff2b2b',
}

/** ICU case names allow no special characters. */
export const handlingName: Readonly<Record<Marking, string>> = {
  'TLP:CLEAR': 'clear',
  'TLP:GREEN': 'green',
  'TLP:AMBER': 'amber',
  'TLP:AMBER+STRICT': 'strict',
  'TLP:RED': 'red',
}

/** Default cap of an edition. */
export const usualCap: Marking = 'TLP:AMBER'

export const shortMarking = (marking: Marking): string => marking.slice('TLP:'.length)

export class UnknownMarkingError extends FaultError {
  override name = 'UnknownMarkingError'
}

const spelled = new Map<string, Marking>([
  ...markings.flatMap((marking) => [[marking, marking] as const, [shortMarking(marking), marking] as const]),
  ['WHITE', 'TLP:CLEAR'], // TLP 1 name, still in real bundles
  ['AMBER-STRICT', 'TLP:AMBER+STRICT'], // the archive's spelling
])

/**
 * Parses user input in any case, with or without `TLP:`.
 * @throws UnknownMarkingError which lists the five labels
 */
export const parseMarking = (text: string): Marking => {
  const marking = spelled.get(text) ?? spelled.get(text.trim().toUpperCase().replace(/^TLP:/, ''))
  if (!marking)
    throw new UnknownMarkingError(fault('marking.unknown', { text: quoted(text), markings: markings.join(', ') }))
  return marking
}

/** Reads a stored or received marking; an unreadable one becomes RED. */
export const closedMarking = (value: unknown): Marking => {
  try {
    return typeof value === 'string' ? parseMarking(value) : 'TLP:RED'
  } catch {
    return 'TLP:RED'
  }
}

export const fitsUnder = (marking: Marking, cap: Marking): boolean =>
  markings.includes(marking) && markings.indexOf(marking) <= markings.indexOf(cap)

/** A public edition states nothing that rests on left-out data. */
export const isPublicCap = (cap: Marking): boolean => fitsUnder(cap, 'TLP:GREEN')

/** CLEAR for none. */
export const strictest = (all: Iterable<Marking>): Marking => {
  let highest: Marking = 'TLP:CLEAR'
  for (const marking of all) if (!fitsUnder(marking, highest)) highest = marking
  return highest
}

/** `amber-strict` */
export const markingSlug = (marking: Marking): string => shortMarking(marking).toLowerCase().replace('+', '-')
