/** Conversion to and from STIX and MISP; an extension or attributes have what these cannot express. */

import { figureNames, isEstimate } from '../core/figures.ts'
import { fitsUnder, type Marking } from '../core/marking.ts'
import { byHandName, detectionSchema } from '../detection/detection.ts'
import type { Entry } from './facts.ts'

/** Permanent (docs/reports.md, STIX). */
export const vigieExtension = 'extension-definition--8d7f2c1e-5b0a-4f63-9c52-0a6f1d3be947'

/** Declares properties outside the standard that OpenCTI reads. Permanent. */
export const platformExtension = 'extension-definition--3c9e5f7a-1d84-4b26-9f30-7e6a2c51d8b4'

/** TLP 2.0, as OASIS publishes it for STIX 2.1. */
export const tlpExtension = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d'

export const tlpDefinitions: Readonly<Record<Marking, string>> = {
  'TLP:CLEAR': 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
  'TLP:GREEN': 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  'TLP:AMBER': 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  'TLP:AMBER+STRICT': 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
  'TLP:RED': 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
}

/** TLP 2.0 in the taxonomy of MISP. */
export const mispTag = (marking: Marking): string => marking.toLowerCase()

/** Which words of Vigie an attribute of MISP has: of a report, of a detection, or of one link of its actor. */
export type MispWords = {
  readonly what: 'report' | 'detection' | 'attribution'
  readonly about: string
  /** From 0: long words are in several attributes. */
  readonly at: number
  readonly of: number
}

/** Permanent. */
export const mispComment = ({ what, about, at, of }: MispWords): string => `vigie:${what} ${at + 1}/${of} ${about}`

export const mispWordsOf = (comment: string): MispWords | undefined => {
  const [, what, at, of, about = ''] = /^vigie:(report|detection|attribution) (\d+)\/(\d+) (.+)$/su.exec(comment) ?? []
  return what === undefined ? undefined : { what: what as MispWords['what'], about, at: Number(at) - 1, of: Number(of) }
}

/** The id of the observable with the value; the defanged value where STIX has none. */
export type ExchangedIndicator =
  | { readonly type: string; readonly ref: string }
  | { readonly type: string; readonly value: string }

/** A record (docs/reference/detection.schema.json), except for its indicators. */
type Exchanged = { readonly [field in keyof typeof detectionSchema.shape]?: unknown } & {
  readonly indicators: readonly ExchangedIndicator[]
}

const withoutChain = ({ links: _, replies: __, ...actor }: NonNullable<Entry['actor']>) => actor

/** Returns the shown detection as a record that can be ingested again. */
export const exchangedOf = (entry: Entry, indicators: readonly ExchangedIndicator[]): Exchanged => {
  const { figures, own = figures, evidence, detector } = entry
  // All other fields are computed from these.
  const same = Object.keys(detectionSchema.shape).flatMap((field) =>
    field in entry && field !== 'quotes' ? [[field, entry[field as keyof Entry]] as const] : [],
  )
  const quotes = (entry.quotes ?? []).filter((one) => fitsUnder(one.marking ?? 'TLP:CLEAR', entry.marking))
  const counts = figureNames.flatMap((figure) => {
    const { value, qualifier } = own[figure]
    // A record cannot state an estimate that is also a floor.
    return value === null
      ? []
      : [[figure, { value, qualifier: isEstimate(own[figure]) ? 'about' : qualifier }] as const]
  })
  return {
    ...Object.fromEntries(same),
    // Leaves out stricter quotes: not every reader of this object may see them.
    ...(quotes.length > 0 && { quotes }),
    // Links and replies are separate objects, each with its marking.
    ...(entry.actor && { actor: withoutChain(entry.actor) }),
    detector: detector === byHandName ? detector : { name: detector },
    counts: {
      ...Object.fromEntries(counts),
      ...(entry.byInterval && { byInterval: entry.byInterval }),
    },
    evidence: evidence.map(({ label, address, archive }) => ({
      label,
      ...(address !== undefined && { url: address }),
      ...(archive !== undefined && { archiveUrl: archive }),
    })),
    indicators,
  }
}
