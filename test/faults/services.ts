/** A store and an archive that answer badly: refused, failed, slow, in part, half way. */
import { setTimeout as pause } from 'node:timers/promises'
import { clockEnv } from '../support/clock.ts'
import { isWrite } from '../support/kill-at.ts'
import {
  type Answered,
  type Asked,
  halfUnprocessed,
  type Interceptor,
  type StandInProxy,
  s3Error,
  tableError,
  truncated,
} from '../support/proxy.ts'
import type { Grounds, StageGround } from './grounds.ts'
import { laterMs, threeIn } from './killed.ts'
import { archiveLook, detectionsLook, versionLook } from './look.ts'
import { type Cost, costOf, endedWith, lostOnly, type Outcome, type Row } from './row.ts'

/** A fault in front of a service, told each time that it happens. */
type Faulty = (happened: () => void) => Interceptor

/** Takes a week of three in and makes its report under a fault; where the fault stops it, does both again without. */
const underFault = async (
  grounds: Grounds,
  stage: StageGround,
  service: StandInProxy,
  faulty: Faulty,
): Promise<{ readonly cost: Cost; readonly times: number; readonly stopped: boolean }> => {
  const { week, ids, file } = await threeIn(grounds, grounds.folder())
  let times = 0
  const mend = service.intercept(
    faulty(() => {
      times += 1
    }),
  )
  const both = async (env = {}) => [
    await stage.run(['ingest', file], { env }),
    await stage.run(['report', 'NC', week], { env }),
  ]
  const first = await both()
  mend()
  const stopped = first.some(({ code }) => code !== 0)
  const last = stopped ? await both(clockEnv(laterMs)) : first
  const cost = costOf([
    ...last.map((ran) => endedWith(stopped ? 'the second run' : 'the run', ran)),
    await detectionsLook(stage.services, 'NC', [week], ids),
    await versionLook(stage.services, { territory: 'NC', period: week }, ids.length),
  ])
  return { cost, times, stopped }
}

/** The same under several faults of one kind; what they have left verifies. */
const underEach = async (
  grounds: Grounds,
  of: (stage: StageGround) => StandInProxy,
  all: readonly Faulty[],
): Promise<Outcome> => {
  const stage = await grounds.stage()
  const done: Awaited<ReturnType<typeof underFault>>[] = []
  for (const faulty of all) done.push(await underFault(grounds, stage, of(stage), faulty))
  const stopped = done.filter((one) => one.stopped).length
  return {
    ...costOf([...done.map(({ cost }) => cost), await archiveLook(stage.services)]),
    injected: done.some(({ times }) => times === 0) ? 0 : done.reduce((sum, { times }) => sum + times, 0),
    done: `${done.length} weeks: ${done.length - stopped} done all the same, ${stopped} stopped and done again`,
  }
}

const always = () => true

/** The nth request and every one of the next `length - 1` that match are answered badly. */
export const from =
  (nth: number, length: number, answer: Interceptor, matches: (asked: Asked) => boolean = always): Faulty =>
  (happened) => {
    let seen = 0
    return async (asked, through) => {
      if (!matches(asked)) return through(asked)
      seen += 1
      if (seen < nth || seen >= nth + length) return through(asked)
      happened()
      return answer(asked, through)
    }
  }

/** Every third request that matches. */
const everyThird =
  (answer: Interceptor, matches: (asked: Asked) => boolean = always): Faulty =>
  (happened) => {
    let seen = 0
    return async (asked, through) => {
      if (!matches(asked)) return through(asked)
      seen += 1
      if (seen % 3 !== 0) return through(asked)
      happened()
      return answer(asked, through)
    }
  }

const answering =
  (answer: Answered): Interceptor =>
  async () =>
    answer

/** Carried out, and its answer lost under another one. */
const afterDoing =
  (answer: Answered): Interceptor =>
  async (asked, through) => {
    await through(asked)
    return answer
  }

/** Carried out, and the connection cut. */
const cutAfter: Interceptor = async (asked, through) => {
  await through(asked)
  throw new Error('cut')
}

const table = ({ stack }: StageGround) => stack.table
const archive = ({ stack }: StageGround) => stack.services

/** So many refusals in a row that the client gives up. */
export const lasting = 40
/** Steps of the work at which a lasting fault begins: within ingest, at the claim, within the report. */
const beginnings = [2, 6, 12, 20, 30]

export const throttled = answering(tableError('ProvisionedThroughputExceededException'))
const failed = tableError('InternalServerError', 500)

