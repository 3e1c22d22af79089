/** SIGKILL at every step of ingest, report and deliver; on a home, at moments spread over the work. */
import type { ChildProcess } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parsePeriod, periodsBefore } from '../../lambdas/domain/core/time/period.ts'
import { ended, type Ran, startVigie, vigie, writeNdjson } from '../support/cli.ts'
import { clockEnv } from '../support/clock.ts'
import { input } from '../support/detections.ts'
import { sides, stopAtWrite } from '../support/kill-at.ts'
import { recipient } from '../support/recipients.ts'
import { openedOn } from '../support/services.ts'
import { eventOf, newInstance } from '../support/stack-here.ts'
import type { Grounds, StageGround } from './grounds.ts'
import { archiveLook, detectionsLook, homeLook, mailsLook, outboxLook, versionLook } from './look.ts'
import { type Cost, costOf, endedWith, lostOnly, type Outcome, type Row } from './row.ts'

/** The dead one's leases are over for whoever comes this much later. */
export const laterMs = 360_000

/** Weeks that no other row uses, the latest first. */
const weeks = periodsBefore(parsePeriod('2024-W20'), 1_500).map(({ id }) => id)
export const weekOf = (number: number): string => weeks.at(-number) ?? '1990-W01'

type Step = {
  /** Starts the work; `stop` kills whoever does it, and `done` says whether it came to its end. */
  start(): Promise<{ stop(): void; readonly done: Promise<unknown> }>
  /** Does the same again, and looks at what stands. */
  after(): Promise<Cost>
}

/** For each write of the work, and each side of it: kills the worker there, has the work done again, and looks. */
const atEveryWrite = async (stage: StageGround, step: () => Promise<Step>): Promise<Outcome> => {
  const { stack } = stage
  const costs: Cost[] = []
  const caught: string[] = []
  for (const moment of sides) {
    for (let nth = 1; ; nth += 1) {
      const { start, after } = await step()
      let stop: () => void = () => {}
      const trap = stopAtWrite([stack.table, stack.services, stack.mail.service], nth, moment, () => stop())
      const working = await start()
      stop = working.stop
      await working.done
      trap.remove()
      const at = trap.caught()
      const cost = await after()
      costs.push(named(`${moment} write ${nth}, ${at}`, cost))
      if (at === undefined) break
      caught.push(at)
    }
  }
  return {
    ...costOf(costs),
    injected: caught.length,
    done: `${Math.round(caught.length / sides.length)} steps, before and after each; done again each time`,
  }
}

const named = (where: string, { lost, twice, unverified }: Cost): Cost => {
  const at = (found: readonly string[]) => found.map((one) => `${one} (killed ${where})`)
  return { lost: at(lost), twice: at(twice), unverified: at(unverified) }
}

const killing = (child: ChildProcess) => ({ stop: () => void child.kill('SIGKILL'), done: ended(child) })

/**
 * Three detections of a week of their own in a file: one over several days, one without a territory, one that is
 * corrected.
 */
export const threeIn = async (grounds: Grounds, folder: string) => {
  const number = grounds.number()
  const week = weekOf(number)
  const { first, last } = parsePeriod(week)
  const ids = ['a', 'b', 'c'].map((name) => `f${number}-${name}`)
  await mkdir(folder, { recursive: true })
  const file = await writeNdjson(
    join(folder, `${number}.ndjson`),
    input({ id: ids[0] ?? '', observed: { from: first }, counts: { posts: 5 } }),
    input({ id: ids[1] ?? '', observed: { from: first, to: last } }),
    input({ id: ids[2] ?? '', observed: { from: last }, detector: 'Another' }),
  )
  return { number, week, ids, file }
}

const ingestSteps: Row['inject'] = async (grounds) => {
  const stage = await grounds.stage()
  const folder = grounds.folder()
  return atEveryWrite(stage, async () => {
    const { week, ids, file } = await threeIn(grounds, folder)
    const args = ['ingest', file]
    return {
      start: async () => killing(stage.start(args)),
      after: async () =>
        costOf([
          endedWith('the second ingest', await stage.run(args)),
          await detectionsLook(stage.services, 'NC', [week], ids),
        ]),
    }
  })
}

