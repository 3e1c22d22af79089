/** A masked picture with an analyst's description. Detections refer to its hash; its record is written once. */
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
  /** Text alternative. */
  alt: inBoth(600),
  /** Changes from the original: facts, no intent. */
  changes: inBoth(600).optional(),
  source: nameSchema,
  /** Day, month or year of publication. */
  date: dated,
  archive: printable(4096)
    .regex(/^https?:\/\//i, asMessage('plate.address'))
    .optional(),
  /** The picture that diverts this one. */
  originalOf: sha256Schema.optional(),
  /** The original that this picture diverts. */
  divertedFrom: sha256Schema.optional(),
  /** Region of the original that this picture shows, in pixels of the original as received. */
  crop: regionSchema.optional(),
  marking: z.enum(markings),
})

const removal = z.strictObject({
  at: z.iso.datetime(),
  by: nameSchema,
  reason: printable(300),
  /** Retention in days, where that ended. */
  keptDays: z.int().min(1).optional(),
})

export const plateSchema = detailsSchema.extend({
  /** Hash of the stored, masked picture, which is its name. */
  sha256: sha256Schema,
  /** Hash of the received file, which is not kept. */
  received: sha256Schema,
  /** Displayed size before reduction for storage: crops use these pixels. */
  receivedSize: z.strictObject({ width: z.int().min(1), height: z.int().min(1) }).optional(),
  kind: z.enum(['image/png', 'image/jpeg']),
  width: z.int().min(1),
  height: z.int().min(1),
  bytes: z.int().min(1),
  /** Masked regions; 0: the analyst stated that there is nothing to mask. */
  masks: z.int().min(0),
  /** Answers for the masks. */
  by: nameSchema,
  addedAt: z.iso.datetime(),
  /** Set where the picture was permanently deleted. */
  removed: removal.optional(),
})

export type Plate = z.output<typeof plateSchema>

export type PlateDetails = z.output<typeof detailsSchema>

type Words = { readonly [field in keyof PlateDetails]: unknown }

/** Faults are by field: `caption.fr`. */
export const checkPlateDetails = (
  value: Words,
): { readonly details: PlateDetails } | { readonly wrong: Readonly<Record<string, Fault>> } => {
  const read = detailsSchema.safeParse(value)
  if (read.success) {
    const { crop, originalOf } = read.data
    if (!crop || originalOf === undefined) return { details: read.data }
    return { wrong: { crop: fault('plate.cropOfOriginal') } }
  }
  // Reversed: the first fault of a field wins.
  return {
    wrong: Object.fromEntries(
      read.error.issues.map((issue) => [issue.path.join('.'), unfold(issue)] as const).reverse(),
    ),
  }
}

/** @throws PlateError */
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

/** @throws PlateError where the removal cannot be printed */
export const readRemoval = (written: NonNullable<Plate['removed']>): NonNullable<Plate['removed']> => {
  const read = removal.safeParse(written)
  if (read.success) return read.data
  throw new PlateError(refusalOf(read.error))
}

export class PlateError extends FaultError {
  override name = 'PlateError'
  /** The other image: readers who may not know it must not see the fault. */
  readonly about: Pick<Plate, 'sha256' | 'marking'> | undefined

  constructor(reason: Fault, about?: Pick<Plate, 'sha256' | 'marking'>) {
    super(reason)
    this.about = about
  }
}

export const isSamePlate = (one: Plate, other: Plate): boolean => wordsHash(one) === wordsHash(other)

const wordsHash = ({ by: _, addedAt: __, removed: ___, receivedSize: ____, ...words }: Plate): string =>
  canonicalHash(words)

/** A removed image stays removed for earlier instants too: its bytes are gone. */
export const isKnown = (plate: Plate, cap: Marking, asOf: string): boolean =>
  fitsUnder(plate.marking, cap) && plate.addedAt <= asOf

export const withKnownPartners = (known: readonly Plate[]): ReadonlyMap<string, Plate> => {
  const hashes = new Set(known.map(({ sha256 }) => sha256))
  return new Map(known.map((plate) => [plate.sha256, withoutUnknownPartner(plate, (partner) => hashes.has(partner))]))
}

