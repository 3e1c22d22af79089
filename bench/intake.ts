/**
 * How fast each format is read, beside a bare parse of the same bytes by the same library; and how fast the store takes
 * them.
 */
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { homeAtOnce } from '../bin/cli/ingest-files.ts'
import { archiveFolder } from '../lambdas/archive/archive.local.ts'
import { detectionSchema } from '../lambdas/domain/detection/detection.ts'
import type { FileFormat } from '../lambdas/intake/file-formats.ts'
import { once, readRecords } from '../lambdas/intake/formats.ts'
import { readNdjson } from '../lambdas/intake/json/ndjson.ts'
import { preparing } from '../lambdas/intake/record/prepare.ts'
import { openSigner } from '../lambdas/keys/signer.local.ts'
import { openHome } from '../lambdas/store/embedded/home.ts'
import type { Item, Table } from '../lambdas/store/table/table.ts'
import { ingestDetections } from '../lambdas/usecases/ingest/ingest-detections.ts'
import { servicesOn } from '../lambdas/usecases/services.ts'
import { type Figures, inThousands, median, timed } from './figures.ts'

const rounds = 5

type Sample = {
  readonly text: string
  readonly bare: (text: string) => unknown
  /** The bare parse and the bare schema, where every record goes through that by itself. */
  readonly checked?: (text: string) => unknown
}

const csv = (text: string): unknown => parse(text, { delimiter: text.startsWith('id;') ? ';' : ',' })

const rows = (headings: string, many: number, row: (at: number) => string): Sample => ({
  text: [headings, ...Array.from({ length: many }, (_, at) => row(at))].join('\n'),
  bare: csv,
})

export const detectionLike = (at: number) => ({
  id: `bench-${at}`,
  detector: 'bench',
  kind: 'copy-paste',
  title: { fr: `Salve ${at}`, en: `Burst ${at}` },
  summary: { fr: 'Messages identiques publiés en quelques minutes par des comptes récents.' },
  territories: ['NC'],
  observed: { from: `2024-05-${13 + (at % 7)}` },
  platforms: ['X'],
  counts: { posts: at % 500, accounts: at % 90 },
  campaign: `Campagne ${at % 50}`,
  hashtags: [`#mot${at % 200}`],
  marking: 'TLP:GREEN',
})

/** So many rows belong to one set of accounts, as in CooRTweet's own example. */
const rowsInSet = 14

/** Ids as that example has them. */
const hex = (kind: string, at: number): string => `${kind}${at.toString(16)}`.padStart(32, '0')

/** The account that a set's rows have in common. */
const hub = (at: number): string => hex('a', Math.floor(at / rowsInSet))

const uuid = (at: number): string => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`
const stamp = '2024-05-15T00:00:00.000Z'

const samples = (many: number): Readonly<Record<FileFormat, Sample>> => {
  const own = Array.from({ length: many }, (_, at) => detectionLike(at))
  const ndjson = own.map((one) => JSON.stringify(one)).join('\n')
  const campaigns = own.map(({ title }, at) => ({
    type: 'campaign',
    spec_version: '2.1',
    id: `campaign--${uuid(at)}`,
    created: '2024-06-01T00:00:00.000Z',
    modified: '2024-06-01T00:00:00.000Z',
    name: title.en,
    description: 'Identical messages within minutes by recent accounts.',
    first_seen: stamp,
    last_seen: '2024-05-16T00:00:00.000Z',
  }))
  const bundle = JSON.stringify({ type: 'bundle', id: `bundle--${uuid(0)}`, objects: campaigns })
  return {
    ndjson: {
      text: ndjson,
      bare: (text) => text.split('\n').map((line) => JSON.parse(line)),
      checked: (text) => text.split('\n').map((line) => detectionSchema.safeParse(JSON.parse(line))),
    },
    json: {
      text: JSON.stringify(own),
      bare: JSON.parse,
      checked: (text) => (JSON.parse(text) as unknown[]).map((one) => detectionSchema.safeParse(one)),
    },
    stix: { text: bundle, bare: JSON.parse },
    misp: {
      text: JSON.stringify(
        own.map(({ title }, at) => ({ Event: { uuid: uuid(at), info: title.en, date: '2024-05-15' } })),
      ),
      bare: JSON.parse,
    },
    csv: rows(
      'id;titre;date;territoire;plateforme;nb de posts;comptes;campagne;mot-dièse',
      many,
      (at) => `d-${at};"Salve ${at}";15/05/2024;NC;X;${at % 500};${at % 90};Campagne ${at % 50};#mot${at % 200}`,
    ),
    d3lta: rows(
      'source,target,score,duplicates,language_source,text_to_embed_source,text_grapheme_source,language_target,text_to_embed_target,text_grapheme_target,dup_type,score_lev',
      many,
      (at) =>
        `${2 * (at - (at % rowsInSet))},${2 * at + 1},0.97,${at}-${at},fr,Texte ${at},texte,fr,Texte ${at}.,texte,copy-pasta,0.99`,
    ),
    coortweet: rows(
      'object_id,account_id,account_id_y,content_id,content_id_y,timedelta,timestamp_share_y',
      many,
      (at) =>
        `${hex('e', at >> 2)},${hub(at)},${hex('b', at)},${hex('c', at)},${hex('d', at)},${at % 60},${1_715_700_000 + at}`,
    ),
    cnt: rows('user_1,user_2,weight,edge_type', many, (at) => `${hub(at)},${hex('b', at)},${1 + (at % 9)},co_tweet`),
    meta: rows(
      'Tactic,Technique,Procedure,Indicator,Comments',
      many,
      (at) => `0. Acquiring assets,0.6 Acquiring domains,0.6.2 Acquiring domains,site${at}[.]example,`,
    ),
    domains: rows('domain name,created on', many, (at) => `site${at}[.]example,${1 + (at % 28)}/05/2024`),
    accounts: rows('account,followers', many, (at) => `compte_${at},${at}`),
  }
}

