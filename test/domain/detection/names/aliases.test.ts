import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FaultError } from '../../../../lambdas/domain/core/fault.ts'
import { parseObserved } from '../../../../lambdas/domain/core/time/observed.ts'
import { readDetection } from '../../../../lambdas/domain/detection/detection.ts'
import {
  type Aliases,
  aliasTable,
  normalisingWith,
  parseAliases,
  seemsSeveral,
} from '../../../../lambdas/domain/detection/names/aliases.ts'
import { readStix } from '../../../../lambdas/intake/stix/stix.ts'
import { detection, detectionAsOf } from '../../../support/detections.ts'
import { isShared, shared } from '../../../support/intake.ts'
import { reportOn } from '../../../support/reports.ts'

const actor = (name: string) => ({ name, attributedBy: 'VIGINUM' })

const named = (own: Aliases = {}) => {
  const normalised = normalisingWith(aliasTable(own))
  return {
    campaign: (campaign: string) => normalised(detection({ campaign })).campaign,
    actor: (name: string) => normalised(detection({ actor: actor(name) })).actor?.name,
    platforms: (...platforms: string[]) => normalised(detection({ platforms })).platforms,
  }
}

describe('the built-in table', () => {
  const { campaign, actor: actorOf, platforms } = named()

  test.each(['X/Facebook', 'X et Facebook', 'twitter & FB', 'X, Facebook', 'X + FB'])(
    'splits %s, whose parts are all platforms',
    (written) => {
      expect(platforms(written)).toEqual(['X', 'Facebook'])
      expect(seemsSeveral(written)).toBe(true)
      expect(normalisingWith(aliasTable())(detection({ platforms: [written] })).reported?.platforms).toEqual([written])
    },
  )

  test.each(['X / Gab', 'X ou Facebook', 'Gab et Parler', 'Gab, Parler'])('keeps %s, as doubtful', (written) => {
    expect(platforms(written)).toEqual([written])
    expect(seemsSeveral(written)).toBe(true)
  })

  test.each(['AC/DC', 't.me/some_channel', 'X / Twitter', 'Google+', 'Marketplace'])(
    'reads %s as one platform',
    (written) => {
      expect(platforms(written)).toHaveLength(1)
      expect(seemsSeveral(written)).toBe(false)
    },
  )

  test('keeps a name of several that has figures', () => {
    const byPlatform = [{ platform: 'X / Facebook', posts: 3 }]
    expect(
      normalisingWith(aliasTable())(detection({ platforms: ['X / Facebook'], counts: { byPlatform } })).platforms,
    ).toEqual(['X / Facebook'])
  })

  test.each(['rrn', 'DOPPELGANGER', 'Recent Reliable News', 'RRN / Doppelgänger'])(
    'trap 7: the campaign %s is RRN',
    (written) => {
      expect(campaign(written)).toBe('RRN')
    },
  )

  test('UN-notorious BIG is a campaign, BIG is an actor', () => {
    expect(campaign('UN-Notorious BIG')).toBe('UN-notorious BIG')
    expect(campaign('BIG')).toBe('BIG')
    expect(actorOf('BIG')).toBe('Baku Initiative Group (BIG)')
    expect(actorOf('Baku Initiative Group')).toBe('Baku Initiative Group (BIG)')
  })

  test.each([
    ['Azerbaïdjan', 'Azerbaijan'],
    ['AZE', 'Azerbaijan'],
    ['Azerbaijan / BIG', 'Azerbaijan / Baku Initiative Group (BIG)'],
    ['AZE / Azerbaïdjan', 'Azerbaijan'],
    ['Russian Federation', 'Russia'],
    ['Россия', 'Russia'],
    ['Turkey', 'Türkiye'],
    ['Iran (Islamic Republic of)', 'Iran'],
    ['UK', 'United Kingdom'],
    // Two letters may be an organisation, and codes in small letters words.
    ['AZ', 'AZ'],
    ['can', 'can'],
    ['constructor', 'constructor'],
    [' / ', ' / '],
  ])('the actor %s is %s', (written, name) => {
    expect(actorOf(written)).toBe(name)
  })

  test('platforms by their names and addresses, each once', () => {
    expect(platforms('Twitter', 'X', 'twitter.com', 'FB', 'Yt', 'Gab')).toEqual(['X', 'Facebook', 'YouTube', 'Gab'])
  })

  test('has one name for each country of ISO 3166-1', () => {
    const names = new Set(aliasTable().countries.values())
    expect(names.size).toBe(249)
    expect(names).toContain('Azerbaijan')
  })
})

