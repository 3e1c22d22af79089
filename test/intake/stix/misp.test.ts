/** Events as MISP exports them: each is one detection, with what its attributes, objects, tags and galaxies state. */
import { describe, expect, test } from 'vitest'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import { pseudonymOf } from '../../../lambdas/domain/detection/revisions/pseudonym.ts'
import { type ReadOptions, readRecords } from '../../../lambdas/intake/formats.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import { failureOf, inPieces, takenBy } from '../../support/intake.ts'

type Part = Record<string, unknown>

const read = async (value: unknown, options: Partial<ReadOptions> = {}) => {
  const notes: Record<string, number> = {}
  const found = await takenBy(readRecords, inPieces(JSON.stringify(value)), {
    ...{ file: 'event.json', format: 'auto' },
    note: (what: Parameters<NonNullable<ReadOptions['note']>>[0], count: number) =>
      Object.assign(notes, { [faultText(what)]: count }),
    ...options,
  } as ReadOptions)
  return { ...found, notes }
}

const only = async (event: Part, options: Partial<ReadOptions> = {}) => {
  const { detections, rejects } = await read({ Event: event }, options)
  expect(rejects).toEqual([])
  expect(detections).toHaveLength(1)
  return detections[0]
}

const uuid = (at: number) => `6a1f3b52-0000-4000-8000-${String(at).padStart(12, '0')}`
const attribute = (type: string, value: unknown, fields: Part = {}): Part => ({ uuid: uuid(9), type, value, ...fields })
const network = { category: 'Network activity', to_ids: true }
const tags = (...names: readonly string[]) => names.map((name) => ({ name, colour: '#fff' }))

const event = (fields: Part = {}): Part => ({
  id: '1208',
  orgc_id: '3',
  threat_level_id: '3',
  date: '2024-05-15',
  info: 'Burst of copies about the vote',
  published: true,
  uuid: uuid(1),
  timestamp: 1715900000,
  publish_timestamp: '1715900001',
  Orgc: { id: '3', name: 'Unit A', uuid: uuid(3), local: true },
  ...fields,
})

