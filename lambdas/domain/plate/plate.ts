/**
 * An evidence plate: a masked picture with what a person says of it. Detections name it by its hash; its record is
 * written once.
 */
import * as z from 'zod'
import { asMessage, type Fault, fault, faultAt, FaultError } from '../core/fault.ts'
import { fitsUnder, type Marking, markings } from '../core/marking.ts'
import { refusalOf, unfold } from '../core/schema-fault.ts'
import { canonicalHash } from '../core/text/canonical.ts'
import { defang } from '../core/text/defang.ts'
import { sha256Schema } from '../core/text/hash.ts'
import { nameSchema, printable } from '../core/text/printable.ts'
import { dated } from '../detection/attribution-schema.ts'
import { isInside, maskText, type Region, regionSchema, scaledMasks } from './mask.ts'
import type { PictureSize } from './picture.ts'

const inBoth = (longest: number) => z.strictObject({ fr: printable(longest), en: printable(longest) })

const detailsSchema = z.strictObject({
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
    .regex(/^https?:\/\//i, asMessage('plate.address'))
    .optional(),
  /** It is the original of this plate, which diverts it. */
  originalOf: sha256Schema.optional(),
  /** It diverts this plate, its original. */
  divertedFrom: sha256Schema.optional(),
  /** Of one that diverts another: which region of its original it shows, in pixels of that as it came in. */
  crop: regionSchema.optional(),
  marking: z.enum(markings),
})

const removal = z.strictObject({
  at: z.iso.datetime(),
  by: nameSchema,
  reason: printable(300),
  /** Of what went because its time was over: for so many days the house keeps pictures. */
  keptDays: z.int().min(1).optional(),
})

export const plateSchema = detailsSchema.extend({
  /** Of the stored, masked picture: its name. */
  sha256: sha256Schema,
  /** Of the file that came in, of which nothing else is kept. */
  received: sha256Schema,
  /** Its size as it is looked at, where it was made smaller to be stored: a crop of it is given in these pixels. */
  receivedSize: z.strictObject({ width: z.int().min(1), height: z.int().min(1) }).optional(),
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
  removed: removal.optional(),
})

export type Plate = z.output<typeof plateSchema>

/** What a person says of a picture. */
export type PlateDetails = z.output<typeof detailsSchema>

type Words = { readonly [field in keyof PlateDetails]: unknown }

/** The words of a person on a picture, or what is wrong in them, by field: `caption.fr`. */
export const checkPlateDetails = (
  value: Words,
): { readonly details: PlateDetails } | { readonly wrong: Readonly<Record<string, Fault>> } => {
  const read = detailsSchema.safeParse(value)
  if (read.success) {
    const { crop, originalOf } = read.data
    if (!crop || originalOf === undefined) return { details: read.data }
    return { wrong: { crop: fault('plate.cropOfOriginal') } }
  }
  // Of several faults of one field the first is told.
  return {
    wrong: Object.fromEntries(
      read.error.issues.map((issue) => [issue.path.join('.'), unfold(issue)] as const).reverse(),
    ),
  }
}

/** The same, or which of them is none. @throws PlateError */
export const readPlateDetails = (value: Words): PlateDetails => {
  const read = checkPlateDetails(value)
  if ('wrong' in read) {
    const [path = '', reason = fault('schema.form')] = Object.entries(read.wrong).at(-1) ?? []
    throw new PlateError(faultAt(path, reason))
  }
  if (read.details.originalOf !== undefined && read.details.divertedFrom !== undefined) {
    throw new PlateError(fault('plate.originalAndDiverted'))
  }
  return read.details
}

/** Who removes a picture, when and why, as it is kept and printed. @throws PlateError where it cannot be printed */
export const readRemoval = (written: NonNullable<Plate['removed']>): NonNullable<Plate['removed']> => {
  const read = removal.safeParse(written)
  if (read.success) return read.data
  throw new PlateError(refusalOf(read.error))
}

/** Why a plate is not added or not removed, and what mends it. */
export class PlateError extends FaultError {
  override name = 'PlateError'
  /** The plate of which it tells, where that is another one: who may not know that is not told. */
  readonly about: Pick<Plate, 'sha256' | 'marking'> | undefined

  constructor(reason: Fault, about?: Pick<Plate, 'sha256' | 'marking'>) {
    super(reason)
    this.about = about
  }
}

/** Whether two records say the same of one picture, whoever added it, and when. */
export const isSamePlate = (one: Plate, other: Plate): boolean => wordsHash(one) === wordsHash(other)

const wordsHash = ({ by: _, addedAt: __, removed: ___, receivedSize: ____, ...words }: Plate): string =>
  canonicalHash(words)

/**
 * A plate as an edition knows it at an instant: what is marked above the cap, or was added later, is as if it were not
 * there. What is removed stays removed, also for an instant before: its bytes are gone.
 */
export const isKnown = (plate: Plate, cap: Marking, asOf: string): boolean =>
  fitsUnder(plate.marking, cap) && plate.addedAt <= asOf

/** Those of an edition: that one belongs to a pair is known where the other one is. */
export const withKnownPartners = (known: readonly Plate[]): ReadonlyMap<string, Plate> => {
  const hashes = new Set(known.map(({ sha256 }) => sha256))
  return new Map(known.map((plate) => [plate.sha256, withoutUnknownPartner(plate, (partner) => hashes.has(partner))]))
}

/** A plate as who may not know its partner is told of it: neither that there is one, nor what it shows of that. */
export const withoutUnknownPartner = (plate: Plate, isKnownToo: (partner: string) => boolean): Plate => {
  const partner = partnerOf(plate)
  if (partner === undefined || isKnownToo(partner)) return plate
  const { originalOf: _, divertedFrom: __, crop: ___, ...alone } = plate
  return alone
}

/** What a report's snapshot rests on of a plate. */
export const plateSnapshot = (plate: Plate): readonly string[] => [
  plate.sha256,
  wordsHash(plate),
  ...(plate.removed ? [plate.removed.reason] : []),
]

/** A plate as a report tells of it, the address of its copy defanged. */
export type ShownPlate = Omit<
  Plate,
  'by' | 'addedAt' | 'removed' | 'originalOf' | 'divertedFrom' | 'crop' | 'receivedSize'
> & {
  /** *left out*: the report's pictures have no more room. */
  readonly picture: 'shown' | 'removed' | 'left out'
  /** Why it was removed. */
  readonly reason?: string
  /** For so many days the house keeps pictures, where it was removed because that time was over. */
  readonly keptDays?: number
  /** The detections that name it, or the other picture of its pair. */
  readonly of: readonly string[]
}

/** One picture, or an original beside what diverts it. */
export type PlateGroup = {
  readonly original?: ShownPlate
  readonly plate: ShownPlate
  /** What of the original the other one shows, in pixels of the original as it is stored; where that is shown. */
  readonly crop?: Region
  /** Of one alone whose partner stands in another pair of the report: which one that is, and what this one is to it. */
  readonly besides?: { readonly sha256: string; readonly role: PlateRole }
}

export type PlateRole = 'original' | 'diverted'

/** What of a report's pictures is embedded, at most: each file holds them all. */
export const reportLimits = { pictures: 12, bytes: 4_000_000 } as const

/** Whose plates these are: a detection's id, and the hashes that it names. */
export type Naming = { readonly id: string; readonly plates: readonly string[] }

/**
 * The plates of detections in their order, each once, as pairs where both are known. The first ones are shown as far as
 * there is room; a pair is shown or left out as a whole.
 * @param known as the edition knows them: see {@link isKnown}
 */
export const plateGroups = (named: readonly Naming[], known: ReadonlyMap<string, Plate>): readonly PlateGroup[] => {
  const groups = groupsOf(named, known)
  const left = { pictures: reportLimits.pictures as number, bytes: reportLimits.bytes as number }
  return groups.map(({ members, of, besides }) => {
    const there = members.filter(({ removed }) => !removed)
    const bytes = there.reduce((sum, one) => sum + one.bytes, 0)
    const hasRoom = there.length <= left.pictures && bytes <= left.bytes
    if (hasRoom) {
      left.pictures -= there.length
      left.bytes -= bytes
    }
    const [first, second] = members.map((one) => shownPlate(one, [...of], hasRoom))
    if (!first) throw new Error('a group of plates has none')
    const [original, diverted] = members
    const crop = hasRoom && original && diverted ? cropOn(original, diverted) : undefined
    if (second) return { original: first, plate: second, ...(crop && { crop }) }
    return { plate: first, ...(besides && { besides }) }
  })
}

/** Where a pair's dashed frame is: none where the original's picture is gone, or the crop is of another original. */
const cropOn = (original: Plate, { crop, divertedFrom = original.sha256 }: Plate): Region | undefined => {
  if (!crop || original.removed || divertedFrom !== original.sha256) return undefined
  const size = sizeIn(original)
  return isInside(crop, size) ? scaledMasks([crop], size, original)[0] : undefined
}

/**
 * The size in whose pixels a region of it is given. One that was stored before this was kept has that of what is
 * stored.
 */
const sizeIn = ({ receivedSize, width, height }: Plate): PictureSize => receivedSize ?? { width, height }

/**
 * @throws PlateError where a crop reaches beyond its original
 * @param about the other plate, where only who may know it is told
 */
export const requireCropInside = (crop: Region, original: Plate, about?: Pick<Plate, 'sha256' | 'marking'>): void => {
  const { width, height } = sizeIn(original)
  if (isInside(crop, { width, height })) return
  throw new PlateError(fault('plate.cropBeyond', { crop: maskText(crop), width, height }), about)
}

type Group = {
  /** One, or an original and what diverts it. */
  readonly members: readonly Plate[]
  readonly of: Set<string>
  readonly besides?: PlateGroup['besides']
}

/**
 * Each plate with the first of its partners that stands in no pair yet: those that are named here first, and what came
 * before what came later.
 */
const groupsOf = (named: readonly Naming[], known: ReadonlyMap<string, Plate>): readonly Group[] => {
  const isNamed = new Set(named.flatMap(({ plates }) => plates))
  const orderOf = ({ sha256, addedAt }: Plate) => `${isNamed.has(sha256) ? 0 : 1}${addedAt}${sha256}`
  const inOrder = [...known.values()].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
  const groups = new Map<string, Group>()
  for (const { id, plates } of named) {
    for (const hash of plates) {
      const plate = known.get(hash)
      if (!plate) continue
      const group = groups.get(hash) ?? groupWith(plate, partnersOf(plate, inOrder), groups)
      group.of.add(id)
      for (const one of group.members) groups.set(one.sha256, group)
    }
  }
  return [...new Set(groups.values())]
}

const groupWith = (plate: Plate, partners: readonly Partner[], groups: ReadonlyMap<string, Group>): Group => {
  const free = partners.find((one) => !groups.has(one.plate.sha256))
  const of = new Set<string>()
  if (free) return { members: free.role === 'original' ? [free.plate, plate] : [plate, free.plate], of }
  const [first] = partners
  if (!first) return { members: [plate], of }
  return { members: [plate], of, besides: { sha256: first.plate.sha256, role: otherRole[first.role] } }
}

/** The other picture of a pair, and what it is in that. */
export type Partner = { readonly plate: Plate; readonly role: PlateRole }

/** A plate's partners among others, in their order: the one that it names, and those that name it. */
export const partnersOf = (plate: Plate, others: readonly Plate[]): readonly Partner[] =>
  others.flatMap((other): readonly Partner[] => {
    if (other.sha256 === plate.sha256) return []
    if (other.sha256 === partnerOf(plate)) return [{ plate: other, role: otherRole[roleOf(plate)] }]
    return partnerOf(other) === plate.sha256 ? [{ plate: other, role: roleOf(other) }] : []
  })

/** Of a plate that names a partner. */
const roleOf = ({ originalOf }: Plate): PlateRole => (originalOf === undefined ? 'diverted' : 'original')

const otherRole = { original: 'diverted', diverted: 'original' } as const

const shownPlate = (plate: Plate, of: readonly string[], hasRoom: boolean): ShownPlate => {
  const { by: _, addedAt: __, removed, originalOf: ___, divertedFrom: ____, archive, ...publicFields } = plate
  const { crop: _____, receivedSize: ______, ...shownFields } = publicFields
  return {
    ...shownFields,
    ...(archive !== undefined && { archive: defang(archive) }),
    picture: removed ? 'removed' : hasRoom ? 'shown' : 'left out',
    ...(removed && { reason: removed.reason }),
    ...(removed?.keptDays !== undefined && { keptDays: removed.keptDays }),
    of,
  }
}

/** The other picture that a plate names as its pair. */
export const partnerOf = ({
  originalOf,
  divertedFrom,
}: Pick<Plate, 'originalOf' | 'divertedFrom'>): string | undefined => originalOf ?? divertedFrom
