/** Files of every intake format with a hostile value in one field. */
import { fields as csvFields } from '../../lambdas/intake/csv/fields.ts'
import type { FileFormat } from '../../lambdas/intake/file-formats.ts'
import { type ReadOptions, readRecords } from '../../lambdas/intake/formats.ts'
import { preparing } from '../../lambdas/intake/record/prepare.ts'
import type { IntakeRecord } from '../../lambdas/intake/record/record.ts'
import { ndjson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { inPieces } from '../support/intake.ts'
import { bundle, campaign, relation, report, stixObject, technique } from '../support/stix.ts'

export type Sent = Partial<Pick<ReadOptions, 'mapping' | 'set'>> & {
  readonly content: string
  readonly posts?: string
}

/** Writes a file with the value in one field. */
export type Carrier = { readonly format: FileFormat; readonly field: string; write(value: string): Sent }

type Fields = Readonly<Record<string, (value: string) => Readonly<Record<string, unknown>>>>

const eachOf = (names: string, write: (value: string) => unknown): Fields =>
  Object.fromEntries(names.split(' ').map((name) => [name, (value: string) => ({ [name]: write(value) })]))

/** Fields of Vigie's own record. */
export const ownFields: Fields = {
  ...eachOf('id partOf detector kind title summary claim established campaign marking', (value) => value),
  ...eachOf('territories platforms narratives languages', (value) => [value]),
  'detector.version': (value) => ({ detector: { name: 'D', version: value, thresholds: { least: value } } }),
  'detector.knownError': (value) => ({ detector: { name: 'D', knownError: value } }),
  'detector.expectedRhythm': (value) => ({ detector: { name: 'D', expectedRhythm: value } }),
  'title.fr': (value) => ({ title: { fr: value, en: value } }),
  'language of the title': (value) => ({ title: { [value]: 'x' } }),
  'territories.via': (value) => ({ territories: [{ code: 'NC', method: 'hashtag', via: value, by: value }] }),
  'observed.from': (value) => ({ observed: { from: value } }),
  'counts.posts': (value) => ({ counts: { posts: value } }),
  'counts.byPlatform': (value) => ({ counts: { byPlatform: [{ platform: value, posts: 1 }] } }),
  accountRefs: (value) => ({ accountRefs: [value], coordinatedAccountRefs: [value] }),
  accountSet: (value) => ({ accountSet: { id: value, name: value, size: 2 } }),
  actor: (value) => ({ actor: { name: value, attributedBy: value } }),
  event: (value) => ({ event: { place: value, participants: [value] } }),
  techniques: (value) => ({ techniques: [{ id: 'T0049', name: value, framework: value, version: value }] }),
  'techniques.id': (value) => ({ techniques: [{ id: value }] }),
  hashtags: (value) => ({ hashtags: [`#${value}`] }),
  fingerprints: (value) => ({ fingerprints: [{ algorithm: value, value }] }),
  indicators: (value) => ({ indicators: [{ type: 'url', value, note: value }] }),
  'indicators.type': (value) => ({ indicators: [{ type: value, value: 'x' }] }),
  observedEffect: (value) => ({ observedEffect: { state: 'observed', text: value } }),
  'observedEffect.source': (value) => ({ observedEffect: { state: 'observed', text: 'x', source: value } }),
  'evidence.label': (value) => ({ evidence: [{ label: value }] }),
  'evidence.url': (value) => ({ evidence: [{ label: 'x', url: value, archiveUrl: value }] }),
  'confidence.source': (value) => ({ confidence: { source: value, score: 75 } }),
  'claim.source': (value) => ({ claim: { text: { fr: value }, source: value } }),
  breakout: (value) => ({ breakout: { category: 2, evidence: value, basis: 'amplified' } }),
  'breakout.confirmed': (value) => ({
    detector: { name: 'Unit', byHand: true },
    breakout: { category: 2, confirmed: { by: value } },
  }),
  criteria: (value) => ({ criteria: [{ criterion: 'foreign-actor', state: 'partial', evidence: value }] }),
  reported: (value) => ({ reported: { campaign: value, actor: value, platforms: [value] } }),
  'a field of its own': (value) => ({ [value]: value }),
}

/** Fields of a record of a run. */
const runFields: Fields = {
  'word.source': (value) => ({ source: value, ran: '2024-05-16T06:00:00Z', found: 0 }),
  'word.ran': (value) => ({ source: 'D', ran: value, found: 0 }),
}

const own = (format: FileFormat, write: (record: Readonly<Record<string, unknown>>) => string): readonly Carrier[] =>
  [ownFields, runFields].flatMap((fields) =>
    Object.entries(fields).map(([field, withValue]) => ({
      format,
      field,
      write: (value: string) => ({ content: write({ ...(fields === ownFields && input()), ...withValue(value) }) }),
    })),
  )

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`

type Row = Readonly<Record<string, string>>

/** Rows under the headings of the first, with every cell quoted by RFC 4180. */
const table = (...rows: readonly [Row, ...Row[]]): string => {
  const headings = Object.keys(rows[0])
  const lines = rows.map((row) => headings.map((heading) => quoted(row[heading] ?? '')).join(','))
  return `${headings.map(quoted).join(',')}\n${lines.join('\n')}\n`
}

/** The value in each of a table's columns in turn, and as the heading of one more. */
const columns = (
  format: FileFormat,
  rows: readonly [Row, ...Row[]],
  others: Omit<Sent, 'content'> = {},
): readonly Carrier[] => [
  ...Object.keys(rows[0]).map((field) => ({
    format,
    field,
    write: (value: string) => ({ ...others, content: table({ ...rows[0], [field]: value }, ...rows.slice(1)) }),
  })),
  {
    format,
    field: 'a heading',
    // Written as a line, since `__proto__` would be no key of a row.
    write: (value) => {
      const [head = '', ...lines] = table(...rows)
        .trimEnd()
        .split('\n')
      const written = [`${head},${quoted(value)}`, ...lines.map((line) => `${line},"x"`)]
      return { ...others, content: `${written.join('\n')}\n` }
    },
  },
]

const sheetRow: Row = { 'title.en': 'A burst', observed: '2024-05-15', territories: 'NC' }

const sheetColumns = csvFields
  .map(({ name }) => name)
  .filter((name) => name !== 'revision')
  .map((name): Carrier => ({
    format: 'csv',
    field: name,
    write: (value) => ({ content: table({ ...sheetRow, [name]: value }) }),
  }))

const mapped: Carrier = {
  format: 'csv',
  field: 'mapping.constants',
  write: (value) => ({
    content: table({ ...sheetRow, Mine: value }),
    mapping: { columns: { Mine: ['narratives'] }, constants: { campaign: [value] }, list: '/' },
  }),
}

/** Objects of a bundle about a campaign, by the field with the value. */
const stixFields: Readonly<Record<string, (value: string) => readonly ReturnType<typeof stixObject>[]>> = {
  'location.name': (value) => [stixObject('location', 'x', { name: value })],
  'location.country': (value) => [stixObject('location', 'x', { country: value, region: value, city: value })],
  'attack-pattern.name': (value) => [technique('T0049', 'x', { name: value })],
  'attack-pattern.id': (value) => [
    technique('T0049', 'x', { external_references: [{ source_name: 'mitre-attack', external_id: value }] }),
  ],
  'narrative.name': (value) => [stixObject('narrative', 'x', { name: value })],
  'channel.name': (value) => [stixObject('channel', 'x', { name: value, channel_types: [value] })],
  'media-content': (value) => [stixObject('media-content', 'x', { title: value, url: value, content: value })],
  'url.value': (value) => [stixObject('url', 'x', { value })],
  'domain-name.value': (value) => [stixObject('domain-name', 'x', { value })],
  'text.value': (value) => [stixObject('text', 'x', { value })],
  'user-account': (value) => [stixObject('user-account', 'x', { account_login: value, user_id: value })],
  'threat-actor.name': (value) => [stixObject('threat-actor', 'x', { name: value })],
}

const burst = campaign('Burst')

const stix: readonly Carrier[] = [
  ...['id', 'name', 'description', 'first_seen', 'x_own'].map((field) => ({
    format: 'stix' as const,
    field: `campaign.${field}`,
    write: (value: string) => ({ content: bundle(campaign('Burst', { [field]: value })) }),
  })),
  {
    format: 'stix',
    field: 'campaign.object_marking_refs',
    write: (value) => ({ content: bundle(campaign('Burst', { object_marking_refs: [value], labels: [value] })) }),
  },
  {
    format: 'stix',
    field: 'report',
    write: (value) => ({
      content: bundle(
        burst,
        report('Report', [burst], {
          name: value,
          external_references: [{ source_name: value, url: value, description: value }],
        }),
      ),
    }),
  },
  {
    format: 'stix',
    field: 'type',
    write: (value) => ({ content: bundle(burst, { ...burst, id: 'x--1', type: value }) }),
  },
  ...Object.entries(stixFields).map(([field, objects]): Carrier => ({
    format: 'stix',
    field,
    write: (value) => {
      const parts = objects(value)
      return { content: bundle(burst, ...parts, ...parts.map((part) => relation(burst, linkTo(part.type), part))) }
    },
  })),
]

/** An event of MISP with the value in one of its parts. */
const mispFields: Readonly<Record<string, (value: string) => Readonly<Record<string, unknown>>>> = {
  ...eachOf('uuid info date', (value) => value),
  Orgc: (value) => ({ Orgc: { name: value, uuid: value } }),
  Tag: (value) => ({ Tag: [{ name: value }, { name: `tlp:${value}` }] }),
  galaxies: (value) => ({
    Tag: ['disarm', 'threat-actor', 'target-information', value].map((type) => ({
      name: `misp-galaxy:${type}="${value}"`,
    })),
  }),
  GalaxyCluster: (value) => ({
    Galaxy: [{ type: 'disarm', GalaxyCluster: [{ value, meta: { external_id: value } }] }],
  }),
  EventReport: (value) => ({ EventReport: [{ content: value }] }),
  ...Object.fromEntries(
    ['domain', 'domain|ip', 'url', 'link', 'twitter-id', 'text', 'target-location', 'campaign-name'].map((type) => [
      type,
      (value: string) => ({ Attribute: [{ type, value, comment: value, category: 'Network activity', to_ids: true }] }),
    ]),
  ),
  'Attribute.type': (value) => ({ Attribute: [{ type: value, value: 'x', first_seen: value }] }),
  Object: (value) => ({
    Object: [{ name: value, Attribute: [{ type: 'text', object_relation: 'username', value }] }],
  }),
}

const misp = Object.entries(mispFields).map(([field, withValue]): Carrier => ({
  format: 'misp',
  field,
  write: (value) => ({
    content: JSON.stringify({
      Event: { uuid: '6a1f3b52-0000-4000-8000-000000000001', info: 'x', date: '2024-05-15', ...withValue(value) },
    }),
  }),
}))

const linkTo = (type: string): string =>
  type === 'location' ? 'targets' : type === 'threat-actor' ? 'attributed-to' : 'uses'

const match: Row = {
  source: 'p1',
  target: 'p2',
  score: '0.98',
  dup_type: 'copy-pasta',
  language_source: 'fr',
  text_to_embed_source: 'x',
}
const post: Row = { id: 'p1', account: 'a', time: '2024-05-15T01:21:00Z', text: 'x', platform: 'X', language: 'fr' }
const postTable = table(post, { ...post, id: 'p2', account: 'b' })

const posts = Object.keys(post).map((field): Carrier => ({
  format: 'd3lta',
  field: `posts.${field}`,
  write: (value) => ({
    content: table(match),
    posts: table({ ...post, [field]: value }, { ...post, id: 'p2', account: 'b' }),
  }),
}))

const share: Row = {
  object_id: 'o',
  account_id: 'a',
  account_id_y: 'b',
  content_id: 'p',
  content_id_y: 'q',
  timedelta: '16',
  timestamp_share_y: '1715736076',
}

const accountSet: Carrier = {
  format: 'accounts',
  field: '--set',
  write: (value) => ({ content: table({ account: '@bob' }), set: { id: value, name: value } }),
}

export const carriers: readonly Carrier[] = [
  ...own('ndjson', (record) => ndjson(record)),
  ...own('json', (record) => JSON.stringify([record])),
  ...sheetColumns,
  ...columns('csv', [sheetRow]).slice(-1),
  mapped,
  ...stix,
  ...misp,
  ...columns('d3lta', [match], { posts: postTable }),
  ...posts,
  ...columns('coortweet', [share]),
  ...columns('cnt', [{ source: 'a', target: 'b', weight: '4', edge_type: 'co_retweet' }]),
  ...columns('meta', [{ indicator_type: 'domain', indicator_value: 'a.example', comment: 'APT36', ds: '2024-05-15' }]),
  ...columns('meta', [
    {
      Tactic: '0. Acquiring assets',
      Technique: '0.6 Acquiring domains',
      Procedure: '0.6.2 Acquiring domains',
      Indicator: 'a[.]example',
      Comments: 'x',
    },
  ]),
  ...columns('domains', [
    {
      'domain name': 'a.example',
      'created on': '15/05/2024',
      ...{ campaign: 'x', territories: 'NC', 'actor.name': 'x', 'actor.attributedBy': 'x', techniques: 'T0049' },
      ...{ evidence: 'x', marking: 'GREEN', ip: '192.0.2.1', url: 'https://a.example/x', summary: 'x', detector: 'D' },
    },
  ]),
  ...columns('accounts', [{ account: '@bob', followers: '1' }]),
  accountSet,
]

const prepare = preparing({ territories: ['NC'] })
const observed = { from: '2024-05-13', to: '2024-05-19', precision: 'day' as const, statedByHand: true }

/** The records of a file. Accounts keep their hostile names. */
export const sentIn = (format: FileFormat, { content, posts: others, ...more }: Sent): AsyncIterable<IntakeRecord> =>
  readRecords(inPieces(content), {
    ...{ file: `hostile.${format}`, format, prepare, observed, ...more },
    ...(others !== undefined && { posts: { file: 'posts.csv', chunks: inPieces(others) } }),
  })