export const puts = ({ method, url }: Asked) => method === 'PUT' && url.includes('/reports/')
const gets = ({ method, url }: Asked) => method === 'GET' && url.includes('/reports/')
/** The report before it is read again, since the new one is compared with it. */
const readsAgain = async (grounds: Grounds, faulty: Faulty): Promise<Outcome> => {
  const stage = await grounds.stage()
  const { week, ids, file } = await threeIn(grounds, grounds.folder())
  const made = [await stage.run(['ingest', file]), await stage.run(['report', 'NC', week])]
  let times = 0
  const mend = stage.stack.services.intercept(
    faulty(() => {
      times += 1
    }),
  )
  const broken = await stage.run(['report', 'NC', week])
  const verified = await stage.run(['archive', 'verify'])
  mend()
  const again = await stage.run(['report', 'NC', week])
  return {
    ...costOf([
      ...made.map((ran) => endedWith('the first run', ran)),
      // Half a report is an error, never a report.
      broken.code === 1 && verified.code === 1 ? lostOnly() : lostOnly('half a body was taken for the whole'),
      endedWith('the run after', again),
      await versionLook(stage.services, { territory: 'NC', period: week }, ids.length),
      await archiveLook(stage.services),
    ]),
    injected: times,
    done: 'the report and verify say that it cannot be read; whole again, it is found and nothing is made anew',
  }
}

/** Another maker's bytes lie under the first key of the version. */
const keyTaken: Row['inject'] = async (grounds) => {
  const stage = await grounds.stage()
  const { week, ids, file } = await threeIn(grounds, grounds.folder())
  const ingested = await stage.run(['ingest', file])
  const key = `reports/NC/${week}/amber/v0001/report.en.pdf`
  let taken = 0
  // Put between the claim and the write: a version that is there before is one that the index lost.
  const mend = archive(stage).intercept(async (asked, through) => {
    if (taken === 0 && asked.method === 'PUT' && asked.url.includes(key)) {
      taken += 1
      await stage.services.archive.put(key, Buffer.from('of another maker'), 'application/pdf')
    }
    return through(asked)
  })
  const made = await stage.run(['report', 'NC', week])
  mend()
  const kept = Buffer.from(await stage.services.archive.get(key)).toString() === 'of another maker'
  return {
    ...costOf([
      endedWith('ingest', ingested),
      endedWith('report', made),
      kept ? lostOnly() : lostOnly(`${key} was overwritten`),
      await versionLook(stage.services, { territory: 'NC', period: week }, ids.length),
      await archiveLook(stage.services),
    ]),
    injected: taken,
    done: 'its number is given up, the next one is published, the other’s bytes stay',
  }
}

export const serviceRows: readonly Row[] = [
  {
    group: 'store',
    name: 'store throttled',
    where: 'a stage’s table, ingest and report',
    inject: (grounds) =>
      underEach(grounds, table, [everyThird(throttled), ...beginnings.map((nth) => from(nth, lasting, throttled))]),
  },
  {
    group: 'store',
    name: 'store answers 500, the write refused or carried out',
    where: 'a stage’s table, ingest and report',
    inject: (grounds) =>
      underEach(grounds, table, [
        everyThird(answering(failed)),
        everyThird(afterDoing(failed), isWrite),
        everyThird(cutAfter, isWrite),
        ...beginnings.map((nth) => from(nth, lasting, afterDoing(failed))),
      ]),
  },
  {
    group: 'store',
    name: 'store slow',
    where: 'a stage’s table, ingest and report',
    inject: (grounds) =>
      underEach(grounds, table, [
        from(1, 1_000, async (asked, through) => {
          await pause(250)
          return through(asked)
        }),
      ]),
  },
  {
    group: 'store',
    name: 'half of each batch unprocessed',
    where: 'a stage’s table, ingest and report',
    inject: (grounds) => underEach(grounds, table, [halfUnprocessed]),
  },
  {
    group: 'archive',
    name: 'archive answers 412 to its own write',
    where: 'a stage’s bucket, the write’s answer lost',
    inject: (grounds) => underEach(grounds, archive, [everyThird(afterDoing(s3Error(503, 'SlowDown')), puts)]),
  },
  {
    group: 'archive',
    name: 'archive answers 412, another’s bytes',
    where: 'a stage’s bucket, report',
    inject: keyTaken,
  },
  {
    group: 'archive',
    name: 'archive answers 409',
    where: 'a stage’s bucket, report',
    inject: (grounds) => {
      const conflict = answering(s3Error(409, 'ConditionalRequestConflict'))
      return underEach(grounds, archive, [everyThird(conflict, puts), from(4, lasting, conflict, puts)])
    },
  },
  {
    group: 'archive',
    name: 'archive answers 503',
    where: 'a stage’s bucket, report',
    inject: (grounds) => {
      const slowDown = answering(s3Error(503, 'SlowDown'))
      return underEach(grounds, archive, [
        everyThird(slowDown, puts),
        from(1, lasting, slowDown, puts),
        from(8, lasting, slowDown, puts),
      ])
    },
  },
  {
    group: 'archive',
    name: 'archive sends half a body',
    where: 'a stage’s bucket, report and verify',
    inject: (grounds) =>
      readsAgain(
        grounds,
        from(1, 1_000, async (asked, through) => truncated(await through(asked)), gets),
      ),
  },
]
