/** The CSV of detections: its form, formulas, and the cap. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCounter, type DetectionAsOf } from '../../../lambdas/domain/aggregate/tally.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { asText, csvColumns, csvTable } from '../../../lambdas/render/exports/csv.ts'
import { csvRecords, parseCsv } from '../../support/csv.ts'
import { detectionAsOf, detectionsAsOf } from '../../support/detections.ts'

const period = parsePeriod('2024-W20')
const zone = 'Pacific/Noumea'

const fileOf = (found: readonly DetectionAsOf[], cap: Marking = 'TLP:AMBER'): Uint8Array => {
  const table = csvTable({ territory: 'NC', period, cap })
  for (const one of found) table.add(one)
  return Buffer.from([...table.pieces()].join(''))
}

const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

const rowOf = (input: Partial<DetectionInput>) => csvRecords(fileOf([detectionAsOf(input)]))[0]

describe('form', () => {
  test('is UTF-8 with a byte-order mark, CRLF at each line’s end, and one header of known columns', () => {
    const bytes = fileOf([detectionAsOf({ title: 'Nouméa' })])
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    const text = textOf(bytes)
    expect(text.endsWith('\r\n')).toBe(true)
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(parseCsv(bytes)[0]).toEqual([...csvColumns])
  })

  test('quotes commas, quotes and line ends by RFC 4180', () => {
    const title = { fr: 'a, "b"\r\nc', en: 'x' }
    expect(textOf(fileOf([detectionAsOf({ title })]))).toContain(',"a, ""b""\r\nc",x,')
    expect(rowOf({ title })?.title_fr).toBe(title.fr)
  })

  test('is a header for a period without detections', () => {
    expect(parseCsv(fileOf([]))).toEqual([[...csvColumns]])
  })
})

describe('rows', () => {
  test('have impersonated identities: organisations by name, persons by role, each once', () => {
    const impersonates = [
      { class: 'organization' as const, name: { fr: 'Le Phare', en: 'The Beacon' } },
      { class: 'individual' as const, role: { en: 'minister' } },
      { class: 'individual' as const },
    ]
    expect(rowOf({ impersonates })?.impersonates).toBe('organization: The Beacon | individual: minister | individual')
    expect(rowOf({})?.impersonates).toBe('')
  })

  test('have an address without a label once', () => {
    const url = 'https://example.org/a'
    expect(rowOf({ evidence: [{ label: url, url }] })?.evidence).toBe('[https]://example[.]org/a')
  })

  test('have texts, and empty cells without a source', () => {
    const row = rowOf({
      summary: { fr: 'Résumé', en: '=Summary' },
      narratives: [{ fr: 'Récit', en: 'Story' }, 'Bare'],
      observedEffect: { state: 'observed', text: { en: 'Taken up by https://evil.example/a' }, source: 'VIGINUM' },
      criteria: [
        { criterion: 'foreign-actor', state: 'supported', evidence: { en: 'Registered there' } },
        { criterion: 'misleading-content', state: 'not assessed' },
      ],
      event: {
        place: { en: 'Baku' },
        participants: [{ en: 'A member of parliament' }, { role: { en: 'A minister' }, name: 'Jane Doe' }],
      },
    })
    expect(row).toMatchObject({
      summary_fr: 'Résumé',
      summary_en: "'=Summary",
      narratives: 'Story | Bare',
      observed_effect: 'observed: Taken up by [https]://evil[.]example/a (VIGINUM)',
      criteria: 'foreign-actor: supported, Registered there | misleading-content: not assessed',
      event_place: 'Baku',
      event_participants: 'A member of parliament | A minister',
    })
    const media = { state: 'observed', degree: 'media', text: { en: 'On air' }, source: 'EEAS' } as const
    expect(rowOf({ observedEffect: media })?.observed_effect).toBe('media: On air (EEAS)')
    expect(rowOf({ observedEffect: { state: 'observed', degree: 'act' } })?.observed_effect).toBe('act')
    const none = rowOf({ observedEffect: { state: 'none' } })
    expect(none).toMatchObject({ observed_effect: 'none', summary_en: '', criteria: '', event_place: '' })
    expect(rowOf({})?.observed_effect).toBe('')
  })

  test('have figures with their qualifiers, and defanged addresses', () => {
    const row = rowOf({
      id: 'nc-1',
      observed: { from: '2024-05-15', to: '2024-05-16' },
      platforms: ['X', 'Facebook'],
      counts: { posts: { value: 5000, qualifier: 'at least' }, accounts: 348 },
      campaign: 'UN-notorious BIG',
      actor: { name: 'BIG', attributedBy: 'VIGINUM', likelihood: 'very likely', confidence: 'high' },
      techniques: [{ id: 'T0049' }, { id: 'T0084.001' }],
      territories: ['overseas'],
      evidence: [{ label: 'Rapport', url: 'https://example.org/a' }],
      indicators: [{ type: 'domain', value: 'evil.example.org' }],
      modusOperandi: { name: { fr: 'Une infrastructure' }, attributedBy: 'VIGINUM' },
      reliability: 'B',
      credibility: 2,
      confidence: { score: 70 },
      breakout: { category: 2 },
    })
    expect(row).toMatchObject({
      standing: 'counted',
      first_observed: '2024-05-15',
      last_observed: '2024-05-16',
      precision: 'day',
      platforms: 'X | Facebook',
      posts: '5000',
      posts_qualifier: 'at least',
      accounts: '348',
      accounts_qualifier: 'exact',
      videos: '',
      videos_qualifier: 'not given',
      attributed_by: 'VIGINUM',
      techniques: 'T0049 | T0084.001',
      territory_method: 'group',
      territory_via: 'overseas',
      evidence: 'Rapport [https]://example[.]org/a',
      indicators: 'domain: evil[.]example[.]org',
      modus_operandi: 'Une infrastructure',
      confidence: '70/100',
      breakout: '2',
    })
  })

  test('leave out the confidence of one statement', () => {
    expect(rowOf({ confidence: { score: 70, of: '39 of 423 declare the party' } })?.confidence).toBe('')
  })

  test('have the count status', () => {
    const rows = csvRecords(
      fileOf([
        detectionAsOf({ id: 'c', observed: { from: '2024-05-15' } }),
        detectionAsOf({ id: 'o', observed: { from: '2024-05-10', to: '2024-05-14' } }),
        detectionAsOf({ id: 'u', observed: { from: '2024-05' } }),
        detectionAsOf({ id: 'x', observed: { from: '2024-04-01' } }),
      ]),
    )
    expect(rows.map(({ id, standing }) => [id, standing])).toEqual([
      ['u', 'undated'],
      ['o', 'ongoing'],
      ['c', 'counted'],
    ])
  })

  test('name a whole only where it is in the same file', () => {
    const part = detectionAsOf({ id: 'part', partOf: 'whole' })
    const secret = detectionAsOf({ id: 'whole', marking: 'TLP:RED' })
    expect(textOf(fileOf([part, secret]))).not.toContain('whole')
    expect(csvRecords(fileOf([part, detectionAsOf({ id: 'whole' })])).map((row) => row.part_of)).toEqual(['whole', ''])
  })
})

describe('an attribution', () => {
  const link = {
    from: { name: 'BIG', kind: 'organisation' },
    to: { name: 'Azerbaijan', kind: 'state' },
    fact: { en: 'Registered for tax there' },
    attributedBy: 'VIGINUM',
  } as const
  test('has its bases, and its links with their sources', () => {
    const links = [
      { ...link, basis: 'declarative' as const },
      { ...link, relation: 'amplify each other' as const },
    ]
    expect(rowOf({ actor: { name: 'BIG', attributedBy: 'VIGINUM', links } })).toMatchObject({
      attribution_bases: 'declarative',
      attribution_links:
        'BIG attributed to Azerbaijan (declarative, VIGINUM): Registered for tax there | ' +
        'BIG amplify each other Azerbaijan (basis n/a, VIGINUM): Registered for tax there',
    })
    expect(rowOf({ actor: { name: 'BIG', attributedBy: 'VIGINUM' } })?.attribution_links).toBe('')
  })
  test('has posts by interval in order, floors, and the source of a supposed origin', () => {
    const byInterval = [
      { from: '2024-05-15T15:00:00+11:00', minutes: 60 as const, posts: { value: 9, qualifier: 'at least' as const } },
      { from: '2024-05-15T14:00:00+11:00', minutes: 60 as const, posts: 3 },
    ]
    expect(
      rowOf({ counts: { posts: 12, byInterval }, supposedOrigin: { zone: 'Asia/Baku', by: '=cmd' } }),
    ).toMatchObject({
      interval_minutes: '60',
      posts_by_interval: '2024-05-15T03:00Z 3 | 2024-05-15T04:00Z ≥9',
      supposed_origin: 'Asia/Baku (hypothesis of =cmd)',
    })
    expect(rowOf({})).toMatchObject({ interval_minutes: '', posts_by_interval: '', supposed_origin: '' })
  })

  test('has all intervals within the limit of a spreadsheet’s cell', () => {
    const byInterval = Array.from({ length: 1_008 }, (_, at) => ({
      from: new Date(Date.UTC(2024, 4, 13) + at * 600_000).toISOString(),
      ...{ minutes: 10 as const, posts: { value: 1_000, qualifier: 'at least' as const } },
    }))
    const row = rowOf({ counts: { posts: { value: 1, qualifier: 'at least' }, byInterval } })
    expect(row?.posts_by_interval?.length).toBeLessThan(32_767)
  })

  test('gives its row the strictest marking of its links, and leaves out those above the cap', () => {
    const marked = (marking: 'TLP:AMBER' | 'TLP:RED') =>
      rowOf({ marking: 'TLP:GREEN', actor: { name: 'BIG', attributedBy: 'VIGINUM', links: [{ ...link, marking }] } })
    expect(marked('TLP:AMBER')?.marking).toBe('TLP:AMBER')
    expect(marked('TLP:RED')).toMatchObject({ marking: 'TLP:GREEN', attribution_links: '' })
  })
})

describe('a spreadsheet', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1'])('reads %j as text', (cell) => {
    expect(asText(cell).startsWith("'")).toBe(true)
  })

  test('that splits at semicolons has no formula either', () => {
    expect(asText('Paix;=HYPERLINK("http://x")')).toBe('Paix;\'=HYPERLINK("http://x")')
    expect(asText('ordinary - text; and = more')).toBe('ordinary - text; and = more')
  })

  test('has no formula of any title', () => {
    const hostile = fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n;",a \u00a0\u2212') })
    fc.assert(
      fc.property(hostile, (text) => {
        const row = rowOf({ title: `${text}x` })
        for (const cell of Object.values(row ?? {})) {
          expect(cell).not.toMatch(/^[ \u00a0]*[=+\-@\t\r\u2212]/)
          for (const inner of cell.split(/[;\t\r\n]/)) expect(inner).not.toMatch(/^"*[ \u00a0]*[=+\-@\u2212]/)
        }
      }),
    )
  })
})

describe('properties', () => {
  test('the rows are those that the report counts, without withheld ones', () => {
    fc.assert(
      fc.property(detectionsAsOf, fc.constantFrom<Marking>('TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER'), (found, cap) => {
        const counter = createCounter({ period, zone, cap })
        for (const one of found) counter.add(one)
        const tally = counter.tally()
        const idsOf = (contributions: Iterable<{ id: string }>) => [...contributions].map(({ id }) => id).sort()
        const ids = (standing: string) =>
          csvRecords(fileOf(found, cap))
            .filter((row) => row.standing === standing)
            .map((row) => row.id)
            .sort()
        expect(ids('counted')).toEqual(idsOf(tally.counted))
        expect(ids('ongoing')).toEqual(idsOf(tally.ongoing))
        expect(ids('undated')).toEqual(idsOf(tally.undatedHere))
      }),
    )
  })

  test('the order and repetition of detections do not matter', () => {
    fc.assert(
      fc.property(detectionsAsOf, fc.gen(), (found, gen) => {
        const shuffled = gen(() => fc.shuffledSubarray([...found, ...found], { minLength: found.length * 2 }))
        expect(fileOf(shuffled)).toEqual(fileOf(found))
      }),
    )
  })
})
