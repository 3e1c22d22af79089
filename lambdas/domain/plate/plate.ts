/** An evidence plate: a masked picture with what a person says of it. Detections name it by its hash; its record is written once. */
import * as z from 'zod'
import { canonicalHash } from '../core/canonical.ts'
import { defang } from '../core/defang.ts'
import { sha256Schema } from '../core/hash.ts'
import { fitsUnder, type Marking, markings } from '../core/marking.ts'
import { nameSchema, printable } from '../core/printable.ts'
import { dated } from '../detection/attribution-schema.ts'

const inBoth = (longest: number) => z.strictObject({ fr: printable(longest), en: printable(longest) })

const said = z.strictObject({
  caption: inBoth(400),
  /** For who does not see the picture. */
  alt: inBoth(600),
  /** What a diverted picture changes of its original: facts, and no intent. */
  changes: inBoth(600).optional(),
  /** Where it was published. */
  source: nameSchema,
  /** Of its publication: a day, a month or a year. */
  date: dated,
  /** Address of a copy. */
  archive: printable(4096)
    .regex(/^https?:\/\//i, 'must be an address that begins with https:// or http://')
    .optional(),
  /** It is the original of this plate, which diverts it. */
  originalOf: sha256Schema.optional(),
  /** It diverts this plate, its original. */
  divertedFrom: sha256Schema.optional(),
  marking: z.enum(markings),
})

export const plateSchema = said.extend({
  /** Of the stored, masked picture: its name. */
  sha256: sha256Schema,
  /** Of the file that came in, of which nothing else is kept. */
  received: sha256Schema,
  kind: z.enum(['image/png', 'image/jpeg']),
  width: z.int().min(1),
  height: z.int().min(1),
  bytes: z.int().min(1),
  /** How many regions are masked; 0: the person has stated that there is nothing to mask. */
  masks: z.int().min(0),
  /** Who added it, and answers for its masks. */
  by: nameSchema,
  addedAt: z.iso.datetime(),
  /** The picture is gone for good, and this is why. */
  removed: z.strictObject({ at: z.iso.datetime(), by: nameSchema, reason: printable(300) }).optional(),
})

export type Plate = z.output<typeof plateSchema>

/** What a person says of a picture. */
export type PlateSaid = z.output<typeof said>

/** The words of a person on a picture, or which of them is none. @throws PlateError */
export const readPlateSaid = (value: { readonly [field in keyof PlateSaid]: unknown }): PlateSaid => {
  const read = said.safeParse(value)
  if (!read.success) {
    const { path, message } = read.error.issues[0] ?? { path: [], message: 'cannot be read' }
    throw new PlateError(`${path.join('.')} ${message}`)
  }
  if (read.data.originalOf !== undefined && read.data.divertedFrom !== undefined) {
    throw new PlateError('a picture is the original of another one, or diverts one: not both')
  }
  return read.data
}

/** Why a plate is not added or not removed, and what mends it. */
export class PlateError extends Error {
  override name = 'PlateError'
}

/** Whether two records say the same of one picture, whoever added it, and when. */
export const saysTheSame = (one: Plate, other: Plate): boolean => wordsHash(one) === wordsHash(other)

const wordsHash = ({ by: _, addedAt: __, removed: ___, ...words }: Plate): string => canonicalHash(words)

/**
 * A plate as an edition knows it at an instant: what is marked above the cap, or was added later, is as if it were not there. What
 * is removed stays removed, also for an instant before: its bytes are gone.
 */
export const isKnown = (plate: Plate, cap: Marking, asOf: string): boolean =>
  fitsUnder(plate.marking, cap) && plate.addedAt <= asOf

/** Those of an edition: that one belongs to a pair is known where the other one is. */
export const withKnownPartners = (known: readonly Plate[]): ReadonlyMap<string, Plate> => {
  const hashes = new Set(known.map(({ sha256 }) => sha256))
  return new Map(
    known.map((plate) => {
      const { originalOf, divertedFrom, ...alone } = plate
      const partner = partnerOf(plate)
      return [plate.sha256, partner === undefined || hashes.has(partner) ? plate : alone]
    }),
  )
}

/** What a report's snapshot rests on of a plate. */
export const plateSnapshot = (plate: Plate): readonly string[] => [
  plate.sha256,
  wordsHash(plate),
  ...(plate.removed ? [plate.removed.reason] : []),
]

/** A plate as a report tells of it, the address of its copy defanged. */
export type ShownPlate = Omit<Plate, 'by' | 'addedAt' | 'removed' | 'originalOf' | 'divertedFrom'> & {
  /** *left out*: the report's pictures have no more room. */
  readonly picture: 'shown' | 'removed' | 'left out'
  /** Why it was removed. */
  readonly reason?: string
  /** The detections that name it, or the other picture of its pair. */
  readonly of: readonly string[]
}

/** One picture, or an original beside what diverts it. */
export type PlateGroup = {
  readonly original?: ShownPlate
  readonly plate: ShownPlate
}

/** What of a report's pictures is embedded, at most: each file holds them all. */
export const reportLimits = { pictures: 12, bytes: 4_000_000 } as const

/** Whose plates these are: a detection's id, and the hashes that it names. */
export type Naming = { readonly id: string; readonly plates: readonly string[] }

/**
 * The plates of detections in their order, each once, as pairs where both are known. The first ones are shown as far as there is
 * room; a pair is shown or left out as a whole.
 * @param known as the edition knows them: see {@link isKnown}
 */
export const plateGroups = (named: readonly Naming[], known: ReadonlyMap<string, Plate>): readonly PlateGroup[] => {
  const pairs = pairsIn(known)
  const groups = new Map<string, { readonly members: readonly Plate[]; readonly of: Set<string> }>()
  for (const { id, plates } of named) {
    for (const hash of plates) {
      const plate = known.get(hash)
      if (!plate) continue
      const pair = pairs.get(hash)
      const members = pair ?? [plate]
      const key = members.map((one) => one.sha256).join()
      const group = groups.get(key) ?? { members, of: new Set<string>() }
      group.of.add(id)
      groups.set(key, group)
    }
  }
  const left = { pictures: reportLimits.pictures as number, bytes: reportLimits.bytes as number }
  return [...groups.values()].map(({ members, of }) => {
    const there = members.filter(({ removed }) => !removed)
    const bytes = there.reduce((sum, one) => sum + one.bytes, 0)
    const hasRoom = there.length <= left.pictures && bytes <= left.bytes
    if (hasRoom) {
      left.pictures -= there.length
      left.bytes -= bytes
    }
    const shown = members.map((one) => shownPlate(one, [...of], hasRoom))
    const [first, second] = shown
    if (!first) throw new Error('a group of plates has none')
    return second ? { original: first, plate: second } : { plate: first }
  })
}

/** By the hash of either: the original and what diverts it, first come. */
const pairsIn = (known: ReadonlyMap<string, Plate>): ReadonlyMap<string, readonly [Plate, Plate]> => {
  const pairs = new Map<string, readonly [Plate, Plate]>()
  const inOrder = [...known.values()].sort((a, b) => (`${a.addedAt}${a.sha256}` < `${b.addedAt}${b.sha256}` ? -1 : 1))
  for (const one of inOrder) {
    const [originalHash, divertedHash] =
      one.originalOf === undefined ? [one.divertedFrom, one.sha256] : [one.sha256, one.originalOf]
    const original = known.get(originalHash ?? '')
    const diverted = known.get(divertedHash)
    if (!original || !diverted || original === diverted) continue
    if (pairs.has(original.sha256) || pairs.has(diverted.sha256)) continue
    pairs.set(original.sha256, [original, diverted])
    pairs.set(diverted.sha256, [original, diverted])
  }
  return pairs
}

const shownPlate = (plate: Plate, of: readonly string[], hasRoom: boolean): ShownPlate => {
  const { by: _, addedAt: __, removed, originalOf: ___, divertedFrom: ____, archive, ...told } = plate
  return {
    ...told,
    ...(archive !== undefined && { archive: defang(archive) }),
    picture: removed ? 'removed' : hasRoom ? 'shown' : 'left out',
    ...(removed && { reason: removed.reason }),
    of,
  }
}

/** The other picture that a plate names as its pair. */
export const partnerOf = ({
  originalOf,
  divertedFrom,
}: Pick<Plate, 'originalOf' | 'divertedFrom'>): string | undefined => originalOf ?? divertedFrom
