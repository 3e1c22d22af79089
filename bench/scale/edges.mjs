/** Runs edges.sql on a table of posts in CooRTweet's layout: `node edges.mjs posts.csv SECONDS` prints the edges as JSON. */
import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

const [file = '', seconds = '60'] = process.argv.slice(2)
const connection = await (await DuckDBInstance.create(':memory:')).connect()
await connection.run('SET autoinstall_known_extensions = false')
await connection.run(
  `CREATE TABLE shares AS SELECT DISTINCT account_id AS account, object_id AS object, content_id, CAST(timestamp_share AS BIGINT) AS shared_at
   FROM read_csv('${file.replaceAll("'", "''")}', all_varchar = true) WHERE content_id <> object_id`,
)
await connection.run(`SET VARIABLE seconds = ${Number(seconds)}`)
const sql = readFileSync(new URL('edges.sql', import.meta.url), 'utf8')
const rows = await (await connection.runAndReadAll(sql)).getRowObjects()
const edges = rows.map(({ source, target, pairs, weight }) => [source, target, Number(pairs), Number(weight)])
process.stdout.write(`${JSON.stringify(edges)}\n`)