describe('what was reported', () => {
  const normalised = normalisingWith(aliasTable())

  test('is kept where the name differs', () => {
    const found = normalised(
      detection({
        campaign: 'Doppelgänger',
        actor: actor('Azerbaïdjan'),
        platforms: ['Twitter', 'Telegram'],
        counts: { byPlatform: [{ platform: 'twitter.com', posts: 3 }] },
      }),
    )
    expect(found).toMatchObject({
      campaign: 'RRN',
      actor: { name: 'Azerbaijan', attributedBy: 'VIGINUM' },
      platforms: ['X', 'Telegram'],
      counts: { byPlatform: [{ platform: 'X', posts: { value: 3, qualifier: 'exact' } }] },
      reported: { campaign: 'Doppelgänger', actor: 'Azerbaïdjan', platforms: ['Twitter', 'twitter.com'] },
    })
    expect(readDetection(JSON.parse(JSON.stringify(found)))).toEqual({ detection: found })
  })

  test('is absent where nothing differs: the detection is the same value', () => {
    const byLanguage = detection({ actor: { name: { fr: 'Azerbaïdjan' }, attributedBy: 'VIGINUM' } })
    expect(normalised(byLanguage)).toBe(byLanguage)
    const same = detection({ campaign: 'RRN', actor: actor('Azerbaijan'), platforms: ['X'] })
    expect(normalised(same)).toBe(same)
  })

  test('remains as the source wrote it, under any later table', () => {
    const first = normalised(detection({ campaign: 'Doppelgänger', platforms: ['Twitter'] }))
    const own = parseAliases({ campaigns: { 'Operation D': ['RRN'] }, platforms: { Twitter: ['X'] } }, 'aliases.json')
    const second = normalisingWith(aliasTable(own))(first)
    expect(second).toMatchObject({ campaign: 'Operation D', platforms: ['Twitter'] })
    expect(second.reported).toEqual({ campaign: 'Doppelgänger', platforms: ['X'] })
    const back = normalisingWith(aliasTable({ campaigns: { Doppelgänger: ['RRN'] } }))(first)
    expect(back.reported).toEqual({ platforms: ['Twitter'] })
  })
})

test('a report counts by the one name, and shows what was reported', () => {
  const normalised = normalisingWith(aliasTable())
  const named = (input: Parameters<typeof detectionAsOf>[0]) => {
    const one = detectionAsOf(input)
    return { ...one, detection: normalised(one.detection) }
  }
  const report = reportOn([
    named({ id: 'a', campaign: 'Doppelgänger', platforms: ['Twitter'], counts: { posts: 3 } }),
    named({ id: 'b', campaign: 'RRN', platforms: ['X'], counts: { posts: 2 } }),
  ])
  expect(report.platforms).toMatchObject([{ name: 'X', detections: 2, posts: { value: 5 } }])
  expect(report.manoeuvres.map(({ campaign, reported }) => [campaign, reported])).toEqual([
    ['RRN', { campaign: 'Doppelgänger', platforms: ['Twitter'] }],
    ['RRN', undefined],
  ])
  expect(JSON.stringify(report.pages.en)).toContain('reported as “Doppelgänger” and “Twitter” · a')
})

describe('a user’s own table', () => {
  test('adds names, renames an entry, or removes a spelling', () => {
    const { campaign, platforms } = named({
      campaigns: { 'Storm-1516': ['CopyCop'], Doppelgänger: [] },
      platforms: { Twitter: ['X'] },
    })
    expect(campaign('copycop')).toBe('Storm-1516')
    expect(campaign('doppelganger')).toBe('Doppelgänger')
    expect(campaign('Recent Reliable News')).toBe('RRN')
    expect(platforms('x.com', 'X', 'Twitter')).toEqual(['Twitter'])
  })

  test('may rename a country or its government; the last table counts', () => {
    expect(named({ actors: { 'Presidency in Baku': ['Azerbaijan'] } }).actor('AZE')).toBe('Presidency in Baku')
    expect(named({ countries: { Azerbaïdjan: ['Azerbaijan', 'AZ'] } }).actor('AZ')).toBe('Azerbaïdjan')
    const table = aliasTable({ campaigns: { One: ['x'] } }, { campaigns: { Two: ['One'] } })
    expect(normalisingWith(table)(detection({ campaign: 'x' })).campaign).toBe('Two')
  })

  test.each([
    [
      { campaigns: { RRN: ['Doppelganger'], Other: ['DOPPELGÄNGER'] } },
      'campaigns.Other and "RRN" both have the spelling "DOPPELGÄNGER": leave it to one of them',
    ],
    [{ actors: { A: ['B'], B: ['C'] } }, 'actors.B and "A" both have the spelling "B"'],
    [{ actors: { 'A / B': [] } }, 'actors must hold one actor a name'],
    [{ campaigns: { A: ['…'] } }, 'campaigns.A[0] must hold a letter or a digit'],
    [{ campaigns: { A: 'B' } }, 'campaigns.A must be an array'],
    [{ hashtags: {} }, 'does not know: hashtags'],
    [null, 'must be an object'],
  ])('%j is refused', (value, message) => {
    const read = () => parseAliases(value, 'aliases.json')
    expect(read).toThrow(FaultError)
    expect(read).toThrow(`aliases.json: ${message.startsWith('does') ? 'has a field that the schema ' : ''}${message}`)
  })
})