/** Removes all signs of a partner that the reader may not know. */
export const withoutUnknownPartner = (plate: Plate, isKnownToo: (partner: string) => boolean): Plate => {
  const partner = partnerOf(plate)
  if (partner === undefined || isKnownToo(partner)) return plate
  const { originalOf: _, divertedFrom: __, crop: ___, ...alone } = plate
  return alone
}

export const plateSnapshot = (plate: Plate): readonly string[] => [
  plate.sha256,
  wordsHash(plate),
  ...(plate.removed ? [plate.removed.reason] : []),
]

/** The address of the copy is defanged. */
export type ShownPlate = Omit<
  Plate,
  'by' | 'addedAt' | 'removed' | 'originalOf' | 'divertedFrom' | 'crop' | 'receivedSize'
> & {
  /** `left out`: the report has no room for more pictures. */
  readonly picture: 'shown' | 'removed' | 'left out'
  readonly reason?: string
  /** Retention in days, where that ended. */
  readonly keptDays?: number
  /** Ids of detections that name this image or its pair. */
  readonly of: readonly string[]
}

export type PlateGroup = {
  readonly original?: ShownPlate
  readonly plate: ShownPlate
  /** Region of the original that the diverted picture shows, in stored pixels. */
  readonly crop?: Region
  /** Where the partner is in another pair: its hash, and the role of this image. */
  readonly besides?: { readonly sha256: string; readonly role: PlateRole }
}

export type PlateRole = 'original' | 'diverted'

/** Limits of embedded pictures: each file contains them all. */
export const reportLimits = { pictures: 12, bytes: 4_000_000 } as const

type Naming = { readonly id: string; readonly plates: readonly string[] }

/**
 * Pairs are shown or left out as a whole.
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
    if (!first) throw new Error('a group of evidence images is empty')
    const [original, diverted] = members
    const crop = hasRoom && original && diverted ? cropOn(original, diverted) : undefined
    if (second) return { original: first, plate: second, ...(crop && { crop }) }
    return { plate: first, ...(besides && { besides }) }
  })
}

/** Returns the frame on the original; undefined where its picture is gone or the crop is of another original. */
const cropOn = (original: Plate, { crop, divertedFrom = original.sha256 }: Plate): Region | undefined => {
  if (!crop || original.removed || divertedFrom !== original.sha256) return undefined
  const size = sizeIn(original)
  return isInside(crop, size) ? scaledMasks([crop], size, original)[0] : undefined
}

/** Returns the size to which regions refer. Old records have only the stored size. */
const sizeIn = ({ receivedSize, width, height }: Plate): PictureSize => receivedSize ?? { width, height }

/**
 * @throws PlateError where a crop reaches beyond its original
 * @param about the other image, where only readers who may know it may see the fault
 */
export const requireCropInside = (crop: Region, original: Plate, about?: Pick<Plate, 'sha256' | 'marking'>): void => {
  const { width, height } = sizeIn(original)
  if (isInside(crop, { width, height })) return
  throw new PlateError(fault('plate.cropBeyond', { crop: maskText(crop), width, height }), about)
}

type Group = {
  readonly members: readonly Plate[]
  readonly of: Set<string>
  readonly besides?: PlateGroup['besides']
}

/** Pairs each image with its first free partner: images named here first, then the older ones. */
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

export type Partner = { readonly plate: Plate; readonly role: PlateRole }

export const partnersOf = (plate: Plate, others: readonly Plate[]): readonly Partner[] =>
  others.flatMap((other): readonly Partner[] => {
    if (other.sha256 === plate.sha256) return []
    if (other.sha256 === partnerOf(plate)) return [{ plate: other, role: otherRole[roleOf(plate)] }]
    return partnerOf(other) === plate.sha256 ? [{ plate: other, role: roleOf(other) }] : []
  })

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

export const partnerOf = ({
  originalOf,
  divertedFrom,
}: Pick<Plate, 'originalOf' | 'divertedFrom'>): string | undefined => originalOf ?? divertedFrom
