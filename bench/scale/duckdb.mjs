/** Runs counts.sql on exports. Standard input has a JSON object a line: export, periods, asOf, cap; each is answered by a line of rows. */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { DuckDBInstance } from '@duckdb/node-api'

const sql = readFileSync(new URL('counts.sql', import.meta.url), 'utf8')
const connection = await (await DuckDBInstance.create(':memory:')).connect()
await connection.run("SET autoinstall_known_extensions = false; SET TimeZone = 'UTC'")

const quoted = (text) => `'${text.replaceAll("'", "''")}'`

for await (const line of createInterface({ input: process.stdin })) {
  const { export: data, periods, asOf, cap } = JSON.parse(line)
  const begun = performance.now()
  for (const [name, value] of Object.entries({ export: data, periods, as_of: asOf, cap }))
    await connection.run(`SET VARIABLE ${name} = ${quoted(value)}`)
  const extracted = await connection.extractStatements(sql)
  let rows = []
  for (let at = 0; at < extracted.count; at += 1) {
    const prepared = await extracted.prepare(at)
    rows = await (await prepared.runAndReadAll()).getRowObjects()
  }
  process.stdout.write(`${JSON.stringify({ rows, ms: performance.now() - begun })}\n`)
}
