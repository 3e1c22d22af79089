/**
 * What a million posts cost: copied texts, the pairs from which groups are grown, and the whole, in CPU and
 * memory, beside a bare reading of the same file. `node bench/detect.ts [posts]`; each measurement is a process of its
 * own.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keepHeapSmall } from '../bin/cli/home/heap.ts'
import { findIn, usual } from '../lambdas/domain/coordination/find.ts'
import { eachOnce, inOrder, type Post } from '../lambdas/domain/coordination/posts/post.ts'
import { netOf } from '../lambdas/domain/coordination/sharing/net.ts'
import { closeAccounts, seedsIn } from '../lambdas/domain/coordination/sharing/seeds.ts'
import { sharesOf } from '../lambdas/domain/coordination/sharing/shares.ts'
import { copiesIn } from '../lambdas/domain/coordination/texts/copy-paste.ts'
import { sha256 } from '../lambdas/domain/core/text/canonical.ts'
import { postReader } from '../lambdas/intake/posts/read-posts.ts'
import { notesFor } from '../lambdas/intake/table/pair-table.ts'
import { batchedSheetOf } from '../lambdas/intake/table/rows.ts'
import { randomFrom } from '../test/support/random.ts'
import { type Figures, machine, show } from './figures.ts'
import { peakBytes } from './peak.ts'

const here = fileURLToPath(import.meta.url)
const [first = '1000000', file = ''] = process.argv.slice(2).filter((word) => !word.startsWith('--'))

type Random = () => number

const skewed = (count: number, random: Random) => Math.floor(count * random() ** 2.2)

const words = (() => {
  const random = randomFrom(sha256('words'))
  const syllables =
    'la re ti mo nou me ka na ki po li ce ra ba ri ca de tou fran ce ma ni fes ter lo cal pu blic'.split(' ')
  return Array.from({ length: 8_000 }, () =>
    Array.from({ length: 1 + Math.floor(random() * 4) }, () => syllables[Math.floor(random() * syllables.length)]).join(
      '',
    ),
  )
})()

const sentence = (random: Random) =>
  Array.from({ length: 12 + Math.floor(random() * 18) }, () => words[skewed(words.length, random)]).join(' ')

const start = 1_715_558_400

/** Rows of a file, for each kind of data. */
const kinds: Readonly<Record<string, (many: number) => Generator<string>>> = {
  /** A fifth copies of 5,000 texts, each a little changed. */
  text: function* (many) {
    const random = randomFrom(sha256('text'))
    const copied = Array.from({ length: 5_000 }, () => sentence(random))
    yield 'id,account,time,text,platform'
    for (let at = 0; at < many; at += 1) {
      const text =
        random() < 0.2
          ? `${copied[skewed(copied.length, random)]} ${words[Math.floor(random() * 50)]}`
          : sentence(random)
      yield `${1_790_000_000_000_000_000n + BigInt(at)},user_${skewed(200_000, random)},${start + Math.floor(random() * 604_800)},"${text}",X`
    }
  },
  /** A week of reposts, few of much, most of little. */
  sharing: function* (many) {
    const random = randomFrom(sha256('sharing'))
    const objects = many / 5
    const begins = Array.from({ length: objects }, () => random() * 500_000)
    yield 'id,account,time,repost_of'
    for (let at = 0; at < many; at += 1) {
      const object = skewed(objects, random)
      const delay = Math.min(100_000, -3_600 * Math.log(1 - random()) * (1 + 20 * random()))
      yield `${1_790_000_000_000_000_000n + BigInt(at)},user_${skewed(200_000, random)},${start + Math.floor((begins[object] ?? 0) + delay)},${1_780_000_000_000_000_000n + BigInt(object)}`
    }
  },
  /** A million reposts of a hundred posts within an hour. */
  hot: function* (many) {
    const random = randomFrom(sha256('hot'))
    yield 'id,account,time,repost_of'
    for (let at = 0; at < many; at += 1) {
      yield `${1_790_000_000_000_000_000n + BigInt(at)},user_${Math.floor(random() * 300_000)},${start + Math.floor(random() * 3_600)},${1_780_000_000_000_000_000n + BigInt(skewed(100, random))}`
    }
  },
}

const parameters = { ...usual, affiliations: {} }

const finished = <Done>(steps: Generator<unknown, Done>): Done => {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}

const posts = async (): Promise<Post[]> => {
  const read: Post[] = []
  const batches = postReader()(createReadStream(file, { highWaterMark: 1 << 18 }), { file, notes: notesFor({}) })
  for await (const batch of batches) for (const post of batch.posts) read.push(post)
  return read
}

const measures: Readonly<Record<string, () => Promise<unknown>>> = {
  bare: async () => {
    let rows = 0
    const { batches } = await batchedSheetOf(createReadStream(file, { highWaterMark: 1 << 18 }), { file })
    for await (const batch of batches) rows += batch.length
    return rows
  },
  copies: async () => {
    const { clusters, pairs } = finished(copiesIn(eachOnce(inOrder(await posts()))))
    return { clusters: clusters.length, pairs }
  },
  pass: async () => {
    const net = netOf(sharesOf(eachOnce(inOrder(await posts()))), usual.windowSeconds * 1_000)
    return { seeds: finished(seedsIn(net, closeAccounts(net))).length }
  },
  whole: async () => {
    const { coSharing, copyPaste } = finished(
      findIn(await posts(), { ...parameters, methods: ['copy-paste', 'co-sharing'] }),
    )
    const { groups, pairs, skipped } = coSharing?.judged ?? {}
    return { clusters: copyPaste?.clusters.length, groups: groups?.length, pairs, skipped }
  },
}

if (measures[first]) {
  keepHeapSmall() // as the command line does
  const came = await measures[first]()
  const { user, system } = process.cpuUsage()
  process.stdout.write(JSON.stringify({ came, seconds: (user + system) / 1e6, peakMb: peakBytes() / 1e6 }))
} else {
  const many = Number(first)
  const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-'))
  try {
    let figures: Figures = machine()
    for (const [kind, asked] of [
      ['text', ['copies', 'whole']],
      ['sharing', ['pass', 'whole']],
      ['hot', ['pass', 'whole']],
    ] as const) {
      const name = join(folder, `${kind}.csv`)
      const out = createWriteStream(name)
      for (const row of kinds[kind]?.(many) ?? []) if (!out.write(`${row}\n`)) await once(out, 'drain')
      out.end()
      await once(out, 'finish')
      const measured = (what: string) => {
        const { stdout, stderr } = spawnSync(process.execPath, [here, what, name], {
          encoding: 'utf8',
          maxBuffer: 1 << 24,
        })
        if (stdout === '') throw new Error(`${what} of ${kind}: ${stderr}`)
        return JSON.parse(stdout) as { came: unknown; seconds: number; peakMb: number }
      }
      const bare = measured('bare')
      for (const what of asked) {
        const { came, seconds, peakMb } = measured(what)
        const ratio = (seconds / bare.seconds).toFixed(1)
        figures = {
          ...figures,
          [`${kind}, ${many.toLocaleString('en')} posts: ${what}`]: `${seconds.toFixed(1)} s of CPU, ${ratio} × a bare reading, ${Math.round(peakMb)} MB (bare: ${Math.round(bare.peakMb)} MB); ${JSON.stringify(came)}`,
        }
      }
    }
    show(figures)
  } finally {
    await rm(folder, { recursive: true })
  }
}
