/** Broken and hostile input in every format: FileErrors only, and every record is accounted for. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { fileFormats, type IntakeFormat } from '../../lambdas/intake/file-formats.ts'
import { type ReadOptions, readRecords } from '../../lambdas/intake/formats.ts'
import { FileError } from '../../lambdas/intake/record/file-error.ts'
import { preparing } from '../../lambdas/intake/record/prepare.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { type Store, storesOfFile } from '../oracle/product.ts'
import { inPieces } from '../support/intake.ts'

const prepare = preparing({ territories: ['NC'] })
const observed = { from: '2024-05-13', to: '2024-05-19', precision: 'day' as const, statedByHand: true }
const postTable =
  'id,account,time,text,platform\n0,a,2024-05-15T01:00:00Z,x,X\n1,b,2024-05-15T01:01:00Z,x,X\n2,c,,y,X\n3,d,2024-05-15T01:00:00Z,y,\n'

/** The number of records, or the message of a FileError. @throws any other error */
const outcomeOf = async (
  content: string | Uint8Array,
  format: IntakeFormat,
  size = 1 << 16,
): Promise<number | string> => {
  const options: ReadOptions = {
    file: 'fuzz.dat',
    format,
    prepare,
    observed,
    posts: { file: 'posts.csv', chunks: inPieces(postTable) },
  }
  let count = 0
  try {
    for await (const record of readRecords(inPieces(content, size), options)) {
      count += 1
      if ('reject' in record) expect(record.reject.raw.length).toBeLessThanOrEqual(65_536)
    }
    return count
  } catch (error) {
    if (error instanceof FileError) return error.message
    throw error
  }
}

/** One file of each format. */
const whole: Readonly<Record<string, string>> = {
  ndjson:
    '{"id":"a","detector":"D","kind":"video","title":"é","observed":{"from":"2024-05-15"},"territories":["NC"]}\n{"source":"D","ran":"2024-05-15T06:00:00Z","found":0}\n',
  json: '[{"id":"a","detector":"D","kind":"video","title":{"fr":"é","en":"e"},"observed":{"from":"2024-05-15"},"counts":{"posts":12}}]',
  csv: '\ufefftitre;date;territoire;messages;comptes;hashtags;domaines\n"Salve; ""é""";15/05/2024;NC;5 187;≥ 12;#a #b;a[.]example\ny;45427;;n/a;;;\n',
  stix: JSON.stringify({
    type: 'bundle',
    id: 'bundle--00000000-0000-4000-8000-000000000000',
    objects: [
      {
        type: 'campaign',
        spec_version: '2.1',
        id: 'campaign--00000000-0000-4000-8000-000000000001',
        name: 'C',
        first_seen: '2024-05-15T00:00:00Z',
      },
      {
        type: 'location',
        spec_version: '2.1',
        id: 'location--00000000-0000-4000-8000-000000000002',
        name: 'Corsica',
        country: 'FR',
      },
      {
        type: 'relationship',
        spec_version: '2.1',
        id: 'relationship--00000000-0000-4000-8000-000000000003',
        relationship_type: 'targets',
        source_ref: 'campaign--00000000-0000-4000-8000-000000000001',
        target_ref: 'location--00000000-0000-4000-8000-000000000002',
      },
    ],
  }),
  d3lta: 'source,target,score,dup_type\n0,1,0.9,copy-pasta\n2,3,0.8,translation\n',
  coortweet:
    'object_id,account_id,account_id_y,content_id,content_id_y,timedelta,timestamp_share_y\no,a,b,p,q,16,1715736076\n',
  cnt: 'source,target,weight,edge_type\na,b,4,co_retweet\nb,c,1,co_retweet\n',
  meta: 'Tactic,Technique,Procedure,Indicator\n0. Acquiring assets,0.9 x,0.9.1 Acquiring Facebook assets,658 accounts\n0. Acquiring assets,0.6 x,0.6.2 Acquiring domains,a[.]example\n',
  domains: 'domain name,created on\na[.]example,15/05/2024\nb.re,16/05/2024\n',
  accounts: 'account,followers\n@bob,1\nhttps://x.com/eve,2\n',
}

const hostile = [
  '\0',
  '\ud800',
  '"',
  '\n',
  '\r',
  ';',
  ',',
  '{',
  '}',
  '[',
  ']',
  '__proto__',
  '\u202e',
  '1e999',
  '9007199254740993',
  '=cmd()',
  '\ufeff',
  '\\u0000',
  'NA',
]
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  take: fc.nat(12),
  put: fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 6 }), fc.constant('')),
})

const broken = (bytes: Uint8Array, changes: readonly { at: number; take: number; put: string }[]): Buffer => {
  let all = Buffer.from(bytes)
  for (const { at, take, put } of changes) {
    const from = Math.floor(at * all.length)
    all = Buffer.concat([all.subarray(0, from), Buffer.from(put), all.subarray(from + take)])
  }
  return all
}

describe('never crashes', () => {
  test.each(Object.entries(whole))(
    'on %s, broken in some places, and read in any format and in any pieces',
    async (format, text) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(change, { minLength: 1, maxLength: 6 }),
          fc.constantFrom<IntakeFormat>('auto', ...fileFormats),
          fc.integer({ min: 1, max: 200 }),
          async (changes, other, size) => {
            const bytes = broken(Buffer.from(text), changes)
            for (const one of [format as IntakeFormat, other]) {
              const found = await outcomeOf(bytes, one)
              expect(await outcomeOf(bytes, one, size)).toEqual(found)
            }
          },
        ),
        { numRuns: 60 },
      )
    },
  )

  it('on any bytes, in any format', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom<IntakeFormat>('auto', ...fileFormats),
        async (bytes, format) => {
          await outcomeOf(bytes, format)
        },
      ),
      { numRuns: 300 },
    )
  })

  test.each([
    ['deep nesting', `{"id":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['10^6 fields', `{${Array.from({ length: 1_000_000 }, (_, at) => `"f${at}":1`).join(',')}}`],
    ['prototype keys', '{"id":"a","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'],
    ['a lone surrogate', '{"id":"\\ud800"}'],
    ['NUL bytes', '{"id":"a\0"}'],
  ])('on %s, in any format', async (_what, text) => {
    for (const format of ['auto', ...fileFormats] as const) await outcomeOf(text, format)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('nothing is lost', () => {
  const stores = storesOfFile()

  const tallyOf = async (content: Uint8Array, format: IntakeFormat, { services }: Store) => {
    const records = readRecords(inPieces(content), {
      file: 'fuzz.dat',
      format,
      prepare,
      observed,
      posts: { file: 'posts.csv', chunks: inPieces(postTable) },
    })
    const tally = await ingestDetections(records, 'fuzz.dat', services)
    const { read, accepted, revised, duplicates, unplaced, runs, rejected } = tally
    expect(read).toBe(accepted + revised + duplicates + unplaced + runs + rejected)
    return tally
  }

  test.each(Object.entries(whole))(
    'of %s, broken: the outcomes add up to the records, and are the same again',
    async (format, text) => {
      const store = await stores.open()
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
          const bytes = broken(Buffer.from(text), changes)
          const first = await tallyOf(bytes, format as IntakeFormat, store)
          const again = await tallyOf(bytes, format as IntakeFormat, store)
          expect(again.read).toBe(first.read)
          expect(again.rejected).toBe(first.rejected)
          expect(again.failure).toBe(first.failure)
        }),
        { numRuns: 12 },
      )
    },
  )
})
