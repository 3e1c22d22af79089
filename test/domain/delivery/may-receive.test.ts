import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitsUnder, markings } from '../../../lambdas/domain/core/marking.ts'
import {
  isCampaignCode,
  subjectOf,
  subjects,
  territories,
  territoryGroups,
} from '../../../lambdas/domain/core/place/territory.ts'
import {
  type Deliverable,
  isConcerned,
  mayReceive,
  readersByEdition,
} from '../../../lambdas/domain/delivery/may-receive.ts'
import {
  cadences,
  editionFor,
  editionNames,
  editionsWanted,
  editionTitles,
  groupsWanted,
  places,
  type Recipient,
  recipientStates,
} from '../../../lambdas/domain/delivery/recipient.ts'
import { recipient } from '../../support/recipients.ts'

const report = (changes: Partial<Deliverable> = {}): Deliverable => ({
  territory: 'NC',
  cadence: 'week',
  cap: 'TLP:AMBER',
  marking: 'TLP:AMBER',
  state: 'published',
  awaitsApproval: false,
  quiet: false,
  ...changes,
})
const reader = (changes: Partial<Recipient> = {}) => recipient('prefect@example.org', changes)

describe('a recipient', () => {
  test('gets the report of its territory, its cadence and its clearance', () => {
    expect(mayReceive(report(), reader())).toEqual({ may: true, content: 'nothing', form: 'link' })
  })

  test.each<[string, Partial<Deliverable>, Partial<Recipient>, string]>([
    ['of another territory', { territory: 'MQ' }, {}, 'another territory'],
    ['of another cadence', { cadence: 'quarter' }, {}, 'another cadence'],
    ['above its clearance', {}, { clearance: 'TLP:GREEN' }, 'clearance'],
    ['whose cap is above its clearance', { marking: 'TLP:CLEAR' }, { clearance: 'TLP:GREEN' }, 'clearance'],
    ['marked above its own cap', { cap: 'TLP:GREEN' }, { clearance: 'TLP:GREEN' }, 'clearance'],
    ['that is RED', { cap: 'TLP:RED', marking: 'TLP:RED' }, { clearance: 'TLP:RED' }, 'never mailed'],
    ['that may hold RED', { cap: 'TLP:RED' }, { clearance: 'TLP:RED' }, 'never mailed'],
    ['that is held', { state: 'held' }, {}, 'not published'],
    ['that was recalled', { state: 'recalled' }, {}, 'recalled'],
    ['that awaits approval', { awaitsApproval: true }, {}, 'awaits approval'],
    [
      'that is a flash note awaiting approval',
      { territory: 'flash-nc-0123456789ab', awaitsApproval: true },
      {},
      'awaits approval',
    ],
    ['that is an expired flash note', { territory: 'flash-nc-0123456789ab', expired: true }, {}, 'expired'],
    ['that is a flash note on two territories', { territory: 'flash-nc-pf-0123456789ab' }, {}, 'another territory'],
    ['with a key that no flash note has', { territory: 'flash-pf-nc-0123456789ab' }, {}, 'unknown report'],
    ['on a quiet period, if it wants none', { quiet: true }, { quiet: 'skip' }, 'quiet'],
  ])('gets none %s', (_, of, who, why) => {
    expect(mayReceive(report(of), reader(who))).toEqual({ may: false, why })
  })

  test('gets a flash note of its territories, with any cadences and editions', () => {
    const note = report({ territory: 'flash-nc-pf-0123456789ab', cadence: 'week' })
    const who = reader({ territories: ['pacific'], cadences: ['year'], editions: ['ALL'] })
    expect(mayReceive(note, who)).toEqual({ may: true, content: 'nothing', form: 'link' })
    const codes = fc.subarray([...subjectOf('ALL').members], { minLength: 1 })
    fc.assert(
      fc.property(codes, (read) => {
        const { may } = mayReceive(note, reader({ territories: read }))
        expect(may).toBe(read.includes('NC') && read.includes('PF'))
      }),
    )
  })

  test.each(recipientStates.filter((state) => state !== 'active'))('that is %s gets none', (state) => {
    expect(mayReceive(report(), reader({ state }))).toEqual({ may: false, why: 'not active' })
  })

  test.each([
    ['TLP:CLEAR', undefined, 'findings', 'attachment'],
    ['TLP:GREEN', undefined, 'findings', 'attachment'],
    ['TLP:AMBER', undefined, 'nothing', 'link'],
    ['TLP:AMBER+STRICT', undefined, 'nothing', 'link'],
    ['TLP:GREEN', 'TLP:CLEAR', 'nothing', 'link'],
    ['TLP:AMBER', 'TLP:AMBER', 'findings', 'link'],
    ['TLP:AMBER+STRICT', 'TLP:AMBER', 'nothing', 'link'],
  ] as const)('gets %s, where mails are full up to %s, with %s, by %s', (marking, fullUpTo, content, form) => {
    const strict = { cap: 'TLP:AMBER+STRICT', marking } as const
    const who = reader({ clearance: 'TLP:AMBER+STRICT', form: 'attachment' })
    expect(mayReceive(report(strict), who, fullUpTo)).toEqual({ may: true, content, form })
  })
})

