/**
 * Clocks at their odd moments: runs on schedule, at the very instants, with detections on both sides of each border.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { mailingHere } from '../../bin/cli/deliver.ts'
import { type TerritoryCode, territories } from '../../lambdas/domain/core/place/territory.ts'
import type { Observed } from '../../lambdas/domain/core/time/observed.ts'
import type { ScheduledCadence } from '../../lambdas/domain/core/time/period.ts'
import { deliverReport } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { handleReportMessage } from '../../lambdas/usecases/reports/handle-report-message.ts'
import { jsonOf, vigie, type WeeklyJson, writeNdjson } from '../support/cli.ts'
import { clockEnv } from '../support/clock.ts'
import { input } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { ingestInto, openedOn, openServices } from '../support/services.ts'
import { detectionsLook, homeLook, mailsLook, outboxLook, versionLook } from './look.ts'
import { type Cost, costOf, endedWith, lostOnly, type Row } from './row.ts'

type Story = {
  readonly territory: TerritoryCode
  readonly cadence: ScheduledCadence
  /** When the schedule fires, and the period that it must tell of. */
  readonly runs: readonly (readonly [at: string, period: string])[]
  /** Instants and days at which something was observed, with the period that each belongs to. */
  readonly seen: readonly (readonly [at: string, period: string])[]
}

/** Each run takes in what was seen by then, makes its report and mails it: all by the clock of the run. */
const told =
  ({ territory, cadence, runs, seen }: Story): Row['inject'] =>
  async (grounds) => {
    const home = join(grounds.folder(), 'home')
    const opened = await openServices(home)
    try {
      const { services, context } = opened
      const costs: Cost[] = []
      await services.recipients.replace(recipient('ana@example.org', { territories: [territory] }))
      const mailing = await mailingHere(context)
      for (const [at, period] of runs) {
        opened.at(new Date(at).toISOString())
        const by = seen.filter(([when]) => Date.parse(when) <= Date.parse(at))
        await ingestInto(
          opened,
          by.map(([when]) =>
            input({
              id: `at-${when.replaceAll(':', '')}`,
              territories: [territory],
              observed: { from: when } as Observed,
            }),
          ),
        )
        const made = await handleReportMessage({ kind: 'scheduled', territory, cadence, scheduledAt: at }, services, {
          report: async () => undefined,
          delivery: async (message) => void (await deliverReport(message, services, mailing)),
        })
        const found = made && 'edition' in made ? made.edition.period.id : undefined
        costs.push(found === period ? costOf([]) : lostOnly(`the run at ${at} told of ${found}, not of ${period}`))
      }
      const periods = [...new Set(runs.map(([, period]) => period))]
      for (const period of periods) {
        const due = seen.filter(([, of]) => of === period).map(([when]) => `at-${when.replaceAll(':', '')}`)
        costs.push(
          await detectionsLook(services, territory, [period], due),
          await versionLook(services, { territory, period }, due.length),
        )
      }
      const { mails } = await outboxLook(home)
      costs.push(
        await detectionsLook(
          services,
          territory,
          periods,
          seen.map(([when]) => `at-${when.replaceAll(':', '')}`),
        ),
        mailsLook(
          mails,
          periods.map((period) => `${territory}.${period}.`),
        ),
        await homeLook(home, services),
      )
      return {
        ...costOf(costs),
        injected: runs.length,
        done: `${runs.length} runs, ${seen.length} detections around it: each in one period, each report made and mailed once`,
      }
    } finally {
      await opened.close()
    }
  }

/** The command line under another clock, all territories. */
const week53: Row['inject'] = async (grounds) => {
  const home = join(grounds.folder(), 'home')
  const env = clockEnv('2027-01-04T20:00:00Z')
  const runs = [
    await vigie(['weekly', '--home', home, '--json'], { env }),
    await vigie(['weekly', '--home', home, '--json'], { env }),
  ]
  const weeks = runs.map((ran) => jsonOf<WeeklyJson>(ran).reports.map(({ period }) => period))
  const wrong = weeks.flat().filter((week) => week !== '2026-W53')
  const looked = await openedOn(home, async ({ services }) =>
    costOf([
      ...(await Promise.all(
        territories.map(({ code }) => versionLook(services, { territory: code, period: '2026-W53' }, 0)),
      )),
      await homeLook(home, services),
    ]),
  )
  return {
    ...costOf([
      ...runs.map((ran) => endedWith('weekly', ran)),
      looked,
      wrong.length === 0 ? costOf([]) : lostOnly(`${wrong.length} reports are of ${wrong[0]}`),
    ]),
    injected: runs.length,
    done: `vigie weekly on 4 January 2027, twice: ${weeks[0]?.length} reports of 2026-W53, once each`,
  }
}

/** Stored by a clock that is ahead, looked at by one that is right. */
const ahead: Row['inject'] = async (grounds) => {
  const folder = grounds.folder()
  await mkdir(folder, { recursive: true })
  const home = join(folder, 'home')
  const week = '2024-W20'
  const file = await writeNdjson(join(folder, 'fast.ndjson'), input({ id: 'a' }), input({ id: 'b' }))
  const env = clockEnv(40 * 86_400_000)
  const ran = [
    await vigie(['ingest', file, '--home', home], { env }),
    await vigie(['report', 'NC', week, '--home', home]),
    await vigie(['ingest', file, '--home', home]),
    await vigie(['report', 'NC', week, '--home', home]),
  ]
  const told = ran[1]?.stderr.includes('the clock was ahead') ? lostOnly() : lostOnly('nobody is told')
  const looked = await openedOn(home, async ({ services }) =>
    costOf([
      await detectionsLook(services, 'NC', [week], ['a', 'b']),
      await versionLook(services, { territory: 'NC', period: week }, 2),
      await homeLook(home, services),
    ]),
  )
  return {
    ...costOf([...ran.map((one) => endedWith('a command', one)), told, looked]),
    injected: 1,
    done: 'told and set back at the next start; the same file is known, and one report counts all',
  }
}