describe('an event', () => {
  test('has the facts of its attributes, objects, tags, galaxies and report', async () => {
    const whole = event({
      Tag: tags(
        'tlp:green',
        'misp-galaxy:disarm-techniques="Flood Existing Hashtag"',
        'misp-galaxy:disarm-techniques="T0019.002 - Hijack Hashtags"',
        'misp-galaxy:threat-actor="Group X"',
        'misp-galaxy:target-information="New Caledonia"',
        'misp-galaxy:country="russia"',
        'admiralty-scale:source-reliability="b"',
        'admiralty-scale:information-credibility="2"',
        'estimative-language:confidence-in-analytic-judgment="moderate"',
      ),
      Galaxy: [
        {
          type: 'disarm-techniques',
          GalaxyCluster: [
            {
              tag_name: 'misp-galaxy:disarm-techniques="Flood Existing Hashtag"',
              meta: { external_id: ['T0049.002'] },
            },
          ],
        },
      ],
      Attribute: [
        attribute('domain', 'Copies.example', network),
        attribute('domain', 'mentioned.example', { category: 'External analysis', to_ids: false }),
        attribute('domain|ip', 'second.example|192.0.2.7', network),
        attribute('filename|sha256', `a.exe|${'ab'.repeat(32)}`, { category: 'Payload delivery', to_ids: '1' }),
        attribute('url', 'https://check.example/1', { category: 'External analysis', comment: 'Fact check' }),
        attribute('link', 'https://news.example/2', { category: 'External analysis' }),
        attribute('twitter-id', 1797584320, { category: 'Social network' }),
        attribute('target-user', 'victim', { category: 'Targeting data' }),
        attribute('text', '#Kanaky #Vote'),
        attribute('comment', 'a remark'),
        attribute('comment', 'another'),
        attribute('domain', 'deleted.example', { ...network, deleted: '1' }),
      ],
      Object: [
        {
          name: 'microblog',
          Attribute: [
            attribute('text', 'Twitter', { object_relation: 'type' }),
            attribute('text', 'bob', { object_relation: 'username' }),
            attribute('text', 'Kanaky', { object_relation: 'hashtag' }),
            attribute('text', 'What was posted', { object_relation: 'post' }),
            attribute('url', 'https://x.com/bob/status/1', { object_relation: 'url', ...network }),
            attribute('url', 'https://copies.example/a', { object_relation: 'embedded-link', ...network }),
          ],
        },
        {
          name: 'telegram-account',
          deleted: true,
          Attribute: [attribute('text', 'gone', { object_relation: 'username' })],
        },
      ],
      EventReport: [
        {
          name: 'Report',
          content: '# Summary\n\nTwelve **copies** by [one site](https://a.example), see @[attribute](x).\n\nMore.',
        },
      ],
    })
    const { records, detections, notes } = await read({ Event: whole })
    expect(records).toMatchObject([{ author: `identity--${uuid(3)}`, origin: { format: 'misp' } }])
    expect(detections[0]).toEqual({
      id: `misp-${uuid(1)}`,
      detector: { name: 'Unit A' },
      kind: 'other',
      title: { und: 'Burst of copies about the vote' },
      summary: { und: 'Twelve copies by one site, see .' },
      territories: [{ code: 'NC', method: 'explicit' }],
      observed: { from: '2024-05-15', to: '2024-05-15', precision: 'day' },
      platforms: ['X'],
      counts: {},
      accountRefs: ['1797584320', 'bob'],
      actor: { name: 'Group X', attributedBy: 'Unit A' },
      techniques: [
        { id: 'T0049.002', name: { en: 'Flood Existing Hashtag' }, framework: 'DISARM' },
        { id: 'T0019.002', name: { en: 'Hijack Hashtags' }, framework: 'DISARM' },
      ],
      narratives: [],
      hashtags: ['#Kanaky', '#Vote'],
      languages: [],
      fingerprints: [],
      indicators: [
        { type: 'domain', value: 'copies.example' },
        { type: 'domain', value: 'second.example' },
        { type: 'hash', value: 'ab'.repeat(32) },
        { type: 'ip', value: '192.0.2.7' },
        { type: 'url', value: 'https://copies.example/a' },
      ],
      evidence: [
        { label: { und: 'Fact check' }, url: 'https://check.example/1' },
        { label: { und: 'https://news.example/2' }, url: 'https://news.example/2' },
        { label: { und: 'https://x.com/bob/status/1' }, url: 'https://x.com/bob/status/1' },
      ],
      confidence: { level: 'moderate', source: 'Unit A' },
      reliability: 'B',
      credibility: 2,
      marking: 'TLP:GREEN',
      markingSource: 'stated',
      criteria: [],
    })
    expect(notes).toEqual({
      'place outside the territories': 1,
      ...Object.fromEntries(
        Object.entries({ domain: 1, 'target-user': 1, comment: 2, text: 1 }).map(([type, count]) => [
          `${type} left out: no detection has a field for it`,
          count,
        ]),
      ),
    })
  })

  test.each<[string, Part, object]>([
    ['the day of the event', {}, { from: '2024-05-15', to: '2024-05-15', precision: 'day' }],
    [
      'the times at which parts were seen',
      {
        Attribute: [attribute('text', 'x', { first_seen: '2024-05-13T01:00:00.000000+11:00' })],
        Object: [{ name: 'news-media', last_seen: '2024-05-14T10:00:00Z', Attribute: [] }],
      },
      { from: '2024-05-12T14:00:00.000Z', to: '2024-05-14T10:00:00.000Z', precision: 'instant' },
    ],
    [
      'days, where all are midnight',
      {
        Attribute: [
          attribute('text', 'x', { first_seen: '2024-05-13T00:00:00+00:00', last_seen: '2024-05-14T00:00:00Z' }),
        ],
      },
      { from: '2024-05-13', to: '2024-05-14', precision: 'day' },
    ],
  ])('is observed on %s', async (_, fields, observed) => {
    expect((await only(event(fields)))?.observed).toEqual(observed)
  })

  test.each<[string, readonly string[], readonly string[], string, string]>([
    ['nothing stated', [], [], 'TLP:AMBER', 'default'],
    ['TLP 1', ['tlp:white'], [], 'TLP:CLEAR', 'stated'],
    ['the strictest of several', ['tlp:green', 'TLP:AMBER+STRICT'], [], 'TLP:AMBER+STRICT', 'stated'],
    ['a stricter attribute', ['tlp:green'], ['tlp:red'], 'TLP:RED', 'stated'],
    ['a freer attribute of an unmarked event', [], ['tlp:clear'], 'TLP:AMBER', 'default'],
    ['an unknown label', ['tlp:ex:chr'], [], 'TLP:RED', 'stated'],
    ['other forms', ['tlp:clear', 'iep:traffic-light-protocol="RED"'], [], 'TLP:RED', 'stated'],
    ['another form alone', ['TLP=AMBER'], [], 'TLP:AMBER', 'stated'],
  ])('is marked by its TLP tags: %s', async (_, own, attributes, marking, markingSource) => {
    const parts = [attribute('text', 'x', { Tag: tags(...attributes) })]
    expect(await only(event({ Tag: tags(...own), Attribute: parts }))).toMatchObject({ marking, markingSource })
  })

  test('notes places outside the territories', async () => {
    const named = event({
      EventTag: tags('misp-galaxy:target-information="France"', 'misp-galaxy:country="réunion"').map((one) => ({
        id: '1',
        Tag: one,
      })),
    })
    const { detections, notes } = await read([{ Event: named }])
    expect(detections[0]?.territories.map(({ code }) => code)).toEqual(['RE'])
    expect(notes).toEqual({ 'place outside the territories': 1 })
  })

  test('has accounts under pseudonyms', async () => {
    const pseudonym = pseudonymOf(Buffer.alloc(32, 7))
    const named = event({ Attribute: [attribute('github-username', 'secretname')] })
    const found = await only(named, { pseudonyms: async () => pseudonym })
    expect(found?.accountRefs).toEqual([pseudonym('secretname')])
  })
})

