/**
 * Dossiers, digests and flash notes: whoever makes or mails one is killed, its store, archive or disk refuses, or its
 * mail does, and the work is done again.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SubjectCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../lambdas/domain/detection/campaigns.ts'
import { flashAsked } from '../../lambdas/usecases/reports/flash/ask-flash.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { vigie, writeNdjson } from '../support/cli.ts'
import { ago, clockEnv } from '../support/clock.ts'
import { input } from '../support/detections.ts'
import { s3Error, type StandInProxy, tableError } from '../support/proxy.ts'
import { recipient } from '../support/recipients.ts'
import { ingestInto, openedOn } from '../support/services.ts'
import type { Grounds, StageGround } from './grounds.ts'
import { atMoments, laterMs, weekOf } from './killed.ts'
import { archiveLook, homeLook, outboxLook, versionLook } from './look.ts'
import { inItsOwnProcess } from './plates.ts'
import { type Cost, costOf, endedWith, lostOnly, type Outcome, type Row } from './row.ts'
import { from, lasting, puts, throttled } from './services.ts'
import { smallDisk } from './small-disk.ts'

const week = '2024-W20'
const campaign = 'A campaign'
const addresses = ['ana', 'ben', 'eve'].map((name) => `${name}@example.org`)

/** What is mailed of a home by one command, and what must come of it. */
type Kind = {
  readonly name: string
  /** Makes the home ready for the command. */
  prepare(
    home: string,
  ): Promise<{ readonly args: readonly string[]; readonly subject: SubjectCode; readonly period: string }>
  /** So many detections the version counts; without one where none is looked at. */
  readonly detections: number
}

const having = (home: string, changes: Parameters<typeof recipient>[1]): Promise<void> =>
  openedOn(home, async ({ services }) => {
    for (const address of addresses) await services.recipients.replace(recipient(address, changes))
  })

const everything = { territories: ['overseas', 'COR'] }

const dossier: Kind = {
  name: 'a dossier',
  detections: 2,
  prepare: async (home) => {
    await having(home, everything)
    await openedOn(home, (opened) =>
      ingestInto(
        opened,
        ['a', 'b'].map((id) => input({ id, campaign })),
      ),
    )
    const args = ['dossier', campaign, '--until', week, '--deliver']
    return { args, subject: campaignCode(campaign), period: week }
  },
}

/** The week's report stands, and three readers wait for it in their digests. */
const digest: Kind = {
  name: 'a digest',
  detections: 1,
  prepare: async (home) => {
    await having(home, { digest: true })
    await openedOn(home, (opened) => ingestInto(opened, [input({ id: 'a' })]))
    await vigie(['report', 'NC', week, '--deliver', '--home', home])
    return { args: ['deliveries', 'digest'], subject: 'NC', period: week }
  },
}

const hour = 3_600_000

/** A note of today stands, and is approved: by that it is mailed. */
export const flash: Kind = {
  name: 'a flash note',
  detections: 1,
  prepare: async (home) => {
    await having(home, {})
    return openedOn(home, async (opened) => {
      const observed = { from: ago(20 * hour) }
      await ingestInto(opened, [input({ id: 'a', observed })])
      const request = await flashAsked(['a'], { cap: 'TLP:AMBER' }, opened.services)
      const { report } = await generateReport(request, opened.services)
      const { code } = report.territory
      return { args: ['flash', 'approve', code, '--by', 'C. Morel'], subject: code, period: report.period.id }
    })
  },
}

/** One version, one mail for each reader or one entry that a person settles, and an archive that verifies. */
export const looked = async (home: string, { detections }: Kind, subject: SubjectCode, period: string) =>
  openedOn(home, async ({ services }) => {
    const ledger = await services.deliveries.about(subject, period)
    const unknown = ledger.filter(({ state }) => state === 'UNKNOWN').length
    const sent = ledger.filter(({ state }) => state === 'SENT').length
    const { mails } = await outboxLook(home)
    const missing = addresses.length - sent - unknown
    const cost = costOf([
      await versionLook(services, { territory: subject, period }, detections),
      missing > 0 ? lostOnly(`${missing} mails: ${ledger.map(({ state }) => state).join(', ')}`) : lostOnly(),
      mails.length + unknown < addresses.length ? lostOnly(`${addresses.length - mails.length} mails`) : lostOnly(),
      ledger.length > addresses.length || mails.length > addresses.length
        ? { ...lostOnly(), twice: [`${mails.length} mails, ${ledger.length} entries`] }
        : lostOnly(),
      await homeLook(home, services),
    ])
    return { cost, unknown }
  })

const killing =
  (kind: Kind): Row['inject'] =>
  async (grounds) => {
    let unknown = 0
    const outcome = await atMoments(
      grounds,
      10,
      async (home) => {
        await mkdir(home, { recursive: true })
        const { args, subject, period } = await kind.prepare(home)
        return {
          args,
          look: async (_, again) => {
            const found = await looked(home, kind, subject, period)
            unknown += found.unknown
            return costOf([endedWith('the second run', again), found.cost])
          },
        }
      },
      inItsOwnProcess,
    )
    return { ...outcome, done: `${outcome.done}; ${unknown} mails UNKNOWN in the ledger, for a person` }
  }