const reportSteps: Row['inject'] = async (grounds) => {
  const stage = await grounds.stage()
  const folder = grounds.folder()
  const outcome = await atEveryWrite(stage, async () => {
    const { week, ids, file } = await threeIn(grounds, folder)
    const ingested = endedWith('ingest', await stage.run(['ingest', file]))
    const args = ['report', 'NC', week]
    return {
      start: async () => killing(stage.start(args)),
      after: async () =>
        costOf([
          ingested,
          endedWith('the second report', await stage.run(args, { env: clockEnv(laterMs) })),
          await versionLook(stage.services, { territory: 'NC', period: week }, ids.length),
        ]),
    }
  })
  return { ...outcome, ...costOf([outcome, await archiveLook(stage.services)]) }
}

const deliverSteps: Row['inject'] = async (grounds) => {
  const stage = await grounds.stage()
  const { stack, services } = stage
  const { week } = await threeIn(grounds, grounds.folder())
  const made = endedWith('report', await stage.run(['report', 'NC', week]))
  let unknown = 0
  const word = { territory: 'NC', period: week, cap: 'TLP:AMBER', version: 1, to: 'everybody' }
  const event = eventOf('https://queue/deliveries', {
    Body: JSON.stringify(word),
    MessageId: 'm',
    Attributes: { ApproximateReceiveCount: '1' },
  })
  const outcome = await atEveryWrite(stage, async () => {
    const number = grounds.number()
    const addresses = ['ana', 'ben'].map((name) => `${name}-${number}@example.org`)
    for await (const one of services.recipients.all())
      await services.recipients.replace({ ...one, state: 'unsubscribed' })
    for (const address of addresses) await services.recipients.replace(recipient(address))
    const dying = await newInstance(stack, 'MailDeliver')
    const deliver = async (clock?: number) => {
      const instance = await newInstance(stack, 'MailDeliver', clock === undefined ? {} : clockEnv(clock))
      const answer = await instance.invoke(event)
      await instance.close()
      return answer
    }
    return {
      start: async () => ({ stop: () => dying.kill(), done: dying.invoke(event) }),
      after: async () => {
        await dying.close()
        const again = await deliver(laterMs)
        const ok = 'value' in again && JSON.stringify(again.value).includes('"batchItemFailures":[]')
        const mailed = (await stack.mail.inbox()).flatMap(({ destination }) => destination.to)
        const ledger = await services.deliveries.about('NC', week)
        const unsettled = await unsettledOf(addresses, ledger, services)
        unknown += unsettled.length
        return costOf([
          made,
          ok ? lostOnly() : lostOnly(`the second delivery ended with ${JSON.stringify(again).slice(0, 200)}`),
          mailsLook(mailed, addresses, unsettled),
        ])
      },
    }
  })
  return { ...outcome, done: `${outcome.done}; ${unknown} mails UNKNOWN in the ledger, for a person` }
}

export const unsettledOf = async (
  addresses: readonly string[],
  ledger: readonly { readonly recipient: string; readonly state: string }[],
  { recipients }: StageGround['services'],
): Promise<readonly string[]> => {
  const unknown = new Set(ledger.filter(({ state }) => state === 'UNKNOWN').map((one) => one.recipient))
  const all = await Array.fromAsync(recipients.all())
  return all.filter(({ id, address }) => unknown.has(id) && addresses.includes(address)).map(({ address }) => address)
}