test.each<[string, unknown]>([
  ['one', { Event: event() }],
  ['a search', { response: [{ Event: event() }] }],
  ['an array', [{ Event: event() }]],
  ['a bare event', event()],
  ['bare events', [event()]],
])('an export of %s is recognised by its content', async (_, value) => {
  const { records, detections } = await read(value)
  expect(records).toMatchObject([{ origin: { format: 'misp' } }])
  expect(detections.map(({ id }) => id)).toEqual([`misp-${uuid(1)}`])
})

test('rejects a bad event alone, with its path, and reads it again once fixed', async () => {
  const bad = [
    event({ uuid: 'x' }),
    event({ info: ' ' }),
    event({ date: '2024-02-31' }),
    event({ Tag: 7, Object: 'x' }),
  ]
  const { detections, rejects } = await read({ response: [...bad.map((one) => ({ Event: one })), 4] })
  expect(detections).toHaveLength(1)
  expect(rejects.map(({ path }) => path)).toEqual(['uuid', 'info', 'date', '[4]'])
  const fixed: unknown = JSON.parse((rejects[0]?.raw ?? '').replace('"x"', `"${uuid(2)}"`))
  expect((await read(fixed, { format: 'misp' })).detections).toMatchObject([{ id: `misp-${uuid(2)}` }])
  expect(await failureOf(read({ response: [] }, { format: 'misp' }), FileError)).toBe('event.json is empty')
})