describe('a recipient who names reports', () => {
  const all = { territories: ['overseas', 'COR'] } as const satisfies Partial<Recipient>
  const may = (territory: Deliverable['territory'], who: Partial<Recipient>) =>
    mayReceive(report({ territory }), reader(who))

  test.each<[string, Partial<Recipient>, Deliverable['territory'][], Deliverable['territory'][]]>([
    ['none: those of its territories', { ...all }, ['NC', 'COR'], ['ALL', 'OVERSEAS']],
    ['the nation', { ...all, editions: ['ALL'] }, ['ALL'], ['NC', 'COR', 'OVERSEAS']],
    ['the nation and its own', { ...all, editions: ['NC', 'ALL'] }, ['NC', 'ALL'], ['MQ', 'PACIFIC']],
    ['a group: its report, not its members’', { ...all, editions: ['PACIFIC'] }, ['PACIFIC'], ['NC', 'PF', 'WF']],
    ['a group that it may read, and no more', { territories: ['pacific'], editions: ['PACIFIC'] }, ['PACIFIC'], ['NC']],
    ['each, and the nation', { ...all, editions: ['each', 'ALL'] }, ['NC', 'COR', 'ALL'], ['ANTILLES']],
    ['each: as if it named none', { territories: ['pacific'], editions: ['each'] }, ['NC', 'WF'], ['PACIFIC', 'MQ']],
  ])('gets of %s', (_, who, mailed, others) => {
    for (const code of mailed) expect(may(code, who)).toMatchObject({ may: true })
    for (const code of others) expect(may(code, who)).toMatchObject({ may: false })
  })

  test('is refused for its wish, or for a missing right to a member', () => {
    const overseas = { territories: ['overseas'] } as const satisfies Partial<Recipient>
    expect(may('ALL', { ...all, editions: ['NC'] })).toMatchObject({ why: 'another edition' })
    expect(may('ALL', { ...overseas, editions: ['ALL'] })).toMatchObject({ why: 'not every territory' })
    expect(may('ALL', { ...overseas, editions: ['each'] })).toMatchObject({ why: 'another territory' })
    expect(may('MQ', { territories: ['NC'], editions: ['MQ'] })).toMatchObject({ why: 'not every territory' })
  })

  test('gets a campaign’s dossier where it may read each territory, with any editions', () => {
    expect(may('campaign-0123456789ab', { ...all, editions: ['NC'] }).may).toBe(true)
    expect(may('campaign-0123456789ab', { territories: ['overseas'], editions: ['ALL'] }).may).toBe(false)
  })

  test('is in the ledger only where it lacks a right to a named report', () => {
    const nation = report({ territory: 'ALL' })
    const overseas: Partial<Recipient> = { territories: ['overseas'], editions: ['ALL'] }
    expect(isConcerned(nation, reader(overseas))).toBe(true)
    // Another cadence and a clearance below need no explanation.
    for (const who of [
      { territories: overseas.territories ?? [] },
      all,
      { ...overseas, cadences: ['month'] },
      { ...overseas, clearance: 'TLP:GREEN' },
    ] satisfies Partial<Recipient>[])
      expect(isConcerned(nation, reader(who))).toBe(false)
  })

  test('adds its groups to the reports that are made', () => {
    const some = [
      recipient('a@example.org', { territories: ['pacific'], editions: ['PACIFIC'] }),
      recipient('b@example.org', { ...all, editions: ['ALL', 'INDIAN-OCEAN'] }),
      recipient('c@example.org', { territories: ['GP'], editions: ['ANTILLES'] }),
      recipient('d@example.org', { ...all, editions: ['OVERSEAS'], cadences: ['month'] }),
    ]
    expect(groupsWanted(some, 'week')).toEqual(['PACIFIC', 'INDIAN-OCEAN'])
    expect(groupsWanted(some, 'month')).toEqual(['OVERSEAS', 'PACIFIC', 'INDIAN-OCEAN'])
  })

  test('has their names', () => {
    expect(editionTitles(reader({ editions: ['ALL', 'NC'] }), 'fr')).toEqual([
      'Synthèse nationale',
      'Nouvelle-Calédonie',
    ])
    expect(editionTitles(reader({ editions: ['each', 'PACIFIC'] }), 'en')).toEqual(['French Pacific', 'New Caledonia'])
    for (const who of [reader(), reader({ editions: ['each'] })]) expect(editionTitles(who, 'fr')).toBeUndefined()
  })
})