describe('any table and any names', () => {
  const word = fc.oneof(
    fc.constantFrom('RRN', 'Doppelgänger', 'BIG', 'AZE', 'Azerbaijan', 'Russia', 'X', 'Twitter', 'FB'),
    fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'é', 'e', '-', ' ', '1'), minLength: 1, maxLength: 4 }),
  )
  const usable = (name: string) => /[a-z0-9é]/i.test(name)
  const spellings = fc.dictionary(word.filter(usable), fc.array(word.filter(usable), { maxLength: 3 }), { maxKeys: 4 })
  const own = fc
    .record({ campaigns: spellings, actors: spellings, platforms: spellings, countries: spellings })
    .filter((value) => {
      try {
        return Boolean(parseAliases(value, 'aliases.json'))
      } catch {
        return false // a table with a conflict is none
      }
    })
  const actors = fc.array(word.filter(usable), { minLength: 1, maxLength: 3 }).map((names) => names.join(' / '))
  const said = fc.record({
    campaign: word.filter(usable),
    actor: actors.map(actor),
    platforms: fc.array(word.filter(usable), { maxLength: 4 }),
  })

  test('normalising twice is the same as once', () => {
    fc.assert(
      fc.property(own, said, (aliases, given) => {
        const normalised = normalisingWith(aliasTable(aliases))
        const once = normalised(detection(given))
        expect(normalised(once)).toBe(once)
        expect(readDetection(JSON.parse(JSON.stringify(once)))).toEqual({ detection: once })
      }),
    )
  })

  test('two names become one only by the table', () => {
    fc.assert(
      fc.property(own, word.filter(usable), word.filter(usable), (aliases, one, other) => {
        const table = aliasTable(aliases)
        const { campaign } = named(aliases)
        if (one === other || campaign(one) !== campaign(other)) return
        const key = (name: string) =>
          name
            .normalize('NFKD')
            .replace(/\p{M}/gu, '')
            .toLowerCase()
            .replace(/[^\p{L}\p{N}]/gu, '')
        expect(table.campaigns.get(key(one)) ?? one).toBe(table.campaigns.get(key(other)) ?? other)
        expect(table.campaigns.has(key(one)) || table.campaigns.has(key(other))).toBe(true)
      }),
    )
  })
})

const real = (name: string) => shared(`viginum/${name}`)

describe.skipIf(!isShared)('VIGINUM’s bundles (skipped where ../shared/data is absent)', () => {
  const from = (name: string) =>
    readStix(readFileSync(real(name), 'utf8'), {
      file: name,
      observed: parseObserved('2023-07..2024-10'),
    }).records.flatMap((record) => ('detection' in record ? [normalisingWith(aliasTable())(record.detection)] : []))

  test('have the names of our samples, and keep their own', () => {
    expect(from('2024-12_un-notorious-big.stix.json')[0]).toMatchObject({
      campaign: 'UN-notorious BIG',
      actor: { name: 'Azerbaijan' },
      modusOperandi: { name: { en: 'BIG' } },
      platforms: ['X'],
      reported: { campaign: 'UN-Notorious BIG', platforms: ['Twitter'] },
    })
    expect(from('2023-08_rrn.stix.json')[0]).toMatchObject({
      campaign: 'RRN',
      platforms: ['Telegram', 'Facebook', 'X'],
    })
  })
})