/** A file lies where mails are written: each is refused. */
const mailRefused =
  (kind: Kind): Row['inject'] =>
  async (grounds) => {
    const home = join(grounds.folder(), 'home')
    await mkdir(home, { recursive: true })
    const { args, subject, period } = await kind.prepare(home)
    const outbox = join(home, 'outbox')
    await rm(outbox, { recursive: true, force: true })
    await writeFile(outbox, 'no folder')
    let refused = 0
    for (let time = 0; time < 2; time += 1) {
      const { code } = await vigie([...args, '--home', home], { env: clockEnv(laterMs * time) })
      if (code !== 0) refused += 1
    }
    await rm(outbox)
    const again = await vigie([...args, '--home', home], { env: clockEnv(laterMs * 3) })
    const { cost, unknown } = await looked(home, kind, subject, period)
    return {
      ...costOf([endedWith('with an outbox', again), cost]),
      injected: refused,
      done: `${refused} runs said so; with an outbox ${addresses.length - unknown} mails lie there, ${unknown} UNKNOWN`,
    }
  }

const diskFull =
  (kind: Kind): Row['inject'] =>
  async (grounds) => {
    const disk = await smallDisk(grounds.folder(), '256m')
    if ('notHere' in disk) return disk
    try {
      const home = join(disk.folder, 'home')
      const { args, subject, period } = await kind.prepare(home)
      await disk.fill()
      let refused = 0
      for (const room of [8, 16, 24]) {
        await disk.leave(room * 1024)
        const { code } = await vigie([...args, '--home', home], { env: clockEnv(laterMs * refused) })
        if (code !== 0) refused += 1
      }
      await disk.empty()
      const again = await vigie([...args, '--home', home], { env: clockEnv(laterMs * (1 + refused)) })
      const { cost, unknown } = await looked(home, kind, subject, period)
      return {
        ...costOf([endedWith('with room', again), cost]),
        injected: refused,
        done: `${refused} runs said so; with room the rest was done, ${unknown} UNKNOWN`,
      }
    } finally {
      await disk.remove()
    }
  }

type Made = { readonly args: readonly string[]; readonly subject: SubjectCode; readonly period: string }

/** Detections of a stage and the command that makes something of them, anew each time. */
const stageDossier = async (grounds: Grounds, stage: StageGround): Promise<Made & { readonly made: Cost }> => {
  const number = grounds.number()
  const name = `Campaign ${number}`
  const period = weekOf(number)
  const made = await ingested(grounds, stage, {
    id: `s${number}`,
    campaign: name,
    observed: { from: parsePeriod(period).first },
  })
  return { args: ['dossier', name, '--until', period], subject: campaignCode(name), period, made }
}

const stageFlash = async (grounds: Grounds, stage: StageGround): Promise<Made & { readonly made: Cost }> => {
  const number = grounds.number()
  const id = `s${number}`
  const observed = { from: ago(20 * hour) }
  const made = await ingested(grounds, stage, { id, observed })
  const { territory, period } = await flashAsked([id], { cap: 'TLP:AMBER' }, stage.services)
  return { args: ['flash', id], subject: territory, period: period.id, made }
}

const ingested = async (
  grounds: Grounds,
  stage: StageGround,
  detection: Parameters<typeof input>[0],
): Promise<Cost> => {
  const folder = grounds.folder()
  await mkdir(folder, { recursive: true })
  return endedWith(
    'ingest',
    await stage.run(['ingest', await writeNdjson(join(folder, 'one.ndjson'), input(detection))]),
  )
}

/** Steps at which the refusals begin. */
const beginnings = [1, 6, 14]

const refusing =
  (prepare: typeof stageDossier): Row['inject'] =>
  async (grounds): Promise<Outcome> => {
    const stage = await grounds.stage()
    const { stack, services } = stage
    const slowDown = () => Promise.resolve(s3Error(503, 'SlowDown'))
    const faults: readonly (readonly [StandInProxy, ReturnType<typeof from>])[] = [
      ...beginnings.map((nth) => [stack.table, from(nth, lasting, throttled)] as const),
      ...beginnings.map((nth) => [stack.services, from(nth, lasting, slowDown, puts)] as const),
      [stack.table, from(9, lasting, () => Promise.resolve(tableError('InternalServerError', 500)))],
    ]
    const costs: Cost[] = []
    let [injected, stopped] = [0, 0]
    for (const [service, faulty] of faults) {
      const { args, subject, period, made } = await prepare(grounds, stage)
      let times = 0
      const mend = service.intercept(
        faulty(() => {
          times += 1
        }),
      )
      const first = await stage.run(args)
      mend()
      injected += times
      if (first.code !== 0) stopped += 1
      const again = first.code === 0 ? first : await stage.run(args, { env: clockEnv(laterMs) })
      costs.push(
        made,
        endedWith('the second run', again),
        await versionLook(services, { territory: subject, period }, 1),
      )
    }
    return {
      ...costOf([...costs, await archiveLook(services)]),
      injected,
      done: `${faults.length} made: ${faults.length - stopped} all the same, ${stopped} stopped and made again`,
    }
  }

const kinds = [dossier, digest, flash]

export const subjectRows: readonly Row[] = [
  ...kinds.map((kind) => ({
    ...{ group: 'subjects', name: `SIGKILL while ${kind.name} is made and mailed`, where: 'a home and its outbox' },
    inject: killing(kind),
  })),
  ...kinds.map((kind) => ({
    ...{ group: 'subjects', name: `mail refused to ${kind.name}`, where: 'a home whose outbox takes nothing' },
    inject: mailRefused(kind),
  })),
  ...kinds.map((kind) => ({
    ...{ group: 'subjects', name: `disk full while ${kind.name} is mailed`, where: 'a home on a filled disk' },
    inject: diskFull(kind),
  })),
  ...[
    { name: dossier.name, prepare: stageDossier },
    { name: flash.name, prepare: stageFlash },
  ].map(({ name, prepare }) => ({
    ...{ group: 'subjects', name: `store and archive refuse ${name}`, where: 'a stage’s table and bucket' },
    inject: refusing(prepare),
  })),
]