const anyReport = fc.record<Deliverable>({
  territory: fc.constantFrom(...subjects.map(({ code }) => code), 'campaign-0123456789ab' as const),
  cadence: fc.constantFrom(...cadences),
  cap: fc.constantFrom(...markings),
  marking: fc.constantFrom(...markings),
  state: fc.constantFrom('published', 'held', 'recalled'),
  awaitsApproval: fc.boolean(),
  quiet: fc.boolean(),
})
const anyReader = fc
  .record({
    clearance: fc.constantFrom(...markings),
    territories: fc.uniqueArray(fc.constantFrom(...places), { minLength: 1 }) as fc.Arbitrary<Recipient['territories']>,
    cadences: fc.uniqueArray(fc.constantFrom(...cadences), { minLength: 1 }),
    form: fc.constantFrom('link' as const, 'attachment' as const),
    quiet: fc.constantFrom('send' as const, 'skip' as const),
    state: fc.constantFrom(...recipientStates),
    editions: fc.option(fc.uniqueArray(fc.constantFrom(...editionNames), { minLength: 1, maxLength: 6 }), {
      nil: undefined,
    }),
  })
  .map(({ editions, ...one }) => reader({ ...one, ...(editions && { editions }) }))

describe('the decision', () => {
  test('remains yes as a clearance grows', () => {
    fc.assert(
      fc.property(anyReport, anyReader, fc.constantFrom(...markings), (of, who, other) => {
        const [low, high] = fitsUnder(who.clearance, other) ? [who.clearance, other] : [other, who.clearance]
        const lower = mayReceive(of, { ...who, clearance: low })
        if (lower.may) expect(mayReceive(of, { ...who, clearance: high })).toEqual(lower)
      }),
    )
  })

  test('never lets anything above a clearance through, and never RED', () => {
    fc.assert(
      fc.property(anyReport, anyReader, (of, who) => {
        if (!mayReceive(of, who).may) return
        expect(fitsUnder(of.marking, who.clearance) && fitsUnder(of.cap, who.clearance)).toBe(true)
        expect([of.marking, of.cap]).not.toContain('TLP:RED')
      }),
    )
  })

  /** docs/sharing.md: a group as a right is its members. */
  const readable = ({ territories: named }: Recipient) =>
    new Set<string>(
      named.flatMap((place): readonly string[] => territoryGroups.find(({ id }) => id === place)?.members ?? [place]),
    )

  test('never lets through a report on a territory that its reader may not read', () => {
    fc.assert(
      fc.property(anyReport, anyReader, (of, who) => {
        if (!mayReceive(of, who).may) return
        const right = readable(who)
        const about = isCampaignCode(of.territory)
          ? territories.map(({ code }) => code)
          : subjectOf(of.territory).members
        expect(about.filter((code) => !right.has(code))).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  test('without named reports is the right, the cadence, the states and the markings, and excludes groups', () => {
    fc.assert(
      fc.property(anyReport, anyReader, (of, { editions: _, ...who }) => {
        const decided = mayReceive(of, who)
        expect(mayReceive(of, { ...who, editions: ['each'] })).toEqual(decided)
        const isGroupReport = !isCampaignCode(of.territory) && subjectOf(of.territory).members.length > 1
        if (isGroupReport) expect(decided.may).toBe(false)
        else {
          const right = readable(who)
          const isRead = (isCampaignCode(of.territory) ? territories : [{ code: of.territory }]).every(({ code }) =>
            right.has(code as never),
          )
          expect(decided.may).toBe(
            isRead &&
              who.cadences.includes(of.cadence) &&
              who.state === 'active' &&
              of.state === 'published' &&
              !of.awaitsApproval &&
              !(of.quiet && who.quiet === 'skip') &&
              [of.cap, of.marking].every((marking) => marking !== 'TLP:RED' && fitsUnder(marking, who.clearance)),
          )
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('with named reports is the right, reduced to these reports', () => {
    fc.assert(
      fc.property(anyReport, anyReader, (of, who) => {
        const decided = mayReceive(of, who)
        const named: readonly string[] = who.editions ?? ['each']
        const isAsked =
          named.includes(of.territory) ||
          isCampaignCode(of.territory) ||
          (named.includes('each') && subjectOf(of.territory).members.length === 1)
        if (!isAsked) expect(decided.may).toBe(false)
        // A right to all territories allows no less.
        if (decided.may) expect(mayReceive(of, { ...who, territories: ['overseas', 'COR'] })).toEqual(decided)
      }),
      { numRuns: 1_000 },
    )
  })

  test('attaches nothing above GREEN, and is the same however much a mail may show', () => {
    fc.assert(
      fc.property(anyReport, anyReader, fc.constantFrom(...markings), (of, who, fullUpTo) => {
        const decided = mayReceive(of, who, fullUpTo)
        expect(decided.may).toBe(mayReceive(of, who).may)
        if (decided.may && !fitsUnder(of.marking, 'TLP:GREEN')) expect(decided.form).toBe('link')
      }),
    )
  })

  test('is no for anything unknown: a missing field, another one, or another value', () => {
    const odd = fc.oneof(fc.anything(), fc.constantFrom('TLP:WHITE', 'tlp:clear', 'NC ', null, undefined, [], {}))
    fc.assert(
      fc.property(anyReport, anyReader, fc.string(), odd, fc.boolean(), (of, who, field, value, ofReport) => {
        const changed = (one: object) => {
          const names = [...Object.keys(one), field]
          const name = names[field.length % names.length] as string
          return { name, value: { ...one, [name]: value } }
        }
        const target = changed(ofReport ? of : who)
        const known = (ofReport ? (of as object) : who)[target.name as never] as unknown
        const decided = ofReport ? mayReceive(target.value, who) : mayReceive(of, target.value)
        const before = mayReceive(of, who)
        if (!before.may && decided.may) expect(isKnownValue(target.name, value)).toBe(true)
        if (decided.may) expect(known === value || isKnownValue(target.name, value)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test.each([undefined, null, {}, [], 'report', 7])('is no for %j', (nothing) => {
    expect(mayReceive(nothing, reader())).toEqual({ may: false, why: 'unknown report' })
    expect(mayReceive(report(), nothing)).toEqual({ may: false, why: 'unknown recipient' })
  })
})

/** Fields of free text, and values that the rule knows. */
const isKnownValue = (name: string, value: unknown): boolean => {
  if (['name', 'organisation', 'reason', 'address', 'id', 'addedAt'].includes(name)) return true
  if (name === 'editions' && value === undefined) return true
  const one = [value].flat() as readonly unknown[]
  const known: readonly unknown[] = [
    ...[...markings, ...cadences, ...places, ...editionNames, ...recipientStates],
    ...['published', 'send', 'skip', 'link', 'attachment', 'fr', 'en', true, false],
  ]
  return one.length > 0 && one.every((each) => known.includes(each))
}

describe('the edition of a recipient', () => {
  test('is its clearance, and for RED the one below', () => {
    expect(markings.map((clearance) => editionFor({ clearance }))).toEqual([
      'TLP:CLEAR',
      'TLP:GREEN',
      'TLP:AMBER',
      'TLP:AMBER+STRICT',
      'TLP:AMBER+STRICT',
    ])
  })

  test('is made once for all recipients who get it', () => {
    const all = [
      reader(),
      recipient('b@example.org', { clearance: 'TLP:GREEN' }),
      recipient('c@example.org', { clearance: 'TLP:RED', territories: ['pacific'] }),
      recipient('d@example.org', { clearance: 'TLP:CLEAR', state: 'unsubscribed' }),
      recipient('e@example.org', { clearance: 'TLP:CLEAR', territories: ['MQ'] }),
      recipient('f@example.org', { clearance: 'TLP:CLEAR', cadences: ['month'] }),
      { ...recipient('g@example.org'), clearance: 'TLP:WHITE' } as unknown as Recipient,
    ]
    expect(editionsWanted(all, 'NC', 'week')).toEqual(['TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT'])
    expect(editionsWanted(all, 'GF', 'week')).toEqual([])
  })
})

describe('the readers of editions', () => {
  const weekly = { territory: 'NC', cadence: 'week' } as const

  test('are counted by what each may read, RED under the edition below', () => {
    const readers = [
      reader(),
      reader({ clearance: 'TLP:GREEN' }),
      reader({ clearance: 'TLP:GREEN', quiet: 'skip' }),
      reader({ clearance: 'TLP:RED' }),
      reader({ clearance: 'TLP:GREEN', state: 'pending' }),
      reader({ clearance: 'TLP:CLEAR', territories: ['MQ'] }),
      reader({ clearance: 'TLP:CLEAR', cadences: ['month'] }),
      { id: 'cannot be read' },
    ]
    expect(readersByEdition(weekly, readers)).toEqual([
      { cap: 'TLP:GREEN', readers: 2 },
      { cap: 'TLP:AMBER', readers: 1 },
      { cap: 'TLP:AMBER+STRICT', readers: 1 },
    ])
  })

  test('are counted for each edition that is wanted', () => {
    const some = fc.array(
      fc.record({
        clearance: fc.constantFrom(...markings),
        state: fc.constantFrom(...recipientStates),
        territories: fc.subarray([...places], { minLength: 1 }),
        cadences: fc.subarray([...cadences], { minLength: 1 }),
        editions: fc.subarray([...editionNames], { minLength: 1 }),
      }),
    )
    const subject = fc.constantFrom(...subjects.map(({ code }) => code))
    fc.assert(
      fc.property(some, subject, (changes, territory) => {
        const readers = changes.map((one) => reader(one))
        const counted = readersByEdition({ ...weekly, territory }, readers)
        expect(counted.map(({ cap }) => cap)).toEqual(editionsWanted(readers, territory, 'week'))
        expect(counted.reduce((sum, one) => sum + one.readers, 0)).toBeLessThanOrEqual(readers.length)
      }),
    )
  })
})
