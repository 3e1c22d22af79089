/**
 * Writes a table as DynamoDB exports it to S3 ("DynamoDB table export output format"): manifests, and gzipped files
 * with an item a line in DynamoDB JSON, in no order. Items of one partition key stand in one file.
 */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Table } from '../../lambdas/store/table/table.ts'
import type { Attribute, Attributes } from '../../test/support/item-size.ts'

const files = 4

export type Exported = {
  /** Where the data are, as engines take it: a glob. */
  readonly data: string
  readonly items: number
  /** Of the files as they are written. */
  readonly bytes: number
}

/** @param folder stands for the bucket: it gets `AWSDynamoDB/<export>/…` */
export const writeExport = async (table: Pick<Table, 'scan'>, folder: string): Promise<Exported> => {
  const prefix = 'AWSDynamoDB/01700000000000-a1b2c3d4'
  const lines = Array.from({ length: files }, (): string[] => [])
  for await (const page of table.scan()) {
    for (const item of page) {
      const [first = 0] = createHash('md5').update(item.pk).digest()
      lines[first % files]?.push(`${JSON.stringify({ Item: attributesOf(item) })}\n`)
    }
  }
  await mkdir(join(folder, prefix, 'data'), { recursive: true })
  const manifest: object[] = []
  let bytes = 0
  for (const [at, all] of lines.entries()) {
    const name = `${prefix}/data/${createHash('md5').update(String(at)).digest('hex').slice(0, 26)}.json.gz`
    const body = gzipSync(all.join(''))
    await writeFile(join(folder, name), body)
    bytes += body.length
    const md5Checksum = createHash('md5').update(body).digest('base64')
    manifest.push({
      itemCount: all.length,
      md5Checksum,
      etag: `${createHash('md5').update(body).digest('hex')}-1`,
      dataFileS3Key: name,
    })
  }
  const items = lines.reduce((sum, all) => sum + all.length, 0)
  const summary = { version: '2020-06-30', exportType: 'FULL_EXPORT', outputFormat: 'DYNAMODB_JSON', itemCount: items }
  await writeFile(
    join(folder, prefix, 'manifest-files.json'),
    manifest.map((one) => `${JSON.stringify(one)}\n`).join(''),
  )
  await writeFile(join(folder, prefix, 'manifest-summary.json'), JSON.stringify(summary))
  return { data: join(folder, prefix, 'data', '*.json.gz'), items, bytes }
}

/** An item as DynamoDB's protocol and its exports write it. */
export const attributesOf = (item: object): Attributes =>
  Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) => (value === undefined ? [] : [[name, attributeOf(value)]])),
  )

/** A value as DynamoDB writes it: numbers are texts. */
const attributeOf = (value: unknown): Attribute => {
  if (value === null) return { NULL: true }
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number') return { N: String(value) }
  if (typeof value === 'boolean') return { BOOL: value }
  if (value instanceof Set) return { SS: [...value].map(String) }
  if (Array.isArray(value)) return { L: value.map(attributeOf) }
  if (typeof value === 'object') return { M: attributesOf(value) }
  throw new Error(`the table holds no ${typeof value}`)
}
