/**
 * Random interleavings over the whole pipeline: several workers run commands on one home, some of which are killed. The
 * plan follows from the seed; when its steps meet, from the machine. The invariants are looked at throughout and at the
 * end.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { deliverer } from '../../bin/cli/deliver.ts'
import { ingestFiles } from '../../bin/cli/ingest-files.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { deliveryMessageOf } from '../../lambdas/usecases/reports/handle-report-message.ts'
import { ended, jsonOf, type Ran, startVigie, type VerifyJson, writeNdjson } from '../support/cli.ts'
import { clockEnv, now } from '../support/clock.ts'
import { input } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { openedOn, openServices } from '../support/services.ts'
import type { Grounds } from './grounds.ts'
import { laterMs } from './killed.ts'
import { detectionsLook, homeLook, outboxLook, witness } from './look.ts'
import { type Cost, costOf, endedWith, lostOnly, type Outcome, type Row } from './row.ts'

const weeks = ['2024-W19', '2024-W20', '2024-W21'] as const
const days = ['2024-05-08', '2024-05-15', '2024-05-22'] as const
const places = ['NC', 'RE', 'COR'] as const
const people = ['ana', 'ben', 'eve'].map((name) => `${name}@example.org`)
const workersAtOnce = 3

const place = fc.nat(places.length - 1)
const week = fc.nat(weeks.length - 1)

/** What a worker does next. New detections have ids of their own; corrections are of what was sent before. */
const work = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('ingest' as const), place, week, count: fc.integer({ min: 1, max: 90 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('correct' as const),
      pick: fc.nat(),
      posts: fc.integer({ min: 1, max: 99 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), pick: fc.nat() }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('report' as const), place, week }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('weekly' as const), week }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('note' as const), place, week }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('recall' as const),
      place,
      week,
      version: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('verify' as const) }) },
)

/** One in three is killed, after so many milliseconds. */
const step = fc.record({
  work,
  killedAfter: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 300, max: 2_500 }) },
  ),
})

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

/** What was sent, and which of it was said to be taken in. */
type Sent = { readonly file: string; readonly place: number; readonly week: number; readonly ids: readonly string[] }

/** The steps that follow from a seed. */
const planOf = (seed: number, steps: number): readonly Step[] => fc.sample(step, { seed, numRuns: steps })