/** Records per second of each format, and its speed as a part of the bare parse's. */
export const readingSpeeds = async (many: number): Promise<Figures> => {
  const figures: Record<string, string> = {}
  const prepare = preparing({})
  const posts = postsFor(many)
  for (const [format, { text, bare, checked }] of Object.entries(samples(many)) as [FileFormat, Sample][]) {
    const bytes = Buffer.from(text)
    const times = { bare: [] as number[], checked: [] as number[], own: [] as number[] }
    for (let round = -1; round < rounds; round += 1) {
      const plain = await timed(() => {
        bare(bytes.toString('utf8'))
        if (format === 'd3lta') csv(posts.toString('utf8'))
      })
      const schema = checked && (await timed(() => checked(bytes.toString('utf8'))))
      const own = await timed(async () => {
        for await (const _ of readRecords(once(bytes), {
          file: format,
          format,
          prepare,
          observed: { from: '2024-05-13', to: '2024-05-19', precision: 'day' },
          ...(format === 'd3lta' && { posts: { file: 'posts.csv', chunks: once(posts) } }),
        })) {
          // read to the end
        }
      })
      if (round < 0) continue // warming up
      times.bare.push(plain)
      times.own.push(own)
      if (schema !== undefined) times.checked.push(schema)
    }
    const own = median(times.own)
    const part = (of: readonly number[]) => `${Math.round((100 * median(of)) / own)} %`
    figures[`${format}, ${inThousands(many)} records`] =
      `${inThousands((1000 * many) / own)} a second, ${part(times.bare)} of a bare parse${checked ? `, ${part(times.checked)} of one with the schema` : ''}`
  }
  return figures
}

const postsFor = (many: number): Buffer =>
  Buffer.from(
    ['id,account,time,text,platform']
      .concat(Array.from({ length: 2 * many }, (_, at) => `${at},c${at % 900},2024-05-15T01:00:00Z,Texte,X`))
      .join('\n'),
  )

/** The store taking detections in, beside conditional puts of the very items that this wrote, as many at once. */
export const storingSpeed = async (home: string, many: number): Promise<Figures> => {
  const items: Item[] = []
  const ingest = await onStore(join(home, 'ingest'), async (table) => {
    const watched: Table = {
      ...table,
      putIf: (item, condition) => {
        items.push(item)
        return table.putIf(item, condition)
      },
      putAll: (all) => {
        items.push(...all)
        return table.putAll(all)
      },
    }
    const services = servicesOn({
      table: watched,
      archive: archiveFolder(home),
      printer,
      signer: openSigner(home),
      run: 'bench',
    })
    const file = async function* () {
      for (let at = 0; at < many; at += 1) yield Buffer.from(`${JSON.stringify(detectionLike(at))}\n`)
    }
    return timed(() =>
      ingestDetections(readNdjson(file(), { file: 'bench' }), 'bench', services, { atOnce: homeAtOnce }),
    )
  })
  const bare = await onStore(join(home, 'bare'), (table) =>
    timed(async () => {
      for (let at = 0; at < items.length; at += homeAtOnce) {
        await Promise.all(
          items.slice(at, at + homeAtOnce).map((item) => table.putIf(item, { expression: 'attribute_not_exists(pk)' })),
        )
      }
    }),
  )
  return {
    'taken into the store': `${inThousands((1000 * many) / ingest)} detections a second (${inThousands(items.length)} items)`,
    'speed against bare conditional puts of the same items': `${Math.round((100 * bare) / ingest)} %`,
  }
}

const printer = { print: () => Promise.reject(new Error('nothing is printed here')) }

const onStore = async <Done>(folder: string, work: (table: Table) => Promise<Done>): Promise<Done> => {
  const home = await openHome(folder)
  try {
    return await work(home.table)
  } finally {
    await home.close()
  }
}
