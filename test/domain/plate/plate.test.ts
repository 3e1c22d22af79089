import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Marking, markings } from '../../../lambdas/domain/core/marking.ts'
import { isSameSize, storedSize } from '../../../lambdas/domain/plate/mask.ts'
import {
  isKnown,
  type Plate,
  plateGroups,
  plateSchema,
  plateSnapshot,
  reportLimits,
  withKnownPartners,
} from '../../../lambdas/domain/plate/plate.ts'

const hashOf = (number: number): string => number.toString(16).padStart(64, '0')

const plate = (number: number, more: Partial<Plate> = {}): Plate =>
  plateSchema.parse({
    ...{ sha256: hashOf(number), received: hashOf(number + 1_000), kind: 'image/png' },
    ...{ width: 100, height: 50, bytes: 1_000, masks: 1, by: 'C. Morel', addedAt: '2024-05-20T00:00:00.000Z' },
    ...{ caption: { fr: 'f', en: 'e' }, alt: { fr: 'f', en: 'e' }, source: 'X', date: '2024-05-15' },
    marking: 'TLP:AMBER',
    ...more,
  })

const removed = { at: '2024-06-01T00:00:00.000Z', by: 'A. Roy', reason: 'a minor' }

const knownOf = (...plates: readonly Plate[]) => new Map(plates.map((one) => [one.sha256, one]))

const shownIn = (groups: ReturnType<typeof plateGroups>) =>
  groups.flatMap(({ original, plate: one }) => (original ? [original, one] : [one]))

