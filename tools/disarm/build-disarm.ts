/**
 * Writes the DISARM framework that Vigie brings from the official bundle and its CSVs, with the ids of its STIX
 * objects. A French name that the CSVs have lost stays, since reading falls back on what Vigie brings: take it out of
 * disarm.json first.
 *
 * `node tools/disarm/build-disarm.ts disarm-v1.6.stix.json removed-ids.csv tactics-fr-v1.3.csv techniques-v1.6.csv tactics.csv`
 */
import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { readDisarm, type TextFile } from './read-disarm.ts'

const target = new URL('../../lambdas/domain/detection/frameworks/disarm.json', import.meta.url)

const read = async (file: string): Promise<TextFile> => ({ file: basename(file), text: await readFile(file, 'utf8') })

/** A list has a line for each of its entries. */
const lineOf = ([field, value]: readonly [string, unknown]): string => {
  const entries = Array.isArray(value)
    ? `[\n${value.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]`
    : JSON.stringify(value)
  return `  ${JSON.stringify(field)}: ${entries}`
}

const [bundle, crosswalk, ...names] = await Promise.all(process.argv.slice(2).map(read))
if (!bundle || !crosswalk) throw new Error('give the bundle, the crosswalk of removed ids and the CSVs with names')
const { taxonomy, noted } = readDisarm({ bundle, crosswalk, names })
if (Object.keys(noted).length > 0) throw new Error(`rows were left over: ${JSON.stringify(noted)}`)
/** The ids of the official objects, whose they are, and the millisecond of the first. */
const officialObjects = (text: string) => {
  type Loose = {
    type: string
    id: string
    created: string
    created_by_ref: string
    external_references: { external_id?: string }[]
  }
  const { objects } = JSON.parse(text) as { readonly objects: readonly Loose[] }
  const all = objects.filter(({ type }) => type === 'attack-pattern')
  const ids = new Map(all.flatMap((one) => one.external_references.map((ref) => [ref.external_id, one.id] as const)))
  const author = all[0]?.created_by_ref
  const created = all.map((one) => one.created).sort()[0] ?? ''
  return {
    author,
    created: new Date(created).toISOString(),
    techniques: taxonomy.techniques.map(({ id }) => [id, ids.get(id)?.replace('attack-pattern--', '')]),
  }
}
const stix = officialObjects(bundle.text)
const stixLines = `  "stix": {\n${Object.entries(stix).map(lineOf).join(',\n')}\n  }`
await writeFile(target, `{\n${[...Object.entries(taxonomy).map(lineOf), stixLines].join(',\n')}\n}\n`)
process.stdout.write(`DISARM v${taxonomy.version}: ${taxonomy.techniques.length} techniques\n`)