const where = 'a home, runs on schedule'

export const clockRows: readonly Row[] = [
  {
    group: 'clock',
    name: 'the clock at a skipped hour',
    where: `${where}, Corsica`,
    inject: told({
      territory: 'COR',
      cadence: 'week',
      runs: [
        ['2024-03-31T00:59:59Z', '2024-W12'],
        ['2024-03-31T01:00:00Z', '2024-W12'],
        ['2024-04-01T04:30:00Z', '2024-W13'],
        ['2024-04-08T04:30:00Z', '2024-W14'],
      ],
      seen: [
        ['2024-03-24', '2024-W12'],
        ['2024-03-31T00:59:59Z', '2024-W13'],
        ['2024-03-31T01:00:00Z', '2024-W13'],
        ['2024-03-31T21:59:59Z', '2024-W13'],
        ['2024-03-31', '2024-W13'],
        ['2024-03-31T22:00:00Z', '2024-W14'],
      ],
    }),
  },
  {
    group: 'clock',
    name: 'the clock at a repeated hour',
    where: `${where}, Corsica`,
    inject: told({
      territory: 'COR',
      cadence: 'week',
      // Half past two comes twice.
      runs: [
        ['2024-10-27T00:30:00Z', '2024-W42'],
        ['2024-10-27T01:30:00Z', '2024-W42'],
        ['2024-10-28T05:30:00Z', '2024-W43'],
        ['2024-11-04T05:30:00Z', '2024-W44'],
      ],
      seen: [
        ['2024-10-20', '2024-W42'],
        ['2024-10-27T00:30:00Z', '2024-W43'],
        ['2024-10-27T01:30:00Z', '2024-W43'],
        ['2024-10-27T22:59:59Z', '2024-W43'],
        ['2024-10-27T23:00:00Z', '2024-W44'],
      ],
    }),
  },
  {
    group: 'clock',
    name: 'the clock on 29 February',
    where: `${where}, New Caledonia`,
    inject: told({
      territory: 'NC',
      cadence: 'month',
      runs: [
        ['2024-02-29T12:59:59Z', '2024-01'],
        ['2024-02-29T19:30:00Z', '2024-02'],
        ['2024-03-31T19:30:00Z', '2024-03'],
      ],
      seen: [
        ['2024-01-31', '2024-01'],
        ['2024-02-29', '2024-02'],
        ['2024-02-29T12:59:59Z', '2024-02'],
        ['2024-02-29T13:00:00Z', '2024-03'],
      ],
    }),
  },
  {
    group: 'clock',
    name: 'the clock in ISO week 53',
    where: `${where}, French Polynesia`,
    inject: told({
      territory: 'PF',
      cadence: 'week',
      runs: [
        ['2021-01-04T16:30:00Z', '2020-W53'],
        ['2021-01-11T16:30:00Z', '2021-W01'],
      ],
      seen: [
        ['2020-12-31', '2020-W53'],
        ['2021-01-01', '2020-W53'],
        ['2021-01-04T09:59:59Z', '2020-W53'],
        ['2021-01-04T10:00:00Z', '2021-W01'],
      ],
    }),
  },
  {
    group: 'clock',
    name: 'the clock set back by a minute',
    where: `${where}, New Caledonia`,
    inject: told({
      territory: 'NC',
      cadence: 'week',
      runs: [
        ['2024-05-19T19:30:00Z', '2024-W20'],
        ['2024-05-19T19:29:00Z', '2024-W20'],
        ['2024-05-26T19:30:00Z', '2024-W21'],
      ],
      seen: [
        ['2024-05-15', '2024-W20'],
        ['2024-05-19T12:59:59Z', '2024-W20'],
        ['2024-05-19T13:00:00Z', '2024-W21'],
      ],
    }),
  },
  {
    group: 'clock',
    name: 'the clock 40 days ahead, then right',
    where: 'a home, the command line',
    inject: ahead,
  },
  {
    group: 'clock',
    name: 'the command line in ISO week 53',
    where: 'a home, vigie weekly, all territories',
    inject: week53,
  },
  {
    group: 'clock',
    name: 'the clock at a zone-rule change',
    where: `${where}, Saint-Pierre-et-Miquelon, 1 May 1980`,
    inject: told({
      territory: 'PM',
      cadence: 'month',
      // From four hours behind UTC to three: the day began at one o'clock.
      runs: [
        ['1980-05-01T09:30:00Z', '1980-04'],
        ['1980-06-01T09:30:00Z', '1980-05'],
      ],
      seen: [
        ['1980-04-30', '1980-04'],
        ['1980-05-01T03:59:59Z', '1980-04'],
        ['1980-05-01T04:00:00Z', '1980-05'],
        ['1980-05-01', '1980-05'],
      ],
    }),
  },
]