/** Kills a command at moments spread evenly over its whole run, each time on a home of its own, then runs it again. */
export const atMoments = async (
  grounds: Grounds,
  moments: number,
  prepare: (
    home: string,
  ) => Promise<{ readonly args: readonly string[]; look(home: string, again: Ran): Promise<Cost> }>,
  /** How the run is timed: a short one in a process of its own, as those that are killed. */
  undisturbedRun: (args: readonly string[]) => Promise<Ran> = vigie,
): Promise<Outcome> => {
  const first = join(grounds.folder(), 'home')
  const undisturbed = await prepare(first)
  const began = performance.now()
  const costs: Cost[] = [await undisturbed.look(first, await undisturbedRun([...undisturbed.args, '--home', first]))]
  const whole = performance.now() - began
  let killed = 0
  for (let moment = 1; moment <= moments; moment += 1) {
    const home = join(grounds.folder(), 'home')
    const { args, look } = await prepare(home)
    const child = startVigie([...args, '--home', home])
    const all = ended(child)
    // Nothing happens while the program itself is loaded.
    await pause(whole * (0.25 + (0.75 * moment) / moments))
    if (child.kill('SIGKILL')) killed += 1
    await all
    costs.push(
      named(
        `at moment ${moment}`,
        await look(home, await vigie([...args, '--home', home], { env: clockEnv(laterMs) })),
      ),
    )
  }
  return {
    ...costOf(costs),
    injected: killed,
    done: `killed at ${moments} moments over ${Math.round(whole)} ms; done again each time`,
  }
}

const homeIngest: Row['inject'] = (grounds) =>
  atMoments(grounds, 16, async (home) => {
    const ids = Array.from({ length: 400 }, (_, at) => `many-${at}`)
    await mkdir(join(home, '..'), { recursive: true })
    const file = await writeNdjson(`${home}.ndjson`, ...ids.map((id) => input({ id })))
    return {
      args: ['ingest', file],
      look: async (_, again) =>
        costOf([
          endedWith('the second ingest', again),
          await openedOn(home, async ({ services }) => detectionsLook(services, 'NC', ['2024-W20'], ids)),
        ]),
    }
  })

const homeReport: Row['inject'] = (grounds) => {
  let unknown = 0
  const row = atMoments(grounds, 14, async (home) => {
    await openedOn(home, async ({ services }) => {
      for (const name of ['ana', 'ben', 'eve']) await services.recipients.replace(recipient(`${name}@example.org`))
    })
    return {
      args: ['report', 'NC', '2024-W20', '--deliver'],
      look: async (_, again) =>
        openedOn(home, async ({ services }) => {
          const versions = (
            await services.reports.versions({ territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' })
          ).filter(({ state }) => state === 'published')
          const unsettled = (await services.deliveries.about('NC', '2024-W20')).filter(
            ({ state }) => state === 'UNKNOWN',
          )
          unknown += unsettled.length
          const { mails } = await outboxLook(home)
          const missing = 3 - mails.length - unsettled.length
          return costOf([
            endedWith('the second report', again),
            versions.length === 1 ? lostOnly() : lostOnly(`${versions.length} versions are published`),
            missing > 0 ? lostOnly(`${missing} mails`) : lostOnly(),
            await homeLook(home, services),
          ])
        }),
    }
  })
  return row.then((outcome) => ({
    ...outcome,
    done: `${outcome.done}; ${unknown} mails UNKNOWN in the ledger, for a person`,
  }))
}

export const killedRows: readonly Row[] = [
  { group: 'ingest', name: 'SIGKILL at every step of ingest', where: 'a stage’s table', inject: ingestSteps },
  {
    group: 'generate',
    name: 'SIGKILL at every step of generate',
    where: 'a stage’s table and archive',
    inject: reportSteps,
  },
  {
    group: 'deliver',
    name: 'SIGKILL at every step of deliver',
    where: 'a stage’s table and mail service',
    inject: deliverSteps,
  },
  {
    group: 'ingest',
    name: 'SIGKILL in the midst of ingest',
    where: 'a home whose table is being written',
    inject: homeIngest,
  },
  {
    group: 'generate',
    name: 'SIGKILL in the midst of report --deliver',
    where: 'a home and its outbox',
    inject: homeReport,
  },
]
