/** The MISP event of a report: valid, stable, within its markings, and ingested again without loss. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import type { Report } from '../../../lambdas/domain/page/page.ts'
import { readMisp } from '../../../lambdas/intake/stix/misp.ts'
import { readStix } from '../../../lambdas/intake/stix/stix.ts'
import { mispEvent } from '../../../lambdas/render/exports/misp.ts'
import { stixBundle } from '../../../lambdas/render/exports/stix.ts'
import { detectionAsOf, detectionsAsOf } from '../../support/detections.ts'
import { mispFaults } from '../../support/misp-spec.ts'
import { reportOn } from '../../support/reports.ts'

const ends = { from: { name: 'BIG', kind: 'organisation' }, to: { name: 'Azerbaijan', kind: 'state' } } as const
const fact = { fact: { en: 'Registered for tax there.' }, attributedBy: 'VIGINUM' }

const everything: Partial<DetectionInput> = {
  id: 'nc-1',
  observed: { from: '2024-05-15', to: '2024-05-16' },
  summary: { fr: 'Voir https://evil.example.org/a', en: 'See https://evil.example.org/a' },
  territories: ['NC', 'PF'],
  counts: { posts: { value: 5000, qualifier: 'at least' }, accounts: 1686 },
  campaign: 'UN-notorious BIG',
  actor: {
    ...{ name: 'BIG', attributedBy: 'VIGINUM' },
    links: [
      { ...ends, ...fact, basis: 'administrative' },
      { ...ends, ...fact, basis: 'technical', marking: 'TLP:AMBER' },
    ],
    replies: [{ by: 'BIG', text: { en: 'It rejects this.' }, marking: 'TLP:AMBER' }],
  },
  techniques: [{ id: 'T0084.001' }, { id: 'T1566', name: 'Phishing', framework: 'mitre-attack' }],
  narratives: [{ fr: 'La France néocoloniale' }],
  quotes: [{ text: 'Regardez', language: 'fr' }],
  indicators: [
    { type: 'url', value: 'hxxps://evil[.]example[.]org/a?b=1' },
    { type: 'domain', value: 'evil.example.org' },
    { type: 'ip', value: '198.51.100.3' },
    { type: 'email', value: 'a@evil.example.org' },
    { type: 'account', value: '@someone' },
    { type: 'hash', value: 'ab'.repeat(32) },
    { type: 'hash', value: '4f0c19' },
    { type: 'url', value: 'àremplir' },
  ],
  evidence: [{ label: 'Press', url: 'https://news.example.com/c' }],
  reliability: 'B',
  credibility: 2,
  marking: 'TLP:GREEN',
}

type Attribute = Readonly<Record<'type' | 'value' | 'comment', string>> & {
  readonly object_relation?: string
  readonly to_ids: boolean
  readonly disable_correlation: boolean
  readonly Tag?: readonly { readonly name: string }[]
}

type Event = {
  readonly [field in 'uuid' | 'distribution' | 'timestamp']: string
} & {
  readonly Tag: readonly { readonly name: string }[]
  readonly Attribute: readonly Attribute[]
  readonly Object: readonly { readonly name: string; readonly Attribute: readonly Attribute[] }[]
  readonly EventReport: readonly { readonly content: string }[]
}

const eventOf = (report: Report): Event => mispEvent(report).Event as unknown as Event

const readBack = (event: unknown) => {
  const { records, ...rest } = readMisp(JSON.stringify({ Event: event }), { file: 'report.misp.json' })
  const detections = records.map((record) => {
    if (!('detection' in record)) throw new Error(`no detection: ${JSON.stringify(record)}`)
    return record.detection
  })
  return { detections, ...rest }
}

const inStix = (report: Report) =>
  readStix(JSON.stringify(stixBundle(report)), { file: 'x' }).records.map((record) =>
    'detection' in record ? record.detection : record,
  )

const byId = (all: readonly object[]) => all.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

const full = reportOn([
  detectionAsOf(everything),
  detectionAsOf({ ...everything, id: 'part', partOf: 'nc-1', marking: 'TLP:AMBER' }),
])

describe('the event', () => {
  test('of a full and a quiet report is accepted by MISP', () => {
    expect(mispFaults(mispEvent(full))).toEqual([])
    expect(mispFaults(mispEvent(reportOn([])))).toEqual([])
  })

  test('is checked by a validator that finds faults', () => {
    const { Event: event } = mispEvent(full) as { Event: Record<string, never> }
    const [object] = event.Object as unknown as [object]
    expect(mispFaults({ Event: { ...event, info: '' } })).not.toEqual([])
    expect(mispFaults({ Event: { ...event, Object: [object, object] } })).not.toEqual([])
    expect(mispFaults({ Event: { ...event, Object: [{ ...object, name: 'incident' }] } })).not.toEqual([])
  })

  test('has each value once, correlated where it is an indicator, and orders no blocking', () => {
    const { Attribute: all, Object: objects } = eventOf(full)
    const plain = all.filter(({ comment }) => !comment.startsWith('vigie:'))
    expect(plain.map(({ type, value, disable_correlation: isApart }) => [type, value, !isApart])).toEqual([
      ['target-location', 'New Caledonia', false],
      ['url', 'https://evil.example.org/a?b=1', true],
      ['domain', 'evil.example.org', true],
      ['ip-dst', '198.51.100.3', true],
      ['email', 'a@evil.example.org', true],
      ['sha256', 'ab'.repeat(32), true],
      ['text', '4f0c19', false],
      ['text', 'àremplir', false],
    ])
    expect(all.some(({ to_ids: toIds }) => toIds)).toBe(false)
    expect(objects.map(({ name }) => name)).toEqual(['report', 'report', 'user-account', 'narrative', 'microblog'])
    // The stricter part has the same values: they do not name it.
    expect(new Set(plain.map(({ comment }) => comment))).toEqual(new Set(['nc-1']))
  })

  test('has figures, time and tags of a detection in its object', () => {
    const [whole] = eventOf(reportOn([detectionAsOf(everything)], { cap: 'TLP:RED' })).Object
    const valuesOf = (relation: string) =>
      (whole?.Attribute ?? []).flatMap((one) =>
        one.object_relation === relation ? [one.value.replaceAll(/[\u00a0\u202f]/gu, ' ')] : [],
      )
    expect(valuesOf('summary')[0]).toMatch(
      /^15–16 May 2024: at least 5,000 posts and 1,686 accounts\. \/ 15 – 16 mai 2024 : au/,
    )
    expect(valuesOf('link')).toEqual(['https://news.example.com/c'])
    expect(whole).toMatchObject({ first_seen: '2024-05-15T00:00:00.000Z', last_seen: '2024-05-16T23:59:59.000Z' })
    expect(whole?.Attribute[0]?.Tag?.map(({ name }) => name)).toEqual([
      'tlp:green',
      'admiralty-scale:source-reliability="b"',
      'admiralty-scale:information-credibility="2"',
      'misp-galaxy:disarm-techniques="Use Copypasta"',
    ])
  })

  test.each<[Marking, string, string]>([
    ['TLP:CLEAR', 'tlp:clear', '3'],
    ['TLP:GREEN', 'tlp:green', '1'],
    ['TLP:AMBER', 'tlp:amber', '0'],
    ['TLP:AMBER+STRICT', 'tlp:amber+strict', '0'],
    ['TLP:RED', 'tlp:red', '0'],
  ])('of a report marked %s has its tag and distribution', (marking, tag, distribution) => {
    const event = eventOf(reportOn([detectionAsOf({ marking })], { cap: 'TLP:RED' }))
    expect([event.Tag.map(({ name }) => name), event.distribution]).toEqual([[tag], distribution])
  })

  test('is updated by a later version', () => {
    const [one, two] = [full, { ...full, id: full.id.replace(/\d+$/, '2'), asOf: '2024-06-20T00:00:00.000Z' }].map(
      eventOf,
    )
    expect(two?.uuid).toBe(one?.uuid)
    expect(Number(two?.timestamp)).toBeGreaterThan(Number(one?.timestamp))
    expect(mispEvent(full)).toEqual(mispEvent(full))
  })
})

test('the Markdown has no markup, reference or address of a detection', () => {
  const title = '![x](http://a.example) @[attribute](6a1f3b52-0000-4000-8000-000000000001) <b> | evil.example.org `c`'
  const [{ content } = { content: '' }] = eventOf(reportOn([detectionAsOf({ title: { en: title } })])).EventReport
  expect(content).toContain('15 May 2024: n/a\\.'.replace('\\', '').replaceAll(' ', '\u00a0').slice(0, 2))
  expect(content).not.toMatch(/(?<!\\)[<`@]|(?<!\\)\]\(|evil\.example|a\.example|(?<!\\)!\[/)
  expect(
    content
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .every((line) => line.split(/(?<!\\)\|/).length === 5),
  ).toBe(true)
  expect(content).toContain('TLP:')
})

describe('ingested again', () => {
  test('gives what STIX gives', () => {
    const { detections, noted } = readBack(eventOf(full))
    expect(byId(detections)).toEqual(byId(inStix(full)))
    expect(noted).toEqual([])
    expect(readBack(eventOf(reportOn([]))).detections).toEqual([])
  })

  test('gives the same figures', () => {
    fc.assert(
      fc.property(detectionsAsOf, (found) => {
        const report = reportOn(found)
        expect(mispFaults(mispEvent(report))).toEqual([])
        expect(byId(readBack(eventOf(report)).detections)).toEqual(byId(inStix(report)))
      }),
      { numRuns: 40 },
    )
  })

  test('gives a record that is longer than an attribute', () => {
    const indicators = Array.from({ length: 2_000 }, (_, at) => ({ type: 'domain' as const, value: `d${at}.example` }))
    const report = reportOn([detectionAsOf({ ...everything, indicators })])
    expect(mispFaults(mispEvent(report))).toEqual([])
    expect(readBack(eventOf(report)).detections[0]?.indicators).toHaveLength(2_000)
  })

  test('leaves out what MISP keeps of an earlier version', () => {
    const long = { en: 'A summary.'.repeat(2_000) }
    const before = eventOf(reportOn([detectionAsOf({ ...everything, summary: long }), detectionAsOf({ id: 'gone' })]))
    const now = eventOf(reportOn([detectionAsOf(everything)]))
    const kept = before.Attribute.filter(
      (one) => !now.Attribute.some(({ comment }) => comment === one.comment.replace(/\/\d+/, '/1')),
    )
    expect(kept.some(({ comment }) => comment.startsWith('vigie:detection 2/'))).toBe(true)
    const { detections } = readBack({ ...now, Attribute: [...kept, ...now.Attribute] })
    expect(detections).toEqual(readBack(now).detections)
  })

  test('never lowers a marking', () => {
    const found = [detectionAsOf({ marking: 'TLP:AMBER' }), detectionAsOf({ id: 'b', marking: 'TLP:GREEN' })]
    const event = eventOf(reportOn(found))
    const markingsOf = (change: Partial<Event>) =>
      Object.fromEntries(readBack({ ...event, ...change }).detections.map(({ id, marking }) => [id, marking]))
    expect(markingsOf({})).toEqual({ d1: 'TLP:AMBER', b: 'TLP:GREEN' })
    const freer = event.Attribute.map((one) => ({ ...one, value: one.value.replaceAll('TLP:AMBER', 'TLP:CLEAR') }))
    expect(markingsOf({ Attribute: freer }).d1).toBe('TLP:AMBER')
    expect(markingsOf({ Tag: [{ name: 'tlp:red' }] })).toEqual({ d1: 'TLP:RED', b: 'TLP:RED' })
    const untagged = event.Attribute.map(({ Tag: _, ...one }) => one)
    expect(markingsOf({ Attribute: untagged })).toEqual({ d1: 'TLP:AMBER', b: 'TLP:AMBER' })
    const red = [{ name: 'tlp:red' }]
    const [first, ...others] = event.Object
    expect(markingsOf({ Object: [{ ...first, Attribute: [{ Tag: red }] }, ...others] as never })).toEqual({
      ...{ d1: 'TLP:AMBER', b: 'TLP:GREEN' },
      [String((first as { comment?: string }).comment)]: 'TLP:RED',
    })
    const ofReport = event.Attribute.map((one) => (one.comment.startsWith('vigie:report') ? { ...one, Tag: red } : one))
    expect(markingsOf({ Attribute: ofReport })).toEqual({ d1: 'TLP:RED', b: 'TLP:RED' })
  })

  test('reads its records without that of the report, not the event as one detection', () => {
    const event = eventOf(reportOn([detectionAsOf(everything), detectionAsOf({ id: 'b' })]))
    const left = event.Attribute.filter(({ comment }) => !comment.startsWith('vigie:report'))
    expect(byId(readBack({ ...event, Attribute: left }).detections).map((one) => (one as { id: string }).id)).toEqual([
      'b',
      'nc-1',
    ])
  })

  test('rejects a record that is broken or invalid', () => {
    const event = eventOf(reportOn([detectionAsOf(everything)]))
    const pathOf = (change: (value: string) => string) => {
      const all = event.Attribute.map((one) =>
        one.comment.startsWith('vigie:detection') ? { ...one, value: change(one.value) } : one,
      )
      return readMisp(JSON.stringify({ Event: { ...event, Attribute: all } }), { file: 'x' }).records
    }
    expect(pathOf((value) => value.slice(1))).toMatchObject([{ reject: { id: 'nc-1', path: 'id' } }])
    expect(pathOf((value) => value.replace('copy-paste', 'rumour'))).toMatchObject([{ reject: { path: 'kind' } }])
  })
})
