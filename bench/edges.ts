/**
 * The co-sharing rule by DuckDB's self-join (bench/scale/edges.sql) and by our own code, on one table of posts in
 * CooRTweet's layout: `npm ci --prefix bench/scale --ignore-scripts`, then `node bench/edges.ts posts.csv [seconds]`.
 * Ends with 1 where the edges differ.
 */
import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { usual } from '../lambdas/domain/coordination/find.ts'
import { eachOnce, inOrder, type Post } from '../lambdas/domain/coordination/posts/post.ts'
import { byOwnRule } from '../lambdas/domain/coordination/sharing/co-sharing.ts'
import { sharesOf } from '../lambdas/domain/coordination/sharing/shares.ts'
import { postReader } from '../lambdas/intake/posts/read-posts.ts'
import { notesFor } from '../lambdas/intake/table/pair-table.ts'

const [file = '', seconds = '60'] = process.argv.slice(2)

const posts: Post[] = []
for await (const batch of postReader()(createReadStream(file), { file, notes: notesFor({}) }))
  posts.push(...batch.posts)
const shares = sharesOf(eachOnce(inOrder(posts)))
const rule = { windowMs: Number(seconds) * 1_000, crowdCap: usual.crowdCap }
const { pairs, edges, repeated, crowded } = byOwnRule(shares, rule)

const script = fileURLToPath(new URL('scale/edges.mjs', import.meta.url))
const told = execFileSync(process.execPath, [script, file, seconds], { encoding: 'utf8', maxBuffer: 2 ** 30 })
const joined = JSON.parse(told) as readonly (readonly [string, string, number, number])[]

const line = (one: string, other: string, weight: number) => `${[one, other].sort().join(' ')} ${weight}`
const ours = repeated
  .map(({ a, b, weight }) => line(shares.accountNames[a] ?? '', shares.accountNames[b] ?? '', weight))
  .sort()
const theirs = joined.flatMap(([one, other, , weight]) => (weight > 1 ? [line(one, other, weight)] : [])).sort()
const isSame =
  JSON.stringify(ours) === JSON.stringify(theirs) &&
  edges === joined.length &&
  pairs === joined.reduce((sum, [, , count]) => sum + count, 0)
process.stdout.write(
  `${isSame ? 'the same' : 'NOT the same'}: ${pairs} pairs, ${edges} edges, ${repeated.length} of weight 2 and more, ${crowded} shares left out as too popular\n`,
)
if (!isSame) process.exitCode = 1