export const soak = async (seconds: number, seed: number, grounds: Grounds): Promise<Outcome> => {
  const folder = grounds.folder()
  const home = join(folder, 'home')
  await mkdir(folder)
  await openedOn(home, async ({ services }) => {
    for (const address of people) {
      await services.recipients.replace(recipient(address, { territories: [...places], quiet: 'send' }))
    }
  })
  const sent: Sent[] = []
  const taken = new Set<string>()
  const costs: Cost[] = []
  const unchanged = witness(join(home, 'archive'))
  const counts = { steps: 0, killed: 0, failed: 0 }
  // A killed one's leases are over for those that come after it.
  let ahead = 0

  const command = async (args: readonly string[], killedAfter: number | undefined): Promise<Ran | undefined> => {
    const child = startVigie([...args, '--home', home, '--json'], { env: clockEnv(ahead) })
    const all = ended(child)
    const killing = new AbortController()
    if (killedAfter !== undefined) {
      pause(killedAfter, undefined, { signal: killing.signal }).then(
        () => child.kill('SIGKILL'),
        () => undefined, // it ended before
      )
    }
    const ran = await all
    killing.abort()
    if (ran.code !== null) return ran
    counts.killed += 1
    ahead += laterMs
    return undefined
  }

  const send = async (one: Sent, killedAfter: number | undefined) => {
    const ran = await command(['ingest', one.file], killedAfter)
    if (ran === undefined) return
    costs.push(endedWith('ingest', ran))
    if (ran.code === 0) for (const id of one.ids) taken.add(id)
  }
  const written = async (where: Pick<Sent, 'place' | 'week'>, ids: readonly string[], posts: number): Promise<Sent> => {
    const file = join(folder, `${counts.steps}-${ids[0]}.ndjson`)
    const detections = ids.map((id) =>
      input({
        id,
        territories: [places[where.place] ?? 'NC'],
        observed: { from: days[where.week] ?? days[0] },
        counts: { posts },
      }),
    )
    await writeNdjson(file, ...detections)
    return { file, ...where, ids }
  }

  const take = async ({ work: wanted, killedAfter }: Step, number: number): Promise<void> => {
    const at = 'place' in wanted ? (places[wanted.place] ?? 'NC') : 'NC'
    const of = 'week' in wanted ? (weeks[wanted.week] ?? weeks[0]) : weeks[0]
    switch (wanted.kind) {
      case 'ingest': {
        const ids = Array.from({ length: wanted.count }, (_, one) => `s${number}-${one}`)
        const one = await written(wanted, ids, 1)
        sent.push(one)
        return send(one, killedAfter)
      }
      case 'correct': {
        const before = sent[wanted.pick % Math.max(1, sent.length)]
        return before && send(await written(before, before.ids.slice(0, 3), wanted.posts), killedAfter)
      }
      case 'again': {
        const before = sent[wanted.pick % Math.max(1, sent.length)]
        // What was corrected since is corrected back: a file is taken as it comes.
        return before && send(before, killedAfter)
      }
      case 'report':
      case 'weekly': {
        const args = wanted.kind === 'weekly' ? ['weekly', of] : ['report', at, of, '--deliver']
        const ran = await command(args, killedAfter)
        // Mails at which another is are left to it, and that is said by 1.
        if (ran && ran.code !== 0 && !/not sent yet|taken over/.test(ran.stderr + ran.stdout))
          costs.push(endedWith(args.join(' '), ran))
        return
      }
      case 'note': {
        const file = join(folder, `${number}.md`)
        await writeNdjson(file, { note: number })
        const words = ['--author', 'Ana Martin', '--role', 'analyst', '--lang', 'fr', '--file', file]
        const ran = await command(['note', 'add', at, of, ...words], killedAfter)
        if (ran) costs.push(endedWith('note add', ran))
        return
      }
      case 'recall': {
        const ran = await command(
          ['archive', 'recall', at, of, String(wanted.version), '--reason', 'a wrong figure'],
          killedAfter,
        )
        if (ran && ran.code !== 0 && !ran.stderr.includes('was never published'))
          costs.push(endedWith('archive recall', ran))
        return
      }
      case 'verify': {
        const ran = await command(['archive', 'verify'], killedAfter)
        const problems = ran?.stdout ? (jsonOf<Partial<VerifyJson>>(ran).problems ?? []) : []
        if (ran) costs.push({ ...lostOnly(), unverified: problems.map(({ file, message }) => `${file} ${message}`) })
        if (ran && problems.length === 0) costs.push(endedWith('archive verify', ran))
        return
      }
    }
  }

  const until = performance.now() + seconds * 1_000
  const plan = planOf(seed, 20 * Math.max(1, seconds))
  const worker = async (): Promise<void> => {
    while (performance.now() < until && counts.steps < plan.length) {
      const number = counts.steps
      counts.steps += 1
      const next = plan[number]
      if (next) await take(next, number)
    }
  }
  const watcher = async (): Promise<void> => {
    while (performance.now() < until) {
      costs.push(await unchanged())
      await pause(500)
    }
  }
  await Promise.all([watcher(), ...Array.from({ length: workersAtOnce }, worker)])

  // Those that were said to be taken are there before anything is done again; then all that was ever sent is sent
  // again.
  const idsOf = (at: number, wanted: (id: string) => boolean) =>
    sent.filter((one) => one.place === at).flatMap(({ ids }) => ids.filter(wanted))
  const detections = (wanted: (id: string) => boolean) =>
    openedOn(home, async ({ services }) =>
      costOf(await Promise.all(places.map((name, at) => detectionsLook(services, name, weeks, idsOf(at, wanted))))),
    )
  costs.push(await detections((id) => taken.has(id)))
  const opened = await openServices(home, new Date(now().getTime() + ahead + laterMs).toISOString())
  try {
    for (const { file } of sent.filter(({ ids }) => ids.some((id) => !taken.has(id)))) {
      const { failed } = await ingestFiles({ files: [file], format: 'auto' }, opened.context)
      costs.push(lostOnly(...failed.map(({ message }) => message)))
    }
    const deliver = await deliverer(opened.context)
    for (const territory of places) {
      for (const one of weeks) {
        if (!sent.some(({ place, week: of }) => places[place] === territory && weeks[of] === one)) continue
        const request = { territory, period: parsePeriod(one), cap: 'TLP:AMBER' } as const
        await deliver(deliveryMessageOf(await generateReport(request, opened.services), 'everybody'))
      }
    }
  } finally {
    await opened.close()
  }
  const end = await openedOn(home, async ({ services }) => {
    const versions = (await Array.fromAsync(services.reports.all())).filter(({ state }) => state === 'published')
    const short: string[] = []
    for (const [at, name] of places.entries()) {
      for (const [number, period] of weeks.entries()) {
        const due = sent
          .filter((one) => one.place === at && one.week === number)
          .reduce((sum, { ids }) => sum + ids.length, 0)
        const newest = versions
          .filter((one) => one.territory === name && one.period === period && !one.recalled && !one.reconstructed)
          .at(-1)
        const counted = newest?.published?.totals.detections
        if (due > 0 && counted !== due) short.push(`${name} ${period} counts ${counted} of ${due}`)
      }
    }
    return { versions: versions.length, cost: costOf([lostOnly(...short), await homeLook(home, services)]) }
  })
  costs.push(end.cost, await detections(() => true), await unchanged())
  const { mails } = await outboxLook(home)
  const detected = sent.reduce((sum, { ids }) => sum + ids.length, 0)
  return {
    ...costOf(costs),
    injected: counts.steps,
    done: `seed ${seed}: ${counts.steps} commands by ${workersAtOnce} workers in ${seconds} s, ${counts.killed} of them killed; ${detected} detections, ${end.versions} versions, ${mails.length} mails`,
  }
}

export const soakRow = (seconds: number, seed: number): Row => ({
  group: 'soak',
  name: 'random interleavings',
  where: 'a home, the whole pipeline',
  inject: (grounds) => soak(seconds, seed, grounds),
})