describe('the plates of a report', () => {
  it('are pairs where one diverts the other, by either name', () => {
    const original = plate(1)
    const diverted = plate(2, { divertedFrom: hashOf(1) })
    for (const named of [[hashOf(1)], [hashOf(2)], [hashOf(2), hashOf(1)]]) {
      const groups = plateGroups([{ id: 'd', plates: named }], knownOf(diverted, original))
      expect(groups.map((group) => [group.original?.sha256, group.plate.sha256])).toEqual([[hashOf(1), hashOf(2)]])
    }
  })

  it('refer a second diversion to its original', () => {
    const [original, first, second] = [plate(1), ...[2, 3].map((one) => plate(one, { divertedFrom: hashOf(1) }))]
    const all = knownOf(original as Plate, first as Plate, second as Plate)
    const shown = (...named: readonly number[]) =>
      plateGroups([{ id: 'd', plates: named.map(hashOf) }], all).map(({ original, plate: one, besides }) => [
        original?.sha256,
        one.sha256,
        besides,
      ])
    const besides = { sha256: hashOf(1), role: 'diverted' }
    const pair = (diverted: number) => [hashOf(1), hashOf(diverted), undefined]
    expect(shown(1, 2, 3)).toEqual([pair(2), [undefined, hashOf(3), besides]])
    expect(shown(3, 2)).toEqual([pair(3), [undefined, hashOf(2), besides]])
    // A named one is paired with its original, though the other was first.
    expect(shown(3)).toEqual([pair(3)])
    expect(shown(1, 3)).toEqual([pair(3)])
  })

  it('are single where the other is not known, without a trace of it', () => {
    const alone = plateGroups([{ id: 'd', plates: [hashOf(2)] }], knownOf(plate(2, { divertedFrom: hashOf(1) })))
    expect(alone).toEqual(plateGroups([{ id: 'd', plates: [hashOf(2)] }], knownOf(plate(2))))
    expect(JSON.stringify(alone)).not.toContain(hashOf(1))
  })

  it('have the reason of a removal, and not its author', () => {
    const [group] = plateGroups([{ id: 'd', plates: [hashOf(1)] }], knownOf(plate(1, { removed })))
    expect(group?.plate).toMatchObject({ picture: 'removed', reason: 'a minor' })
    expect(JSON.stringify(group)).not.toContain('Roy')
    expect(JSON.stringify(group)).not.toContain('Morel')
  })

  it('are known under a cap, from the instant of their addition on', () => {
    expect(isKnown(plate(1), 'TLP:GREEN', '2025')).toBe(false)
    expect(isKnown(plate(1), 'TLP:AMBER', '2025')).toBe(true)
    expect(isKnown(plate(1), 'TLP:RED', '2024-05-19T23:59:59.999Z')).toBe(false)
  })

  const world = fc.array(
    fc.record({
      bytes: fc.integer({ min: 1, max: 800_000 }),
      partner: fc.option(fc.nat(30), { nil: undefined }),
      isOriginal: fc.boolean(),
      isRemoved: fc.boolean(),
      marking: fc.constantFrom(...markings),
    }),
    { minLength: 1, maxLength: 30 },
  )
  const named = fc.array(fc.uniqueArray(fc.nat(35), { maxLength: 8 }), { maxLength: 12 })

  const platesOf = (all: readonly { readonly [name: string]: unknown }[]) =>
    all.map(({ bytes, partner, isOriginal, isRemoved, marking }, number) =>
      plate(number, {
        bytes: bytes as number,
        marking: marking as Marking,
        ...(isRemoved ? { removed } : {}),
        ...(partner === undefined || partner === number
          ? {}
          : isOriginal
            ? { originalOf: hashOf(partner as number) }
            : { divertedFrom: hashOf(partner as number) }),
      }),
    )

  it('are each listed once, and shown within the limits', () => {
    fc.assert(
      fc.property(world, named, (all, hashes) => {
        const plates = platesOf(all)
        const groups = plateGroups(
          hashes.map((own, at) => ({ id: `d${at}`, plates: own.map(hashOf) })),
          knownOf(...plates),
        )
        const listed = shownIn(groups)
        expect(new Set(listed.map(({ sha256 }) => sha256)).size).toBe(listed.length)
        const shown = listed.filter(({ picture }) => picture === 'shown')
        expect(shown.length).toBeLessThanOrEqual(reportLimits.pictures)
        expect(shown.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(reportLimits.bytes)
        const wanted = new Set(hashes.flat().map(hashOf))
        for (const one of plates)
          if (wanted.has(one.sha256)) expect(listed.some(({ sha256 }) => sha256 === one.sha256)).toBe(true)
        for (const one of listed)
          expect(one.picture === 'removed').toBe(plates.some((p) => p.sha256 === one.sha256 && p.removed))
        for (const { original, plate: second } of groups)
          if (original && !original.reason && !second.reason) expect(original.picture).toBe(second.picture)
      }),
      { numRuns: 300 },
    )
  })

  it('are the same with anything above the cap', () => {
    fc.assert(
      fc.property(world, named, fc.constantFrom(...markings), (all, hashes, cap) => {
        const plates = platesOf(all)
        const below = plates.filter((one) => markings.indexOf(one.marking) <= markings.indexOf(cap))
        const naming = hashes.map((own, at) => ({ id: `d${at}`, plates: own.map(hashOf) }))
        const known = knownOf(...plates.filter((one) => isKnown(one, cap, '2025')))
        const without = naming.map(({ id, plates: own }) => ({
          id,
          plates: own.filter((hash) => below.some((one) => one.sha256 === hash)),
        }))
        expect(plateGroups(naming, known)).toEqual(plateGroups(without, knownOf(...below)))
      }),
      { numRuns: 300 },
    )
  })
})

describe('a crop', () => {
  const crop = { x: 20, y: 10, width: 40, height: 30 }
  const [original, diverted] = [plate(1), plate(2, { divertedFrom: hashOf(1), crop })]
  const groupsOf = (...plates: readonly Plate[]) =>
    plateGroups([{ id: 'd', plates: plates.map(({ sha256 }) => sha256) }], withKnownPartners(plates))

  it('is shown of a pair whose original shows, in pixels of the stored original', () => {
    expect(groupsOf(original, diverted)).toMatchObject([{ crop }])
    const larger = plate(1, { receivedSize: { width: 200, height: 100 } })
    const [group] = groupsOf(larger, diverted)
    expect(group).toMatchObject({ crop: { x: 10, y: 5, width: 20, height: 15 } })
    for (const one of [group?.original, group?.plate]) {
      expect(one).not.toHaveProperty('crop')
      expect(one).not.toHaveProperty('receivedSize')
    }
    // A later original names its diversion itself.
    const before = plate(3, { crop })
    expect(groupsOf(plate(4, { originalOf: hashOf(3) }), before)).toMatchObject([{ crop }])
  })

  it.each([
    ['whose original was removed', [plate(1, { removed }), diverted]],
    ['that was given for another original', [plate(4, { originalOf: hashOf(2) }), diverted]],
    ['that has no original here', [diverted]],
    ['that reaches beyond its original', [plate(1, { width: 50, height: 30 }), diverted]],
    ['of an original that has no room', [plate(1, { bytes: reportLimits.bytes }), diverted]],
  ])('is not shown %s', (_what, plates) => {
    const groups = groupsOf(...plates)
    expect(groups.length).toBeGreaterThan(0)
    for (const group of groups) expect(group).not.toHaveProperty('crop')
  })

  it('leaves no trace in an edition that may not know its original', () => {
    const known = withKnownPartners([diverted])
    expect([...known.values()]).toEqual([plate(2)])
    expect(groupsOf(diverted)).toEqual(groupsOf(plate(2)))
    // Nor where the edition may not know the diversion.
    expect(groupsOf(original)).toEqual([{ plate: expect.not.objectContaining({ crop: expect.anything() }) }])
  })

  it('lies within the stored original', () => {
    const size = fc.record({ width: fc.integer({ min: 1, max: 12_000 }), height: fc.integer({ min: 1, max: 12_000 }) })
    const part = fc.record({
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      to: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(size, part, part, (received, across, down) => {
        const stored = storedSize(received)
        const span = ({ from, to }: typeof across, length: number) => {
          const start = Math.min(length - 1, Math.floor(Math.min(from, to) * length))
          return [start, Math.max(1, Math.floor(Math.max(from, to) * length) - start)] as const
        }
        const [[x, width], [y, height]] = [span(across, received.width), span(down, received.height)]
        const scaled = isSameSize(stored, received) ? {} : { receivedSize: received }
        const whole = plate(1, { ...stored, ...scaled })
        const [group] = groupsOf(whole, plate(2, { divertedFrom: hashOf(1), crop: { x, y, width, height } }))
        const told = group?.crop
        expect(told && told.width > 0 && told.height > 0 && told.x >= 0 && told.y >= 0).toBe(true)
        expect((told?.x ?? 0) + (told?.width ?? 0)).toBeLessThanOrEqual(stored.width)
        expect((told?.y ?? 0) + (told?.height ?? 0)).toBeLessThanOrEqual(stored.height)
      }),
    )
  })
})

it('a picture whose partner is not known has the snapshot of a picture alone', () => {
  const paired = plate(1, { divertedFrom: hashOf(2) })
  const one = withKnownPartners([paired]).get(hashOf(1))
  expect(one && plateSnapshot(one)).toEqual(plateSnapshot(plate(1)))
  expect(withKnownPartners([paired, plate(2)]).get(hashOf(1))?.divertedFrom).toBe(hashOf(2))
})
